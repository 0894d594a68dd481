"""Exact aggregates: int64 sums first, then every mean, share or spread as one scalar expression of them."""

from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


def total(value: ir.Value, where: ir.BooleanValue | None = None) -> ir.IntegerValue:
    """Return the int64 sum of an integer column; null where no row counts.

    DuckDB sums int64 to HUGEINT. Ibis, which infers int64, drops a cast to it, but keeps one to its non-null
    type.
    """
    return value.cast("int64").sum(where=where).cast(dt.int64(nullable=False)).cast("int64")


def number(rows: ir.Table, where: ir.BooleanValue) -> ir.IntegerValue:
    """Return how many rows of customers meet a condition.

    Counts a column that is never null, since Ibis turns `rows.count(where=…)` on Spark into a sum, which is
    null where the condition is null for every row.
    """
    return rows.customer_id.count(where=where)


def within(day: ir.IntegerValue, begin: ir.Value | int, end: ir.Value | int) -> ir.BooleanValue:
    """Say whether a day lies in [begin, end)."""
    return (day >= begin) & (day < end)


def ratio(part: ir.Value, whole: ir.Value) -> ir.FloatingValue:
    """Return part / whole in float64; null where whole is 0."""
    return part / whole.nullif(0)


def eur(cents: ir.IntegerValue) -> ir.FloatingValue:
    """Return EUR of EUR cents."""
    return cents / 100


def spread(count: ir.Value, sum_: ir.Value, squares: ir.Value) -> ir.FloatingValue:
    """Return the population standard deviation given n, Σx and Σx²; null below two values.

    Cancellation may leave a tiny negative variance.
    """
    mean = ratio(sum_, count)
    variance = ibis.greatest(ratio(squares, count) - mean * mean, ibis.literal(0.0, "float64"))
    return ibis.ifelse(count >= 2, variance.sqrt(), None)


def change(now: ir.Value, before: ir.Value) -> ir.FloatingValue:
    """Return (now − before) / (|now| + |before|), between −1 and 1; null where both are 0."""
    return ratio(now - before, now.abs() + before.abs())


def or_zero(row: ir.Table, name: str) -> ir.IntegerValue:
    """Return a sum with 0 for customers without any row behind it."""
    return row[name].fill_null(0)


def by_customer(rows: ir.Table, sums: Mapping[str, ir.Value]) -> ir.Table:
    """Return one row per customer with these aggregates."""
    return rows.group_by("customer_id").aggregate(**sums)


def beside(left: ir.Table, *rights: ir.Table) -> ir.Table:
    """Return every customer of `left` with the columns of all `rights`, null where one has none.

    One chain of joins, which Ibis writes far sooner than as many selections of all columns before it.
    """
    keys = [f"customer_id_{number_}" for number_ in range(len(rights))]
    row = left
    for key, right in zip(keys, rights, strict=True):
        row = row.left_join(right.rename({key: "customer_id"}), [("customer_id", key)])
    return row.drop(*keys)
