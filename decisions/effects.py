"""Differences between two arms with their intervals: means, adjusted means, shares, and ratios of sums."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BATCH = 100
"""Resamples drawn at once, which bounds memory."""


@dataclass(frozen=True)
class Difference:
    """Treatment less control, with a two-sided interval; `p_value` of no difference. NaN where undefined."""

    control: float
    treatment: float
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def relative(self) -> float:
        """Return the difference as a share of the control's figure, NaN unless that is positive."""
        return self.difference / self.control if self.control > 0 else float("nan")

    def told(self) -> dict[str, Any]:
        """Return all figures by name."""
        return asdict(self) | {"relative": self.relative}


def winsorised(value: Floats, cap: float) -> Floats:
    """Return values no further from 0 than `cap`: what lies beyond counts as the cap."""
    return np.clip(value, -cap, cap)


def cuped(outcome: Floats, covariate: Floats, treated: Flags) -> Floats:
    """Return outcomes less what a covariate from before the experiment explains of them, at the same mean.

    Y − θ (X − mean X), θ = cov(X, Y) / var(X) within arms (Deng, Xu, Kohavi, Walker 2013, "Improving the
    sensitivity of online controlled experiments by utilizing pre-experiment data", eq. 4). All have shape
    (customers,). A covariate that does not vary explains nothing.
    """
    x, y = covariate.astype(np.float64), outcome.astype(np.float64)
    for arm in (treated, ~treated):
        if arm.any():
            x = np.where(arm, x - covariate[arm].mean(), x)
            y = np.where(arm, y - outcome[arm].mean(), y)
    spread = float(x @ x)
    theta = float(x @ y) / spread if spread > 0 else 0.0
    return np.asarray(outcome - theta * (covariate - covariate.mean()), dtype=np.float64)


def mean_difference(outcome: Floats, treated: Flags, alpha: float = 0.05) -> Difference:
    """Return the difference of two means by Welch's t; undefined with fewer than two customers in an arm."""
    ours, theirs = outcome[treated], outcome[~treated]
    control, treatment = (float(v.mean()) if v.size else float("nan") for v in (theirs, ours))
    spread = max((float(np.ptp(v)) for v in (ours, theirs) if v.size), default=0.0)
    if min(ours.size, theirs.size) < 2 or spread == 0:
        undefined = float("nan")
        return Difference(control, treatment, treatment - control, undefined, undefined, undefined)
    test = stats.ttest_ind(ours, theirs, equal_var=False)
    low, high = test.confidence_interval(1 - alpha)
    return Difference(control, treatment, treatment - control, float(low), float(high), float(test.pvalue))


def share_difference(flag: Flags, treated: Flags, alpha: float = 0.05) -> Difference:
    """Return the difference of two shares; undefined where an arm is empty.

    Interval of Newcombe (1998), "Interval estimation for the difference between independent proportions",
    method 10, from Wilson's of each share; the p-value is that of the pooled z-test.
    """
    n = np.array([np.count_nonzero(~treated), np.count_nonzero(treated)])
    k = np.array([np.count_nonzero(flag & ~treated), np.count_nonzero(flag & treated)])
    if not n.all():
        return Difference(*[float("nan")] * 6)
    control, treatment = k / n
    wilson = [
        stats.binomtest(int(hits), int(size)).proportion_ci(1 - alpha, method="wilson")
        for hits, size in zip(k, n, strict=True)
    ]
    gap = treatment - control
    low = gap - np.hypot(treatment - wilson[1].low, wilson[0].high - control)
    high = gap + np.hypot(wilson[1].high - treatment, control - wilson[0].low)
    pooled = k.sum() / n.sum()
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n).sum())
    p_value = float(2 * stats.norm.sf(abs(gap) / spread)) if spread > 0 else float("nan")
    return Difference(float(control), float(treatment), float(gap), float(low), float(high), p_value)


def bootstrap_means(columns: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Return the means of resampled customers, shape (resamples, columns), of rows of shape (n, columns).

    Rows that are equal are drawn together by their number (Efron and Tibshirani 1993, ch. 6): the draws do
    not depend on the order of rows, and the many who bought nothing cost one.
    """
    rows, count = np.unique(columns, axis=0, return_counts=True)
    n = int(count.sum())
    sizes = [min(BATCH, resamples - begin) for begin in range(0, resamples, BATCH)]
    return np.concatenate([rng.multinomial(n, count / n, size) @ rows / n for size in sizes])


def holm(p_values: Floats) -> Floats:
    """Return p-values adjusted so that P(any false finding) keeps to the level (Holm 1979); NaN stays NaN."""
    adjusted = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    return adjusted
