"""Orders and the invoices that date them: a rate of the order's currency must count on the invoice's day.

Where none does, the row is blamed that became known later, the order where both became known at once. So what
is learnt after t₀ never changes the fate of a row that was known before.
"""

import ibis
import ibis.expr.types as ir

from clv.contracts import INVOICES, ORDERS
from glue_jobs.intake.references import NO_RATE, of_known_currency, with_rate
from glue_jobs.intake.repeats import known_ts

_INVOICE = ("order_id", "invoice_ts", "billed_ts")
_ORDER = ("order_id", "currency", "ordered_ts")


def billed(orders: ir.Table, invoices: ir.Table, daily: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Return orders and invoices (judged rows) with a reason for those that cannot be priced.

    An order's own date needs no rate: it does not date any revenue.
    """
    orders = of_known_currency(orders, daily).mutate(ordered_ts=known_ts(ORDERS, orders))
    invoices = invoices.mutate(billed_ts=known_ts(INVOICES, invoices))
    bad = _without_rate(orders, invoices, daily)
    late = bad.filter(bad.billed_ts > bad.ordered_ts).select(_INVOICE).distinct()
    blamed = bad.filter(bad.billed_ts <= bad.ordered_ts).anti_join(late, list(_INVOICE))
    return (
        _blame(orders, blamed.select(_ORDER).distinct(), _ORDER).drop("ordered_ts"),
        _blame(invoices, late, _INVOICE).drop("billed_ts"),
    )


def _without_rate(orders: ir.Table, invoices: ir.Table, daily: ir.Table) -> ir.Table:
    """Return every pair of a good order row and a good invoice row of it that has no rate."""
    good = invoices.filter(invoices.reason.isnull()).select(_INVOICE)
    pairs = orders.filter(orders.reason.isnull()).select(_ORDER).inner_join(good, "order_id")
    dated = with_rate(pairs, pairs.invoice_ts.date().epoch_days().cast("int32"), daily)
    return dated.filter(dated.rate_per_eur.isnull())


def _blame(rows: ir.Table, blamed: ir.Table, by: tuple[str, ...]) -> ir.Table:
    joined = rows.left_join(blamed.mutate(blamed=True), list(by))
    reason = ibis.coalesce(joined.reason, ibis.ifelse(joined.blamed, NO_RATE, None))
    return joined.mutate(reason=reason).select(rows.columns)
