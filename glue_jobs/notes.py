"""What a run has to say about its data besides the accounts."""

from datetime import date

import pandas as pd

from clv.migration import Migration
from clv.segments import SCORED
from clv.timeline import Horizon

STALE_DAYS = 7
"""A weekly run whose newest entry is older has missed a delivery."""


def stale(last_entry: date, as_of: date) -> list[str]:
    """Say that the newest ledger entry lies more than a week before t₀."""
    gap = (as_of - last_entry).days
    if gap <= STALE_DAYS:
        return []
    return [f"the newest entry is of {last_entry}, {gap} days before t₀: bring newer data"]


def expired(days: list[date], keep_days: int) -> list[str]:
    """Say how many days' features were removed for their age; nothing where none were."""
    if not days:
        return []
    span = f"{len(days)} days from {days[0]} to {days[-1]}" if len(days) > 1 else str(days[0])
    return [f"features, priors and inputs of {span} were removed: older than keep_days {keep_days}"]


def migration(found: Migration) -> list[str]:
    """Say why the ranking was not compared with that of the t₀ before; nothing where it was or none is."""
    if not found.skipped or found.before is None:
        return []
    return [f"deciles were not compared with those of {found.before}: {found.skipped}"]


def young_markets(rows: pd.DataFrame, horizon: Horizon) -> list[str]:
    """Say how many scored customers live in markets too young for a label of theirs to have closed.

    rows : country, segment and market_age_days of all customers.
    """
    young = rows[rows.segment.isin(SCORED) & (rows.market_age_days < horizon.days)]
    return [
        f"{country}: {count:,} customers of a market launched less than {horizon.days} days ago: "
        "none of them has given a label yet"
        for country, count in young.groupby("country").size().items()
    ]
