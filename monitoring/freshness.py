"""How each raw table stands: whether it still arrives, and as much of it as usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

STALE_DAYS = 7
"""A table that every weekly run finds news in is never older."""
USUAL_WEEKS = 8
"""Weeks before the last one whose median is the usual volume: one bad week among them does not count."""
SEASON_WEEKS = 52
"""Weeks looked back for a change as great as the last one: Christmas comes every year."""
LOW, HIGH = 0.5, 2.0
"""Of the usual rows: half is more than a lost market, twice is more than growth."""
BEYOND_SEASON = 1.5
"""How much further than in any week of the year before a volume must go: seasons grow."""
CHANCE = 0.001
"""Probability below which a Poisson count of the usual mean explains a change no longer; for small tables."""

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
    """Return how each raw table stands at t₀, by table and type; later events are left out.

    delivered : source, type (empty where it has none), day (a date), rows
    """
    before = delivered[delivered["day"] < as_of]
    return [
        _delivery(str(source), str(kind), rows, as_of)
        for (source, kind), rows in before.groupby(["source", "type"])
    ]


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
            f"{each.name}: the newest event is of {each.newest}, {each.days_old} days before t₀; the "
            f"longest gap of the year before was {each.longest_gap_days} days"
        )
    for each in odd_volumes(found):
        yield f"{each.name}: {each.rows_week:,} events in the last 7 days; usual are {each.rows_usual:,.0f}"


def _delivery(source: str, kind: str, rows: pd.DataFrame, as_of: date) -> Delivery:
    by_day = rows.groupby("day")["rows"].sum()
    newest: date = by_day.index.max()
    days_old, gap = (as_of - newest).days, _longest_gap(by_day.index, newest)
    weekly = _weekly(by_day, as_of)
    usual = _usual(weekly)
    flag = "stale" if days_old > max(STALE_DAYS, gap) else _volume(weekly)
    return Delivery(source, kind, newest, days_old, gap, int(weekly[0]), usual, flag)


def _longest_gap(days: "pd.Index[Any]", newest: date) -> int:
    known = sorted(day for day in days if day >= newest - timedelta(days=365))
    return max(((later - day).days for day, later in pairwise(known)), default=0)


def _weekly(by_day: "pd.Series[Any]", as_of: date) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return the rows of each whole week back from t₀ to the first event, the last one first."""
    age = np.array([(as_of - day).days - 1 for day in by_day.index])
    counts = np.bincount(age // 7, weights=by_day.to_numpy(float))
    whole = max((int(age.max()) + 1) // 7, 1)
    return counts[: min(whole, SEASON_WEEKS + USUAL_WEEKS + 1)]


def _usual(weekly: "np.ndarray[Any, np.dtype[np.float64]]") -> float | None:
    before = weekly[1 : USUAL_WEEKS + 1]
    return float(np.median(before)) if len(before) == USUAL_WEEKS else None


def _volume(weekly: "np.ndarray[Any, np.dtype[np.float64]]") -> Flag:
    """Judge the last week: half or twice the usual, far beyond any of the year before, and not chance."""
    usual = _usual(weekly)
    if not usual:
        return "usual"
    starts = range(1, len(weekly) - USUAL_WEEKS)
    past = [weekly[week] / known for week in starts if (known := _usual(weekly[week:]))]
    ratio = weekly[0] / usual
    if (
        ratio < min([LOW, *(each / BEYOND_SEASON for each in past)])
        and stats.poisson.cdf(weekly[0], usual) < CHANCE
    ):
        return "low"
    if (
        ratio > max([HIGH, *(each * BEYOND_SEASON for each in past)])
        and stats.poisson.sf(weekly[0] - 1, usual) < CHANCE
    ):
        return "high"
    return "usual"
