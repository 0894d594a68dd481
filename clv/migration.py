"""Decile migration: how many customers changed their place in the ranking from one t₀ to the next."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

MOVED_DECILES = 2
"""A customer has moved who is more than so many deciles from where they were."""

COMPARED_DAYS = 35
"""Between two t₀s, at most: over months the ranking may change as the customers do."""

FEWEST_CUSTOMERS = 200
"""Fewer, ranked at both t₀s, tell little: one of them is then half a per cent."""

RANKED = ["customer_id", "horizon_days", "decile"]
"""Columns of the scores that are compared."""


@dataclass(frozen=True)
class Migration:
    """Scores compared with those of the t₀ before.

    before : that t₀, None where there is none
    customers : ranked at both
    share : of them, more than `MOVED_DECILES` away from where they were; None where not compared
    skipped : why not
    """

    before: date | None
    customers: int
    share: float | None
    skipped: str = ""


def migration(now: pd.DataFrame, as_of: date, before: pd.DataFrame | None, day: date | None) -> Migration:
    """Return how far the customers of two t₀s moved; leads have no decile and do not count.

    now, before : columns `RANKED` of the scores of `as_of` and of `day`; None without any before
    """
    if before is None or day is None:
        return Migration(None, 0, None, "there are no scores of an earlier t₀")
    both = now[RANKED].dropna().merge(before[RANKED].dropna(), on="customer_id", suffixes=("", "_before"))
    why = _incomparable((as_of - day).days, both)
    if why:
        return Migration(day, len(both), None, why)
    moved = (both["decile"] - both["decile_before"]).abs() > MOVED_DECILES
    return Migration(day, len(both), float(moved.mean()))


def _incomparable(days: int, both: pd.DataFrame) -> str:
    if days > COMPARED_DAYS:
        return f"the scores before are {days} days older, more than the {COMPARED_DAYS} compared"
    if len(both) < FEWEST_CUSTOMERS:
        return f"only {len(both)} customers are ranked at both t₀s; {FEWEST_CUSTOMERS} are needed"
    now, then = int(both["horizon_days"].iloc[0]), int(both["horizon_days_before"].iloc[0])
    return "" if now == then else f"the scores before are of {then} days, these of {now}"
