"""The accrual curve: what share of a horizon's revenue has usually come by day k.

Estimated from closed snapshots at the same season, years before; it knows nothing of the forecasts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from clv.segments import SCORED
from clv.timeline import Horizon

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]

SEASON_DAYS = 31
"""Snapshots of firsts of months so near in the year speak for a t₀: the one before and the one after."""
YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Curve:
    """Shares of a segment's revenue of one closed snapshot by milestone, each with its standard error."""

    share: Floats
    error: Floats


@dataclass(frozen=True)
class Expected:
    """Shares usually reached by milestone, with standard errors; `years` of the same season they are from.

    0 years: of all closed snapshots, for none is of the season; one alone does not tell its error then, and
    without any the share is NaN. The horizon's end is its whole revenue in any case.
    """

    share: Floats
    error: Floats
    years: int


def curves(segment: Words, came_eur: Floats) -> dict[str, Curve]:
    """Return the curves of one snapshot: share_k = Σ revenue by day k / Σ revenue of the horizon.

    segment : of each customer
    came_eur : shape (customers, milestones), the last one the end of the horizon

    A segment without revenue has none. Standard errors are those of a ratio of sums over resampled customers
    (the infinitesimal jackknife, Efron 1982, ch. 6).
    """
    found = {}
    for name in SCORED:
        own = came_eur[segment == name]
        total = float(own[:, -1].sum()) if len(own) else 0.0
        if total > 0:
            share = own.sum(axis=0) / total
            found[name] = Curve(share, np.sqrt((((own - share * own[:, -1:]) / total) ** 2).sum(axis=0)))
    return found


def admissible(closed: Sequence[date], as_of: date, horizon: Horizon) -> list[date]:
    """Return the snapshots that may speak for a t₀: all of their horizon lies in a season before it.

    The last may reach into its first month, so that there is one on either side of last year's day.
    """
    return [day for day in closed if (as_of - horizon.end(day)).days >= -SEASON_DAYS]


def expected(told: Mapping[date, Curve], as_of: date, milestones: int) -> Expected:
    """Return what share of a segment's revenue usually has come by each of the `milestones`.

    told : the curves of closed snapshots that may speak, by their t₀

    Snapshots of one year are weighed by their distance in season (linear between two firsts of months) and
    taken to err alike, for they share their customers: an upper bound. Years are averaged, and how they
    differ is added, as for one year more: error² + s² (1 + 1/years).
    """
    near: dict[int, list[tuple[float, Curve]]] = {}
    for day, curve in told.items():
        years = round((as_of - day).days / YEAR_DAYS)
        apart = abs((as_of - day).days - years * YEAR_DAYS)
        if years > 0 and apart < SEASON_DAYS:
            near.setdefault(years, []).append((1 - apart / SEASON_DAYS, curve))
    if near:
        return _over_years([_weighed(of_year) for of_year in near.values()], len(near))
    if len(told) > 1:
        return _over_years(list(told.values()), 0)
    unknown = np.full(milestones, np.nan)
    share = next(iter(told.values())).share if told else np.append(unknown[1:], 1.0)
    return Expected(share, np.append(unknown[1:], 0.0), 0)


def _weighed(of_year: Sequence[tuple[float, Curve]]) -> Curve:
    weights = np.array([weight for weight, _ in of_year])[:, None] / sum(weight for weight, _ in of_year)
    share, error = (
        (weights * np.stack([getattr(curve, what) for _, curve in of_year])).sum(axis=0)
        for what in ("share", "error")
    )
    return Curve(share, error)


def _over_years(found: Sequence[Curve], years: int) -> Expected:
    shares = np.stack([curve.share for curve in found])
    n = len(found)
    luck = np.stack([curve.error for curve in found]).mean(axis=0)
    apart = shares.var(axis=0, ddof=1) * (1 + 1 / n) if n > 1 else np.zeros(shares.shape[1])
    return Expected(shares.mean(axis=0), np.sqrt(luck**2 + apart), years)
