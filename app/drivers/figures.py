"""Figures of sampled drivers: sizes, what makes two groups differ, agreement of two models. Pure."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from app.drivers.sample import Sample

Floats = npt.NDArray[np.float64]

NORMAL = 1.959964
"""Standard errors on either side of a 95 % interval."""
REST = "all else together"
START = "typical customer of the stage"
LARGEST = 10
LEAST_COMMON = 30
"""Customers in both samples for them alone to be compared."""


def sizes(eur: pd.DataFrame, among: int) -> pd.DataFrame:
    """Return each driver's mean absolute EUR with its 95 % interval, the largest first.

    eur : EUR by customer and driver, at least one row
    among : how many customers these were drawn from

    Columns `driver`, `size_eur`, `low_eur`, `high_eur`; `mean_eur`, which is `up_eur` + `down_eur`. The
    interval is what the draw leaves open (Cochran 1977, eq. 2.20): nothing where all are drawn; null of one.
    """
    values = eur.to_numpy(np.float64)
    size, half = np.abs(values).mean(axis=0), _half(np.abs(values), among)
    rows = pd.DataFrame(
        {
            "driver": list(eur.columns),
            "size_eur": size,
            "low_eur": np.maximum(size - half, 0),
            "high_eur": size + half,
            "mean_eur": values.mean(axis=0),
            "up_eur": np.maximum(values, 0).mean(axis=0),
            "down_eur": np.minimum(values, 0).mean(axis=0),
        }
    )
    return rows.sort_values(["size_eur", "driver"], ascending=[False, True], ignore_index=True)


def difference(one: Sample, other: Sample, kept: int) -> pd.DataFrame:
    """Return what makes the mean forecasts of two groups differ: `driver`, `eur`, `low_eur`, `high_eur`.

    The `kept` largest drivers, then `REST`; of two stages first `START`, the difference between their typical
    customers, which is known exactly. They add up to the difference of the means of all customers, sampled or
    not: the drivers' means are regression estimates on the forecast, whose mean is known (Cochran 1977,
    section 7.3). 95 % intervals are what the draw leaves open.
    """
    names = one.eur.columns.union(other.eur.columns)
    first, second = (group.eur.reindex(columns=names, fill_value=0.0) for group in (one, other))
    gap = (first.mean() - second.mean()).abs().sort_values(ascending=False, kind="stable")
    largest = list(gap.index[:kept])
    (mean, half), (less, other_half) = (
        _estimated(_with_rest(eur, largest), group) for eur, group in ((first, one), (second, other))
    )
    rows = pd.DataFrame({"driver": [*largest, REST], "eur": mean - less})
    margin = np.hypot(half, other_half)
    rows["low_eur"], rows["high_eur"] = rows.eur - margin, rows.eur + margin
    if one.segment != other.segment:
        start = one.start_eur - other.start_eur
        rows = pd.concat([pd.DataFrame([[START, start, start, start]], columns=list(rows)), rows])
    return rows.reset_index(drop=True)


class Agreement(NamedTuple):
    """How alike two models see the drivers.

    customers : whose drivers are compared, those in both samples, or all of either where these are too few
    spearman, kendall : rank correlations of the mean sizes of all drivers (Spearman 1904; Kendall 1945, τ_b)
    shared : of the `LARGEST` largest of one, how many are among those of the other
    """

    customers: int
    same_customers: bool
    spearman: float
    kendall: float
    shared: int
    of: int


def agreement(before: Sample, now: Sample) -> Agreement:
    """Return how alike the drivers of two samples of one segment are, on the same customers if possible."""
    common = before.eur.index.intersection(now.eur.index)
    same = len(common) >= LEAST_COMMON
    pair = [sample.eur.loc[common] if same else sample.eur for sample in (before, now)]
    first, second = (sizes(eur, len(eur)).set_index("driver").size_eur for eur in pair)
    names = first.index.union(second.index)
    x, y = (found.reindex(names, fill_value=0.0).to_numpy() for found in (first, second))
    shared = len(set(first.index[:LARGEST]) & set(second.index[:LARGEST]))
    return Agreement(
        customers=len(common) if same else min(map(len, pair)),
        same_customers=same,
        spearman=float(stats.spearmanr(x, y).statistic),
        kendall=float(stats.kendalltau(x, y).statistic),
        shared=shared,
        of=min(LARGEST, len(first), len(second)),
    )


def _estimated(values: Floats, group: Sample) -> tuple[Floats, Floats]:
    """Return the means of the columns over all customers of a group, and half of their 95 % intervals.

    values : EUR by sampled customer and driver, all drivers; the last column takes what no slope explains
    """
    clv = group.people.clv_eur.to_numpy(np.float64)
    apart = clv - clv.mean()
    squares = float((apart**2).sum())
    slope = np.eye(values.shape[1])[-1] if squares == 0 else apart @ values / squares
    missed = group.mean_eur - clv.mean()
    half = _half(values - np.outer(apart, slope), len(group.everybody))
    return values.mean(axis=0) + slope * missed, half


def _half(values: Floats, among: int) -> Floats:
    """Return half of the 95 % intervals of the columns' means, shape (columns,); null of one row."""
    n = len(values)
    spread = values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1], np.nan)
    return np.asarray(NORMAL * spread * np.sqrt((1 - n / among) / n))


def _with_rest(eur: pd.DataFrame, largest: list[str]) -> Floats:
    rest = eur.drop(columns=largest).sum(axis=1)
    return np.column_stack([eur[largest].to_numpy(np.float64), rest.to_numpy(np.float64)])
