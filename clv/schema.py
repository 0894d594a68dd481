"""The vocabulary in which every table of the lake is declared."""

from dataclasses import dataclass
from typing import Literal

Type = Literal["string", "int64", "int32", "float64", "boolean", "timestamp", "date", "money"]


@dataclass(frozen=True)
class Column:
    """One column: its type, what it means, its unit, and what a row may hold.

    `required` columns must exist in the file; `nullable` says whether a single row may leave it empty.
    `money` is an amount in the row's own currency, turned into int64 cents at the contract's edge.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    required: bool = False
    nullable: bool = True
    at_least: float | None = None
    values: tuple[str, ...] = ()

    def constraint(self) -> str:
        """Return the rule in words, empty where there is none."""
        parts = [] if self.at_least is None else [f"≥ {self.at_least:g}"]
        if self.values:
            parts.append("one of " + ", ".join(self.values))
        return "; ".join(parts)


@dataclass(frozen=True)
class Reference:
    """Rows whose `column` is not null must find it in `table`, where that table is given."""

    column: str
    table: str


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key, its columns and the tables it points to.

    `event_ts` names the column with the time of the event; tables that have one are facts and may carry
    `recorded_ts`. `open_ended` tables may carry
    further attributes, which are kept and not read.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    mandatory: bool = False
    event_ts: str = ""
    references: tuple[Reference, ...] = ()
    open_ended: bool = False

    def column(self, name: str) -> Column:
        """Return the declaration of one column; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def version(self) -> str:
        """Return the column that orders the versions of one key, empty where a key has one row for good."""
        return next((name for name in ("recorded_ts", "valid_from") if name in self.names), "")

    @property
    def money(self) -> tuple[str, ...]:
        """Return the names of the money columns."""
        return tuple(column.name for column in self.columns if column.type == "money")
