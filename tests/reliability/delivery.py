"""A small delivery of raw tables as cells, to be changed and then written as Parquet or CSV."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.world.build import write_world
from clv.lake import Lake
from tests.reliability.week import silent

CUSTOMERS, SEED = 8, 3
EVENTS = 40
Bytes = Any


@dataclass
class Part:
    """One file: names, types and cells by column; what happens to its bytes; csv or parquet."""

    name: str
    form: str
    names: list[str]
    kinds: list[pa.DataType]
    columns: list[list[Any]]
    bytes_by: list[Bytes] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def copy(self, name: str) -> "Part":
        """Return an equal part of another name."""
        cells = [list(column) for column in self.columns]
        return Part(name, self.form, list(self.names), list(self.kinds), cells, list(self.bytes_by))

    def written(self) -> bytes:
        """Return the bytes of the file."""
        data = self._csv() if self.form == "csv" else self._parquet()
        for change in self.bytes_by:
            data = change(data)
        return data

    def _parquet(self) -> bytes:
        arrays = [pa.array(c, k, from_pandas=False) for c, k in zip(self.columns, self.kinds, strict=True)]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(arrays, names=self.names), sink)
        return sink.getvalue()

    def _csv(self) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.names)
        writer.writerows([_text(cell) for cell in row] for row in zip(*self.columns, strict=True))
        return out.getvalue().encode("utf-8", "surrogatepass")


Delivery = dict[str, list[Part]]


def delivery(form: str, *, events: bool, invoices: bool) -> Delivery:
    """Return the tables of a tiny marketplace, each one file; with events or invoices where asked for."""
    tables = dict(_tables())
    if not events:
        del tables["web_events"]
    if not invoices:
        del tables["invoices"]
    return {name: [_part(table, form)] for name, table in tables.items()}


def write(found: Delivery, lake: Lake) -> None:
    """Write a delivery as the raw tables of a lake."""
    for name, parts in found.items():
        folder = lake.path(f"raw/{name}")
        folder.mkdir(parents=True)
        for part in parts:
            (folder / part.name).write_bytes(part.written())
    lake.write_text("raw/extraction.json", '{"extracted_at": "2026-07-01T00:00:00"}')


def _part(table: pa.Table, form: str) -> Part:
    columns = [column.to_pylist() for column in table.columns]
    return Part(f"part-000.{form}", form, list(table.column_names), list(table.schema.types), columns)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


@cache
def _tables() -> dict[str, pa.Table]:
    """Return the raw tables of a marketplace of eight customers, cut to what its orders need."""
    with TemporaryDirectory(prefix="clv-raw-") as home:
        lake = Lake.at(Path(home))
        write_world(lake, CUSTOMERS, SEED, replace=False, progress=silent)
        names = ("orders", "order_lines", "refunds", "customers", "products", "fx_rates", "web_events")
        found = {name: pq.read_table(lake.path(f"raw/{name}"), partitioning=None) for name in names}
    lines, orders = found["order_lines"], found["orders"]
    rates = found["fx_rates"]
    wanted = pc.is_in(rates["currency"], pa.array([*set(orders["currency"].to_pylist()), "USD"]))
    recent = pc.greater(rates["rate_date"], pa.scalar(date(2023, 6, 1)))
    rates = rates.filter(pc.and_(wanted, recent))
    found["fx_rates"] = rates.filter(pc.equal(pc.day_of_week(rates["rate_date"]), 0))
    found["products"] = found["products"].filter(pc.is_in(found["products"]["sku"], pc.unique(lines["sku"])))
    found["web_events"] = found["web_events"].slice(0, EVENTS)
    first = orders.group_by("order_id").aggregate([("order_ts", "min")])
    ids = first["order_id"]
    found["invoices"] = pa.table({"invoice_id": ids, "order_id": ids, "invoice_ts": first["order_ts_min"]})
    return found
