"""The Parquet files that the features of one t₀ are computed from."""

from dataclasses import dataclass
from datetime import date

from clv.engine import literal
from clv.lake import Lake
from glue_jobs.intake.accept import EVENTS

LEDGER_TABLES = (
    *("orders", "lines", "entries", "customers", "products", "markets"),
    *(f"disputed_{name}" for name in EVENTS),
)


@dataclass(frozen=True)
class Files:
    """Paths by table: those of the committed ledger, and the event tables as delivered."""

    as_of: date
    tables: dict[str, list[str]]

    @classmethod
    def of(cls, lake: Lake, as_of: date) -> "Files":
        """Return the files of a lake whose ledger is committed."""
        ledger = {name: lake.files("ledger", f"{name}/") for name in LEDGER_TABLES}
        return cls(as_of, ledger | {name: lake.raw_files(name) for name in EVENTS})

    def literal(self, name: str) -> str:
        """Return the paths of a table as SQL writes a list of texts."""
        return f"[{', '.join(literal(file) for file in self.tables[name])}]"
