"""Lakes built of small ASCII tables, and what the ledger job makes of them."""

import atexit
import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clv.contracts import RAW_TABLES
from clv.engine import DuckEngine
from clv.lake import Lake
from clv.schema import Type
from clv.settings import Settings
from clv.timeline import Future, History, Horizon
from glue_jobs import known
from glue_jobs.build_ledger import build_ledger
from glue_jobs.intake.accounts import Line
from glue_jobs.sources import open_sources

Row = dict[str, Any]
Columns = dict[str, list[str]]

DEFAULTS: dict[str, dict[str, str]] = {
    "orders": {"customer_id": "ann", "order_ts": "2024-01-10", "currency": "EUR"},
    "order_lines": {"line_no": "1", "quantity": "1", "gross_amount": "100", "discount": "0", "tax": "0"},
    "refunds": {"customer_id": "ann", "amount": "10", "tax": "0", "currency": "EUR"},
    "web_events": {"customer_id": "ann", "type": "view"},
    "email_events": {"customer_id": "ann", "type": "open"},
    "treatments": {
        "campaign": "spring",
        "treatment_ts": "2024-02-05",
        "rule": "top_clv",
        "cost": "1",
        "currency": "EUR",
    },
}
NO_RATES = "currency | rate_date | rate_per_eur"
NO_LIMIT = Settings(quarantine_limit=1.0)
_ARROW: dict[Type, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "money": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}
_PARSE: dict[Type, Any] = {
    "string": str,
    "int64": int,
    "float64": float,
    "money": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
}


@dataclass(frozen=True)
class Built:
    """A lake with a committed ledger."""

    lake: Lake
    accounts: list[Line]

    def rows(self, table: str, partition: str = "ledger") -> list[Row]:
        """Return the rows of a committed table."""
        return pq.read_table(self.lake.files(partition, f"{table}/"), partitioning=None).to_pylist()

    def history(self, as_of: str) -> History:
        """Return the History at t₀ of `as_of`."""
        return known.history(open_sources(engine(), self.lake), date.fromisoformat(as_of))

    def future(self, as_of: str, days: int) -> Future:
        """Return the Future of `as_of`."""
        return known.future(open_sources(engine(), self.lake), date.fromisoformat(as_of), Horizon(days))


@cache
def engine() -> DuckEngine:
    """Return the one engine of these tests."""
    return DuckEngine.start(scratch() / "spill")


def scratch() -> Path:
    """Return a new folder that is removed when the tests end."""
    folder = Path(mkdtemp(prefix="clv-spec-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def built(on: Lake, settings: Settings = NO_LIMIT, run_id: str = "r1") -> Built:
    """Return a lake with its ledger committed; by default any quarantine is let through."""
    return Built(on, build_ledger(engine(), on, settings, run_id, lambda _: None))


def lake(root: Path, extracted_at: str = "", suffix: str = "parquet", **tables: str | Columns) -> Lake:
    """Return a lake of raw tables, given as ASCII tables; columns not given get a sane default."""
    told = datetime.fromisoformat(extracted_at) if extracted_at else None
    on = Lake.at(root)
    with on.replace_raw(told, replace=False) as raw:
        for name, given in {"fx_rates": NO_RATES, **tables}.items():
            columns = columns_of(given, DEFAULTS.get(name, {})) if isinstance(given, str) else given
            write_raw(raw, name, columns, suffix)
    return on


def write_raw(raw: Path, name: str, columns: Columns, suffix: str) -> None:
    """Write one raw table, every cell given as text, empty for null."""
    (raw / name).mkdir()
    (_write_csv if suffix == "csv" else _write_parquet)(name, columns, raw / name / f"part-0.{suffix}")


def columns_of(text: str, defaults: Mapping[str, str]) -> Columns:
    """Return the columns of an ASCII table, preceded by the defaults it does not name."""
    head, *body = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    columns = {name: [value] * len(body) for name, value in defaults.items() if name not in head}
    return columns | {name: [row[n] for row in body] for n, name in enumerate(head)}


def pulled(table: Any) -> list[Row]:
    """Return the rows of an expression."""
    return engine().connection.to_pyarrow(table).to_pylist()


def cents_by(name: str, rows: Iterable[Row], amount: str = "amount_eur_cents") -> dict[str, int]:
    """Return the sum of cents by one column."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[name]] += row[amount]
    return dict(sums)


def short(value: Any) -> Any:
    """Return a timestamp as text, without its time at midnight; anything else as it is."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    return value


def _write_csv(name: str, columns: Columns, file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_parquet(name: str, columns: Columns, file: Path) -> None:
    kinds: dict[str, Type] = {column.name: column.type for column in RAW_TABLES[name].columns}
    arrays = {}
    for column, cells in columns.items():
        kind = kinds.get(column, "string")
        arrays[column] = pa.array([_PARSE[kind](cell) if cell else None for cell in cells], _ARROW[kind])
    pq.write_table(pa.table(arrays), file)
