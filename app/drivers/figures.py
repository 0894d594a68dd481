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


def sizes(eur: pd.DataFrame) -> pd.DataFrame:
    """Return each driver's mean absolute EUR with its 95 % interval, the largest first.

    eur : EUR by customer and driver, at least one row

    Columns `driver`, `size_eur`, `low_eur`, `high_eur`; `mean_eur`, which is `up_eur` + `down_eur`. The
    interval is that of a mean over customers drawn at random: 1.96 standard errors, null of one customer.
    """
    values = eur.to_numpy(np.float64)
    size, half = _mean(np.abs(values))
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
    customers, which is known exactly. They add up to the difference of the means. 95 % intervals of a
    difference between means of two random draws (Welch 1938), null where a group is of one customer.
    """
    names = one.eur.columns.union(other.eur.columns)
    first, second = (group.eur.reindex(columns=names, fill_value=0.0) for group in (one, other))
    gap = (first.mean() - second.mean()).abs().sort_values(ascending=False, kind="stable")
    largest = list(gap.index[:kept])
    parts = [_with_rest(eur, largest) for eur in (first, second)]
    (mean, half), (less, other_half) = (_mean(part) for part in parts)
    rows = pd.DataFrame({"driver": [*largest, REST], "eur": mean - less})
    margin = np.hypot(half, other_half)
    rows["low_eur"], rows["high_eur"] = rows.eur - margin, rows.eur + margin
    start = one.start_eur - other.start_eur
    if one.segment != other.segment:
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
    first, second = (sizes(eur).set_index("driver").size_eur for eur in pair)
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


def _mean(values: Floats) -> tuple[Floats, Floats]:
    """Return the means of the columns and half of their 95 % intervals, shape (columns,)."""
    n = len(values)
    spread = values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1], np.nan)
    return values.mean(axis=0), NORMAL * spread / np.sqrt(n)


def _with_rest(eur: pd.DataFrame, largest: list[str]) -> Floats:
    rest = eur.drop(columns=largest).sum(axis=1)
    return np.column_stack([eur[largest].to_numpy(np.float64), rest.to_numpy(np.float64)])
