"""Who was contacted or held out, as the ledger keeps it: costs in EUR, and from when each row is known."""

import ibis.expr.types as ir

from clv.money import to_cents, to_eur_cents
from glue_jobs.intake.references import with_rate

COLUMNS = (
    "treatment_id", "customer_id", "campaign", "treatment_ts", "rule", "purpose", "propensity",
    "cost_eur_cents", "known_ts", "known_until_ts",
)  # fmt: skip


def treatment_rows(used: ir.Table, daily: ir.Table) -> ir.Table:
    """Return the used rows of `treatments` with their cost in EUR cents at the rate of their day.

    used : settled rows of the contract's columns; daily : rates as `daily_rates` makes them
    """
    priced = with_rate(used, used.treatment_ts.date().epoch_days().cast("int32"), daily)
    cents = to_eur_cents(to_cents(priced.cost), priced.rate_per_eur)
    return priced.mutate(cost_eur_cents=cents).select(COLUMNS)
