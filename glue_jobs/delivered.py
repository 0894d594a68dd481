"""How many rows of each raw table there are by day of their event, whatever becomes of them."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from clv.conform import typed
from clv.contracts import CUSTOMERS, FX_RATES, RAW_TABLES

DATED_BY = {
    **{name: table.event_ts for name, table in RAW_TABLES.items() if table.event_ts},
    CUSTOMERS.name: "signup_ts",
    FX_RATES.name: "rate_date",
}
"""The column that says when a row of a raw table arose; the others come with an order, or change seldom."""


def delivered(raw: Mapping[str, ir.Table]) -> ir.Table:
    """Return source, type (of an event, else empty), day and rows, in this order; undated rows are left out.

    Days are counted from 1970-01-01: Spark writes no dates of the year 1, which a raw table may well hold.

    raw : delivered tables as found; orders are among them
    """
    return ibis.union(*(_by_day(name, raw[name]) for name in DATED_BY if name in raw)).order_by(
        ["source", "type", "day"]
    )


def _by_day(name: str, found: ir.Table) -> ir.Table:
    """Count by the text as delivered first: to strip every row's type takes longer than to count the rows."""
    table = RAW_TABLES[name]
    day = typed(table, found)[DATED_BY[name]].cast("date")
    kinds = {"type": found["type"]} if "type" in table.names else {}
    dated = found.select(**kinds, day=day)
    counted = dated.group_by([*kinds, "day"]).agg(rows=dated.count())
    kind = typed(table, counted)["type"].fill_null("") if kinds else ibis.literal("")
    named = counted.select("rows", type=kind, day=counted.day.epoch_days().cast("int32"))
    named = named.filter(named.day.notnull())
    summed = named.group_by(["type", "day"]).agg(rows=named["rows"].sum().cast("int64"))
    return summed.select("type", "day", "rows", source=ibis.literal(name)).relocate("source")
