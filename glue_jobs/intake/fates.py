"""What becomes of an input row by itself: good, or bad for a reason."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import sub

import ibis
import ibis.expr.types as ir

from clv.conform import MAX_AMOUNT, as_found, broken, typed, unreadable, within
from clv.contracts import HOLDOUT
from clv.money import to_cents
from clv.schema import Table

USED, QUARANTINED, EXCLUDED = "used", "quarantined", "excluded"

MIN_RATE = 1e-3
"""No unit of a currency is worth more than EUR 1,000; below this, EUR cents would leave int64."""

CENTS_OF = {
    "order_lines": ("gross_amount", "discount", "tax"),
    "refunds": ("amount", "tax"),
    "treatments": ("cost",),
}
"""The amounts that make up the net money of a row: the first less the others."""

Rule = tuple[str, ir.BooleanValue]


def judged(table: Table, found: ir.Table, extracted_at: datetime | None) -> ir.Table:
    """Return the contract's columns typed, `<column>_text` of what may be unreadable, `reason` and `cents`.

    `reason` is the first rule that the row breaks by itself, null for a good row; `cents` is its net money in
    its own currency, 0 where that cannot be read.
    """
    texts = {f"{name}_text": found[name].cast("string") for name in as_found(table, found)}
    own = first_of(unreadable(table, found))
    rows = found.select(**typed(table, found), **texts, unreadable=own)
    columns, cents = rows.columns, CENTS_OF.get(table.name, ())
    rows = rows.mutate(**{f"{name}_cents": _cents(rows[name]) for name in cents})
    rules = [*broken(table, rows), *_relations(table, rows), *_from_the_future(table, rows, extracted_at)]
    reason = ibis.coalesce(rows.unreadable, first_of(rules))
    judged_rows = rows.mutate(reason=reason, cents=_net_cents(table, rows))
    return judged_rows.select(*columns, "reason", "cents").drop("unreadable")


def first_of(rules: Iterable[Rule]) -> ir.StringValue:
    """Return the reason of the first rule that a row breaks, null where it breaks none."""
    nothing = ibis.null().cast("string")
    pairs = [(predicate, ibis.literal(reason)) for reason, predicate in rules]
    return ibis.cases(*pairs, else_=nothing) if pairs else nothing


def _relations(table: Table, rows: ir.Table) -> Iterator[Rule]:
    """Yield the rules between columns of one row."""
    if table.name == "order_lines":
        paid = rows.gross_amount_cents - rows.discount_cents
        yield "discount above gross_amount", paid < 0
        yield "tax above what was paid", rows.tax_cents > paid
        yield "unit_cost times quantity out of range", rows.unit_cost * rows.quantity > MAX_AMOUNT
    if table.name == "refunds":
        yield "tax above amount", rows.tax_cents > rows.amount_cents
    if table.name == "orders":
        yield "cancelled before it was placed", rows.cancelled_ts < rows.order_ts
    if table.name == "treatments":
        yield "propensity outside (0, 1]", ~within(rows.propensity, 0, 1) | (rows.propensity <= 0)
        yield "holdout of propensity 1", (rows.purpose == HOLDOUT) & (rows.propensity >= 1)
    if table.name == "fx_rates":
        yield "rate_per_eur out of range", ~within(rows.rate_per_eur, MIN_RATE, MAX_AMOUNT)


def _from_the_future(table: Table, rows: ir.Table, extracted_at: datetime | None) -> Iterator[Rule]:
    if extracted_at is None:
        return
    for column in table.columns:
        if column.type == "timestamp":
            yield f"{column.name} after the extraction", rows[column.name] > ibis.timestamp(extracted_at)


def _net_cents(table: Table, rows: ir.Table) -> ir.IntegerValue:
    """Return the first of the table's amounts less the others, 0 for each that cannot be read."""
    amounts = [rows[f"{name}_cents"].fill_null(0) for name in CENTS_OF.get(table.name, ())]
    return reduce(sub, amounts) if amounts else ibis.literal(0, "int64")


def _cents(amount: ir.FloatingValue) -> ir.IntegerValue:
    readable = ibis.ifelse(within(amount, -MAX_AMOUNT, MAX_AMOUNT), amount, ibis.null().cast("float64"))
    return to_cents(readable)
