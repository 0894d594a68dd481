"""The columns of a raw table whose files differ: their types, and where files contradict each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from clv.errors import UserError
from clv.schema import Column, Table

TEXT, NULL = "string", "null"
"""Kinds of columns: text however it is stored, and what a writer makes of a column without a value."""

WHOLE = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"})
FRACTIONS = frozenset({"halffloat", "float", "double"})
NUMBERS = ("int64", "float64", "money")
"""Types of the contract that are read as float64 where they come with fractions."""

TIME, NANOSECONDS, DAY = "timestamp", "timestamp[ns]", "date32[day]"
_ALONE = {TEXT: "string", "bool": "boolean", DAY: "date"}
Columns = tuple[tuple[str, str], ...]
"""Names and kinds of a file's columns, in its order."""


@dataclass(frozen=True)
class Alike:
    """Files with the same columns: name to kind; null where no file has a value."""

    files: list[str]
    kinds: dict[str, str]


def disputed(table: Table, groups: list[Alike]) -> list[str]:
    """Return the columns of the contract that no type holds, as the kinds stand."""
    found = {c.name: [g.kinds[c.name] for g in groups if c.name in g.kinds] for c in table.columns}
    kinds = {name: [kind for kind in told if kind != NULL] for name, told in found.items()}
    return [column.name for column in table.columns if _type(column, kinds[column.name]) is None]


def joined_columns(table: Table, groups: list[Alike]) -> dict[str, str]:
    """Return the Ibis type of every column of the contract that some file has, such that no value is lost.

    Whole numbers become int64, numbers of which some have fractions float64, as the contract reads them
    itself; days become times. A column that a file lacks, or has without a value, does not count.

    Raises
    ------
    UserError
        Where a file lacks a required column, writes a column in another case than another file, or has
        values that are not of the kind of the others or of no kind that the contract reads.
    """
    for group in groups:
        _check_names(table, group, groups)
    return {
        column.name: _joined(column, [group for group in groups if column.name in group.kinds])
        for column in table.columns
        if any(column.name in group.kinds for group in groups)
    }


def _check_names(table: Table, group: Alike, groups: Iterable[Alike]) -> None:
    file, cased = group.files[0], {name.lower(): name for name in group.kinds}
    for column in table.columns:
        name = cased.get(column.name, column.name)
        other = next((other.files[0] for other in groups if column.name in other.kinds), None)
        if name != column.name and other is not None:
            raise UserError(f"{file}: column {name} is written {column.name} in {other}; write both alike")
        if column.required and name not in group.kinds:
            found = ", ".join(group.kinds) or "nothing"
            raise UserError(f"{file}: column {name} expected ({column.type}), found only {found}")


def _joined(column: Column, groups: list[Alike]) -> str:
    told = [group for group in groups if group.kinds[column.name] != NULL]
    kinds = [group.kinds[column.name] for group in told]
    for place, group in enumerate(told):
        if _type(column, kinds[: place + 1]) is None:
            raise UserError(f"{group.files[0]}: {_contradiction(column, place, told, kinds)}")
    return _type(column, kinds) or _own_type(column)


def _contradiction(column: Column, place: int, told: list[Alike], kinds: list[str]) -> str:
    if place == 0:
        return f"column {column.name} expected {column.type}, found {kinds[0]}"
    other = next(n for n in range(place) if _type(column, [kinds[n], kinds[place]]) is None)
    return (
        f"column {column.name} is {kinds[place]}, but {kinds[other]} in {told[other].files[0]}; "
        "deliver both alike"
    )


def _type(column: Column, kinds: list[str]) -> str | None:
    """Return the type that holds values of all these kinds, None where there is none."""
    found = set(kinds)
    if not found:
        return _own_type(column)
    if len(found) == 1 and kinds[0] in _ALONE:
        return _ALONE[kinds[0]]
    if found <= {TIME, NANOSECONDS, DAY}:
        return "timestamp"
    if found <= WHOLE:
        return "int64"
    numbers = all(kind in WHOLE | FRACTIONS or kind.startswith("decimal") for kind in found)
    return "float64" if numbers and column.type in NUMBERS else None


def _own_type(column: Column) -> str:
    return "float64" if column.type == "money" else column.type
