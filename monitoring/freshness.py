"""How each raw table stands: whether it still arrives, and as much of it as usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from clv.timeline import EPOCH

STALE_DAYS = 7
"""A table that every weekly run finds news in is never older."""
USUAL_WEEKS = 8
"""Weeks before the last one whose median is the usual volume: one bad week among them does not count."""
SEASON_WEEKS, SEASON_DAYS = 52, 365
"""Looked back for a change or a gap as great as the last one: Christmas comes every year."""
LOW, HIGH = 0.5, 2.0
"""Of the usual rows: half is more than a lost market, twice is more than growth."""
BEYOND_SEASON = 1.5
"""How much further than in any week of the year before a volume must go: seasons grow."""
CHANCE = 0.001
"""Probability below which luck explains a change no longer; for small tables."""

GIVEN_UP_DAYS = 365
"""A table without news for longer is not late but given up."""

Weekly = npt.NDArray[np.float64]
Flag = Literal["usual", "stale", "low", "high"]


@dataclass(frozen=True)
class Delivery:
    """One raw table, or one type of its events: its newest event before t₀ and the rows of its last 7 days.

    longest_gap_days : between successive days with events in the year before the newest
    rows_usual : median of the eight weeks before the last, None with less history
    """

    source: str
    type: str
    newest: date
    days_old: int
    longest_gap_days: int
    rows_week: int
    rows_usual: float | None
    flag: Flag

    @property
    def name(self) -> str:
        """Return the table, with the type of its events where it has one."""
        return f"{self.source} {self.type}".strip()


def deliveries(delivered: pd.DataFrame, as_of: date) -> list[Delivery]:
    """Return how each raw table stands at t₀, by table and type; what was given up is left out.

    delivered : source, type (empty where it has none), day (since 1970-01-01), rows
    """
    age = (as_of - EPOCH).days - delivered["day"]
    recent = delivered.assign(age=age)[(age > 0) & (age <= GIVEN_UP_DAYS + SEASON_DAYS)]
    found = [
        _delivery(str(source), str(kind), rows.groupby("age")["rows"].sum(), as_of)
        for (source, kind), rows in recent.groupby(["source", "type"])
    ]
    return [each for each in found if each.days_old <= GIVEN_UP_DAYS]


def stale(found: Sequence[Delivery]) -> list[Delivery]:
    """Return what stopped being delivered."""
    return [each for each in found if each.flag == "stale"]


def odd_volumes(found: Sequence[Delivery]) -> list[Delivery]:
    """Return what arrives, but not as much as usual, or more."""
    return [each for each in found if each.flag in {"low", "high"}]


def lines(found: Sequence[Delivery]) -> Iterator[str]:
    """Yield a sentence for each delivery that is not as usual."""
    for each in stale(found):
        yield (
            f"{each.name}: the newest event is of {each.newest}, {each.days_old} days before t₀ "
            f"(longest gap of the year before: {each.longest_gap_days})"
        )
    for each in odd_volumes(found):
        yield f"{each.name}: {each.rows_week:,} events in the last 7 days; usual are {each.rows_usual:,.0f}"


def _delivery(source: str, kind: str, by_age: "pd.Series[Any]", as_of: date) -> Delivery:
    """Return one delivery, given its rows by age in days at t₀, at least 1."""
    ages = sorted(int(age) for age in by_age.index)
    days_old, weekly = ages[0], _weekly(by_age)
    gap = max((older - age for age, older in pairwise(ages) if older <= days_old + SEASON_DAYS), default=0)
    flag = "stale" if days_old > max(STALE_DAYS, gap) else _volume(weekly)
    newest = as_of - timedelta(days=days_old)
    return Delivery(source, kind, newest, days_old, gap, int(weekly[0]), _usual(weekly), flag)


def _weekly(by_age: "pd.Series[Any]") -> Weekly:
    """Return the rows of each whole week back from t₀ to the first event, the last one first."""
    ages = by_age.index.to_numpy()
    counts: Weekly = np.bincount((ages - 1) // 7, weights=by_age.to_numpy(float)).astype(np.float64)
    whole = max(int(ages.max()) // 7, 1)
    return counts[: min(whole, SEASON_WEEKS + USUAL_WEEKS + 1)]


def _usual(weekly: Weekly) -> float | None:
    before = weekly[1 : USUAL_WEEKS + 1]
    return float(np.median(before)) if len(before) == USUAL_WEEKS else None


def _volume(weekly: Weekly) -> Flag:
    """Judge the last week: half or twice the usual, far beyond any of the year before, and not chance.

    Chance: the conditional test of two Poisson counts (Przyborowski and Wilenski 1940).
    """
    usual = _usual(weekly)
    if not usual:
        return "usual"
    starts = range(1, len(weekly) - USUAL_WEEKS)
    past = [weekly[week] / known for week in starts if (known := _usual(weekly[week:]))]
    ratio = weekly[0] / usual
    # Of two Poisson counts of one rate the last is binomial, given both: the usual count is a draw as well.
    count = stats.binom(round(weekly[0] + USUAL_WEEKS * usual), 1 / (1 + USUAL_WEEKS))
    if ratio < min([LOW, *(each / BEYOND_SEASON for each in past)]) and count.cdf(weekly[0]) < CHANCE:
        return "low"
    if ratio > max([HIGH, *(each * BEYOND_SEASON for each in past)]) and count.sf(weekly[0] - 1) < CHANCE:
        return "high"
    return "usual"
