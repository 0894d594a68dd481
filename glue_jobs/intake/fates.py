"""What becomes of an input row by itself: good, or bad for a reason."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import ibis
import ibis.expr.types as ir

from clv.conform import MAX_AMOUNT, as_found, broken, typed, unreadable
from clv.money import to_cents
from clv.schema import Table

USED, QUARANTINED, EXCLUDED = "used", "quarantined", "excluded"

MIN_RATE = 1e-3
"""No unit of a currency is worth more than EUR 1,000; below this, EUR cents would leave int64."""

Rule = tuple[str, ir.BooleanValue]


def judged(table: Table, found: ir.Table, extracted_at: datetime | None) -> ir.Table:
    """Return the contract's columns typed, `<column>_text` of what may be unreadable, `reason` and `cents`.

    `reason` is the first rule that the row breaks by itself, null for a good row; `cents` is its net money in
    its own currency, 0 where that cannot be read.
    """
    texts = {f"{name}_text": found[name].cast("string") for name in as_found(table, found)}
    own = first_of(unreadable(table, found))
    rows = found.select(**typed(table, found), **texts, unreadable=own)
    rules = [*broken(table, rows), *_relations(table, rows), *_from_the_future(table, rows, extracted_at)]
    reason = ibis.coalesce(rows.unreadable, first_of(rules))
    return rows.mutate(reason=reason, cents=_net_cents(table, rows)).drop("unreadable")


def first_of(rules: Iterable[Rule]) -> ir.StringValue:
    """Return the reason of the first rule that a row breaks, null where it breaks none."""
    nothing = ibis.null().cast("string")
    pairs = [(predicate, ibis.literal(reason)) for reason, predicate in rules]
    return ibis.cases(*pairs, else_=nothing) if pairs else nothing


def _relations(table: Table, rows: ir.Table) -> Iterator[Rule]:
    """Yield the rules between columns of one row."""
    if table.name == "order_lines":
        paid = _cents(rows.gross_amount) - _cents(rows.discount)
        yield "discount above gross_amount", paid < 0
        yield "tax above what was paid", _cents(rows.tax) > paid
        yield "unit_cost times quantity out of range", rows.unit_cost * rows.quantity > MAX_AMOUNT
    if table.name == "refunds":
        yield "tax above amount", _cents(rows.tax) > _cents(rows.amount)
    if table.name == "orders":
        yield "cancelled before it was placed", rows.cancelled_ts < rows.order_ts
    if table.name == "fx_rates":
        yield "rate_per_eur out of range", ~rows.rate_per_eur.between(MIN_RATE, MAX_AMOUNT)


def _from_the_future(table: Table, rows: ir.Table, extracted_at: datetime | None) -> Iterator[Rule]:
    if extracted_at is None:
        return
    for column in table.columns:
        if column.type == "timestamp":
            yield f"{column.name} after the extraction", rows[column.name] > ibis.timestamp(extracted_at)


def _net_cents(table: Table, rows: ir.Table) -> ir.IntegerValue:
    if table.name == "order_lines":
        return _known(rows.gross_amount) - _known(rows.discount) - _known(rows.tax)
    if table.name == "refunds":
        return _known(rows.amount) - _known(rows.tax)
    return ibis.literal(0, "int64")


def _known(amount: ir.FloatingValue) -> ir.IntegerValue:
    return _cents(amount).fill_null(0)


def _cents(amount: ir.FloatingValue) -> ir.IntegerValue:
    readable = ibis.ifelse(amount.between(-MAX_AMOUNT, MAX_AMOUNT), amount, ibis.null().cast("float64"))
    return to_cents(readable)
