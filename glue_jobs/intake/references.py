"""Rows that point to other tables: customers, orders and exchange rates."""

import ibis
import ibis.expr.types as ir

from clv.money import BASE_CURRENCY, RATE_MAX_AGE_DAYS
from glue_jobs.intake.fates import USED

NO_RATE = f"no rate of its currency within {RATE_MAX_AGE_DAYS} days"


def owners(target: ir.Table, column: str) -> ir.Table:
    """Return the keys of a settled table, and whether a row of theirs is used: owner_key, owner_used."""
    return target.group_by(owner_key=target[column]).agg(owner_used=(target.fate == USED).max())


def referred(rows: ir.Table, column: str, owner: ir.Table) -> ir.Table:
    """Return `rows` with a reason where `column` is given and none of the `owners` of that key is used."""
    joined = rows.left_join(owner, rows[column] == owner.owner_key)
    broken = ibis.cases(
        (joined[column].isnull(), None),
        (joined.owner_key.isnull(), f"unknown {column}"),
        (~joined.owner_used, f"its {column.removesuffix('_id')} is quarantined"),
        else_=None,
    )
    reason = ibis.coalesce(joined.reason, broken.cast("string"))
    return joined.mutate(reason=reason).drop("owner_key", "owner_used")


def daily_rates(rates: ir.Table) -> ir.Table:
    """Return one row per currency and day on which a rate counts: currency, rate_day, rate_per_eur.

    The last published rate counts until the next one, for 7 days at most.
    """
    day = rates.rate_date.epoch_days().cast("int32")
    rates = rates.select("currency", "rate_per_eur", published=day)
    following = rates.published.lead().over(ibis.window(group_by="currency", order_by="published"))
    rates = rates.mutate(following=following)
    ages = ibis.literal(list(range(RATE_MAX_AGE_DAYS + 1)), "array<int32>")
    days = rates.select("currency", "rate_per_eur", "published", "following", age_days=ages.unnest())
    rate_day = (days.published + days.age_days).cast("int32")
    current = days.following.isnull() | (rate_day < days.following)
    return days.filter(current).select("currency", "rate_per_eur", rate_day=rate_day)


def with_rate(rows: ir.Table, day: ir.IntegerValue, daily: ir.Table) -> ir.Table:
    """Return `rows` with `rate_per_eur` of their currency on `day`, null where there is none; EUR is 1."""
    rows = rows.mutate(rate_day=day)
    joined = rows.left_join(daily, ["currency", "rate_day"])
    rate = ibis.ifelse(joined.currency == BASE_CURRENCY, 1.0, joined.rate_per_eur)
    return joined.mutate(rate_per_eur=rate).select(*rows.drop("rate_day").columns, "rate_per_eur")


def of_known_currency(rows: ir.Table, daily: ir.Table) -> ir.Table:
    """Return `rows` with a reason where no rate of their currency was ever published."""
    known = daily.select(known_currency="currency").distinct()
    joined = rows.left_join(known, rows.currency == known.known_currency)
    unknown = joined.known_currency.isnull() & (joined.currency != BASE_CURRENCY)
    reason = ibis.coalesce(joined.reason, ibis.ifelse(unknown, "unknown currency", None))
    return joined.mutate(reason=reason).drop("known_currency")


def priced(rows: ir.Table, day: ir.IntegerValue, daily: ir.Table) -> ir.Table:
    """Return `rows` with a reason where no rate of their currency counts on `day`."""
    joined = with_rate(of_known_currency(rows, daily), day, daily)
    reason = ibis.coalesce(joined.reason, ibis.ifelse(joined.rate_per_eur.isnull(), NO_RATE, None))
    return joined.mutate(reason=reason).drop("rate_per_eur")
