"""Who has a row at t₀, and what the account says."""

import ibis
import ibis.expr.types as ir

from glue_jobs.features.exact import beside

_ATTRIBUTES = (
    "signup_day", "account_country", "account_device", "acquisition_channel", "campaign", "marketing_consent",
)  # fmt: skip


def population(customers: ir.Table | None, active: list[ir.Table], day: int) -> ir.Table:
    """Return one row per customer: all in `active`, and accounts opened before t₀ or some time.

    Columns: customer_id and, where `customers` is delivered, its attributes.
    """
    keys = [table.select("customer_id") for table in active]
    if customers is None:
        return ibis.union(*keys, distinct=True)
    accounts = customers.rename(account_country="country", account_device="device")
    accounts = accounts.select("customer_id", *_ATTRIBUTES)
    open_ = accounts.filter(accounts.signup_day.isnull() | (accounts.signup_day < day))
    return beside(ibis.union(open_.select("customer_id"), *keys, distinct=True), accounts)


def columns(row: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the account's features, given the population beside the sums of first orders."""
    if "signup_day" not in row.columns:
        return {
            "country": row.first_country,
            "device": row.first_device,
            "tenure_days": day - row.first_day,
        }
    return {
        "country": ibis.coalesce(row.account_country, row.first_country),
        "device": ibis.coalesce(row.account_device, row.first_device),
        "tenure_days": day - ibis.coalesce(row.first_day, row.signup_day),
        "acquisition_channel": row.acquisition_channel,
        "campaign": row.campaign,
        "marketing_consent": row.marketing_consent,
        "signup_age_days": day - row.signup_day,
    }
