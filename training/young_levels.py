"""The season's level where the t₀ of a year ago had a short history: like is set against like.

Actual over prior of a young t₀ is not only its season: a prior that has seen customers for a few months
misses otherwise than it does a year later. Revenue of the last 90 days means the same at both t₀s. So the
younger the t₀ was, the more its level is what customers of the last 90 days brought per euro of these days,
times the euros of the last 90 days now, over what the prior now expects of such customers. This supposes that
both t₀s had customers of the same kinds, of which their numbers tell: a shop that has just opened has new
customers only, however its history ends.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.amount import LEVEL_RANGE
from clv.models.priors import BTYD_CLV
from clv.models.rows import WEIGHT
from training.sample import SAMPLED_SHARE

WINDOW_DAYS = 90
"""Every snapshot has that much history by default (`minimum_history_days`)."""
REVENUE_EUR = f"monetary_{WINDOW_DAYS}d_eur"
WHOLE_HISTORY_DAYS = 365
"""A t₀ with a year of history speaks for itself: every season has been seen."""


LABEL_EUR = "label_eur"
NEEDED = ("recency_days", "tenure_days", REVENUE_EUR, BTYD_CLV)
WHERE_KNOWN = (LABEL_EUR, WEIGHT, SAMPLED_SHARE)


class _Totals(NamedTuple):
    """Of one t₀, EUR: what the prior expects and what came, of all and of customers of the last 90 days."""

    history_days: float
    prior: float
    came: float
    recent_customers: float
    recent_prior: float
    recent_came: float
    recent_revenue: float


def level_factors(closed: pd.DataFrame, today: pd.DataFrame) -> dict[date, float]:
    """Return by how much to multiply the level of each closed t₀ before it serves the t₀ of `today`.

    (recent level / level)^((1 − w) q), a geometric mean of both levels. w = min(1, days of history / 365), so
    that a t₀ which knew a whole year keeps its own; history is the tenure of the oldest customer. q is the
    number of customers of the last 90 days then over now, or now over then, whichever is below 1.

    Parameters
    ----------
    closed
        Labelled rows of closed snapshots, as `training.fit.fit_segment`; may be empty.
    today
        All non-leads of the t₀ that is forecast, with their priors; its labels are not read.
    """
    if closed.empty or today.empty:
        return {}
    now = _totals(_narrow(today).assign(**{LABEL_EUR: 0.0}))
    told = _narrow(closed)
    by_as_of = told.groupby(pd.to_datetime(closed["as_of"]).dt.date, sort=True)
    return {day: _factor(_totals(rows), now) for day, rows in by_as_of}


def _narrow(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the few columns that are read, so that copies stay small."""
    return frame[[*NEEDED, *(name for name in WHERE_KNOWN if name in frame)]]


def _factor(then: _Totals, now: _Totals) -> float:
    known = min(1.0, then.history_days / WHOLE_HISTORY_DAYS)
    if not min(then.prior, then.recent_revenue, now.recent_prior, now.recent_revenue) > 0:
        return 1.0
    level = then.came / then.prior
    recent = then.recent_came / then.recent_revenue * now.recent_revenue / now.recent_prior
    ratio = np.clip(recent, *LEVEL_RANGE) / np.clip(level, *LEVEL_RANGE)
    alike = min(then.recent_customers, now.recent_customers) / max(
        then.recent_customers, now.recent_customers
    )
    return float(ratio ** ((1.0 - known) * alike))


def _totals(rows: pd.DataFrame) -> _Totals:
    recent = (rows["recency_days"] <= WINDOW_DAYS).to_numpy(dtype=np.bool_)
    weight = rows[WEIGHT].to_numpy(np.float64) if WEIGHT in rows else np.ones(len(rows))
    prior, came, revenue = (
        weight * rows[name].to_numpy(np.float64, na_value=np.nan)
        for name in (BTYD_CLV, LABEL_EUR, REVENUE_EUR)
    )
    counted = weight / rows[SAMPLED_SHARE].to_numpy(np.float64) if SAMPLED_SHARE in rows else weight
    return _Totals(
        float(rows["tenure_days"].max()),
        _sum(prior),
        _sum(came),
        _sum(counted[recent]),
        _sum(prior[recent]),
        _sum(came[recent]),
        _sum(np.maximum(revenue[recent], 0.0)),
    )


def _sum(values: npt.NDArray[np.float64]) -> float:
    """Return the sum, the same to the last bit in whatever order the rows stand."""
    return float(np.sort(values).sum())
