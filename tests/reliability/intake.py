"""What the intake makes of a delivery, held against an independent count of its rows and cents."""

import csv
import io
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from clv.conform import MAX_AMOUNT
from clv.engine import DuckEngine
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings
from glue_jobs.build_features import build_features
from glue_jobs.build_ledger import build_ledger
from glue_jobs.intake.accounts import Line
from tests.reliability.week import AS_OF, silent

NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?")
AMOUNTS = {"order_lines": ("gross_amount", "discount", "tax"), "refunds": ("amount", "tax")}
LONGEST_LINE = 1_000
Rows = list[dict[str, Any]]


def outcome(engine: DuckEngine, lake: Lake, limit: float, *, features: bool) -> str:
    """Return `used`, `quarantined`, `too bad` or `refused`; AssertionError where anything else comes of it.

    Whatever else is raised, such as an error of DuckDB, passes through: it is a bug too.
    """
    try:
        lines = build_ledger(engine, lake, Settings(quarantine_limit=limit), "r1", silent)
    except UserError as error:
        told = str(error)
        assert "\n" not in told, told
        assert len(told) < LONGEST_LINE, told
        assert lake.current("ledger") is None
        if "in quarantine" in told:
            assert lake.current("quarantine").row_count > 0
            return "too bad"
        return f"refused: {_kind(told)}"
    _check_accounts(lake, lines)
    if features:
        build_features(engine, lake, AS_OF, "r1")
    return "quarantined" if any(line.fate == "quarantined" for line in lines) else "used"


def _kind(told: str) -> str:
    """Return what a refusal says, without its particulars."""
    return re.sub(r"\S*/raw/|\(.*", "", told)[:60]


def _check_accounts(lake: Lake, lines: list[Line]) -> None:
    """Rows in = used + quarantined + excluded, cents likewise, and each of them lies where it is said to."""
    for name in {line.table for line in lines} - {"imported file"}:
        own = [line for line in lines if line.table == name]
        found = _found(lake, name)
        if found is not None:
            assert sum(line.rows for line in own) == len(found), f"{name}: {len(found)} rows in, {own}"
            cents = sum(map(lambda row: _net_cents(name, row), found))  # noqa: C417
            assert sum(line.cents for line in own) == cents, f"{name}: {cents} cents in, {own}"
        for fate in ("quarantined", "excluded"):
            partition = "quarantine" if fate == "quarantined" else fate
            kept = _rows(lake, partition, f"table={name}/")
            assert kept == sum(line.rows for line in own if line.fate == fate), f"{name} {fate}: {kept}"
    used = sum(line.rows for line in lines if (line.table, line.fate) == ("order_lines", "used"))
    assert _rows(lake, "ledger", "lines/") == used


def _rows(lake: Lake, partition: str, table: str) -> int:
    return sum(pq.ParquetFile(file).metadata.num_rows for file in lake.files(partition, table))


def _found(lake: Lake, name: str) -> Rows | None:
    """Return the rows of a raw table as another reader finds them; None where it finds them unclear."""
    rows: Rows = []
    for file in lake.raw_files(name):
        own = _csv_rows(Path(file)) if file.endswith(".csv") else pq.ParquetFile(file).read().to_pylist()
        if own is None:
            return None
        rows += own
    return rows


def _csv_rows(file: Path) -> Rows | None:
    csv.field_size_limit(10**7)
    try:
        text = file.read_bytes().decode("utf-8-sig")
        head, *body = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        return None
    return [dict(zip(head, row, strict=False)) for row in body if row]


def _net_cents(name: str, row: dict[str, Any]) -> int:
    first, *others = (_cents(row.get(column)) for column in AMOUNTS.get(name, ("",)))
    return first - sum(others)


def _cents(value: Any) -> int:
    """Return the cents of an amount, half a cent away from zero; 0 where it cannot be read."""
    if isinstance(value, str):
        value = float(value.strip()) if NUMBER.fullmatch(value.strip()) else None
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        return 0
    number = float(value)
    if not math.isfinite(number) or abs(number) > MAX_AMOUNT:
        return 0
    return int(math.copysign(math.floor(abs(number * 100) + 0.5), number))
