"""Features at t₀: one row per customer, in the columns of the catalogue."""

import ibis
import ibis.expr.types as ir

from clv.feature_catalogue import FEATURES
from clv.segments import segment
from clv.timeline import History
from glue_jobs.features import (
    affinity,
    baskets,
    engagement,
    first_order,
    money,
    population,
    rhythm,
    season,
    spending,
)
from glue_jobs.features.exact import beside, by_customer
from glue_jobs.features.sequence import in_sequence


def features(history: History) -> ir.Table:
    """Return exactly one row per customer of the population, with the columns and types of FEATURES.

    The population are accounts opened before t₀ (or at an unknown time) and whoever has an order or a ledger
    entry; events alone make no customer. Features of a table that is not delivered are null.
    """
    order_sums = _order_sums(history)
    entry_sums = by_customer(history.entries, money.sums(history.entries, history.day))
    people = population.population(history.customers, [order_sums, entry_sums], history.day)
    row = beside(people, order_sums, entry_sums, *_optional_sums(history, order_sums))
    row = _with_market(row.mutate(**population.columns(row, history.day)), history)
    return _as_declared(row, _columns(row, history))


def _order_sums(history: History) -> ir.Table:
    orders = in_sequence(history.orders)
    sums = {
        **rhythm.sums(orders, history.day),
        **spending.sums(orders, history.day),
        **baskets.sums(orders),
        **first_order.sums(orders),
    }
    return by_customer(orders, sums)


def _optional_sums(history: History, order_sums: ir.Table) -> list[ir.Table]:
    firsts = order_sums.select("customer_id", "first_day")
    first_orders = order_sums.select(order_id="first_order_id")
    parts = affinity.sums(history.lines, history.products, first_orders)
    if history.web is not None:
        parts.extend(engagement.web_sums(history.web, firsts, history.day))
    if history.email is not None:
        parts.extend(engagement.email_sums(history.email, firsts, history.day))
    return parts


def _with_market(row: ir.Table, history: History) -> ir.Table:
    if history.markets is None:
        return row
    markets = history.markets.select("country", "launch_day")
    return row.left_join(markets, "country").drop("country_right")


def _columns(row: ir.Table, history: History) -> dict[str, ir.Value]:
    day = history.day
    ordered = row.orders_all.fill_null(0)
    found = {
        "as_of": ibis.literal(history.as_of),
        "segment": segment(ordered, day - row.first_day, ibis.cases),
        **rhythm.columns(row, day),
        **money.columns(row),
        **spending.columns(row),
        **baskets.columns(row),
        **first_order.columns(row),
        **affinity.columns(row),
        **season.columns(history.as_of),
    }
    if history.web is not None:
        found |= engagement.web_columns(row, day)
    if history.email is not None:
        found |= engagement.email_columns(row, day)
    if history.markets is not None:
        found["market_age_days"] = day - row.launch_day
    return found


def _as_declared(row: ir.Table, found: dict[str, ir.Value]) -> ir.Table:
    """Return the catalogue's columns; those of tables not delivered are null."""
    columns = {name: row[name] for name in FEATURES.names if name in row.columns} | found
    absent = ibis.null()
    return row.select(**{c.name: columns.get(c.name, absent).cast(c.type) for c in FEATURES.columns})
