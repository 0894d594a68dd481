"""Histories of a few rows, drawn in ASCII, and their features on DuckDB."""

from datetime import date
from functools import cache
from typing import Any

import ibis
import pandas as pd

from clv.timeline import History, epoch_day
from glue_jobs.features.assemble import features
from tests.ascii_table import table

SCHEMAS = {
    "orders": {
        "order_id": "string", "customer_id": "string", "day": "int32", "entry_ts": "timestamp",
        "country": "string", "device": "string", "payment_method": "string", "voucher": "int32",
        "rate_per_eur": "float64", "gross_eur_cents": "int64", "discount_eur_cents": "int64",
        "net_eur_cents": "int64", "cost_eur_cents": "int64", "line_count": "int64", "units": "int64",
    },
    "lines": {
        "order_id": "string", "customer_id": "string", "day": "int32", "sku": "string", "units": "int64",
        "net_eur_cents": "int64",
    },
    "entries": {"customer_id": "string", "day": "int32", "kind": "string", "amount_eur_cents": "int64"},
    "customers": {
        "customer_id": "string", "signup_day": "int32", "country": "string", "device": "string",
        "acquisition_channel": "string", "campaign": "string", "marketing_consent": "boolean",
    },
    "products": {"sku": "string", "category": "string", "brand": "string"},
    "web": {"customer_id": "string", "day": "int32", "type": "string", "device": "string"},
    "email": {"customer_id": "string", "day": "int32", "type": "string", "device": "string"},
    "markets": {"country": "string", "launch_day": "int32"},
}  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "orders": {"voucher": 0, "discount_eur": 0, "net_eur": 10, "line_count": 1, "units": 1},
    "lines": {"units": 1, "net_eur": 10},
    "entries": {"kind": "sale", "amount_eur": 10},
    "web": {"type": "view"},
    "email": {"type": "open"},
}


def history(as_of: str, orders: str, **drawn: str) -> History:
    """Return the History of drawn tables.

    Days are dates (`day`, `signup_day`, `launch_day`, or `entry_ts` with a time), money is in EUR
    (`net_eur`, …). Orders and lines are numbered where they have no id; an order's gross value is net and
    discount. Entries are the orders' sales unless drawn. Optional tables not drawn are None.
    """
    frames = {name: _filled(name, table(text)) for name, text in drawn.items()} | {"orders": _orders(orders)}
    frames.setdefault("lines", pd.DataFrame())
    frames.setdefault("entries", frames["orders"].assign(kind="sale", amount_eur=lambda rows: rows.net_eur))
    made = {name: ibis.memtable(_typed(name, frame)) for name, frame in frames.items()}
    made = {name: made[name].cast(SCHEMAS[name]) for name in made}
    return History(as_of=date.fromisoformat(as_of), **{name: made.get(name) for name in SCHEMAS})


def features_of(known: History) -> dict[str, dict[str, Any]]:
    """Return the features of every customer on DuckDB, None for null."""
    rows = ibis.duckdb.connect().to_pyarrow(features(known)).to_pylist()
    found = {row["customer_id"]: row for row in rows}
    assert len(found) == len(rows), "a customer has several rows"
    return found


class Told:
    """The features of a history, computed when first asked for."""

    def __init__(self, as_of: str, orders: str, **drawn: str) -> None:
        self.rows = cache(lambda: features_of(history(as_of, orders, **drawn)))

    def __call__(self, customer_id: str, *names: str) -> Any:
        """Return one feature, or a list of several."""
        values = [self.rows()[customer_id][name] for name in names]
        return values[0] if len(names) == 1 else values


def _orders(text: str) -> pd.DataFrame:
    rows = _filled("orders", table(text))
    if "order_id" not in rows:
        rows["order_id"] = [f"o{number}" for number in range(len(rows))]
    rows["entry_ts"] = pd.to_datetime(rows.get("entry_ts", rows.get("day")), format="ISO8601")
    rows["day"] = rows.entry_ts.dt.strftime("%Y-%m-%d")
    if "gross_eur" not in rows:
        rows["gross_eur"] = rows.net_eur + rows.discount_eur
    return rows


def _filled(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    missing = {key: value for key, value in DEFAULTS.get(name, {}).items() if key not in rows}
    return rows.assign(**missing)


def _typed(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    columns = {column: _column(rows, column, kind) for column, kind in SCHEMAS[name].items()}
    return pd.DataFrame(columns, index=rows.index)


def _column(rows: pd.DataFrame, column: str, kind: str) -> Any:
    euros = column.removesuffix("_cents")
    if column.endswith("day"):
        values = rows.get(column, pd.Series(None, index=rows.index, dtype=object))
        days = [None if pd.isna(text) else epoch_day(date.fromisoformat(text)) for text in values]
        return pd.array(days, dtype="Int32")
    if euros != column and euros in rows:
        return (rows[euros] * 100).round().astype("Int64")
    values = rows.get(column, pd.Series(None, index=rows.index, dtype=object))
    if kind in ("int32", "int64"):
        return pd.array(values, dtype="Int64")
    if kind in ("string", "boolean"):
        return values.astype(kind)
    return values
