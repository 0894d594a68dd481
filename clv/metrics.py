"""How good a forecast is: ranking, error and calibration.

Every metric takes `actual` and `predicted` (or `score`) of shape (n,) in EUR, and optionally `weight`, how
often each row counts; it does not depend on the order of the rows, to the last bit. All raise ValueError on
unequal lengths, on no rows, and on values that are not finite. An undefined figure is NaN: each docstring
says when. A total counts as positive if it is so beyond floating-point rounding.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from clv.judged import ROUNDING, GainsCurve, Judged, checked, judge

Metric = Callable[[Judged], float]
Weight = npt.ArrayLike | None

LARGEST = 5  # on Online Retail II five customers make most of the squared error
MATERIAL_SHARE = 0.02
MATERIAL_MIN_CUSTOMERS = 200


def gains_curve(actual: npt.ArrayLike, score: npt.ArrayLike, weight: Weight = None) -> GainsCurve:
    """Return (share of customers, share of revenue) from the highest score down, (0, 0) first.

    One point per distinct score: tied customers are one straight segment, the average over all orders of the
    tie. With negative actuals the curve may rise above 1. Revenue is NaN if the total is not positive.
    """
    return judge(actual, score, weight).gains.curve


def lorenz(actual: npt.ArrayLike, weight: Weight = None) -> GainsCurve:
    """Return the Lorenz curve: (share of customers, share of revenue) from the lowest actual up."""
    return gains_curve(actual, -np.asarray(actual, dtype=np.float64), weight)


def gini(actual: npt.ArrayLike, score: npt.ArrayLike, weight: Weight = None) -> float:
    """Return twice the area between gains curve and diagonal; 0 for a constant score.

    NaN if the total is not positive. Equals the covariance form 2 cov(actual, rank) / (n mean), ranks
    averaged over ties (Lerman and Yitzhaki 1984).
    """
    return _gini(judge(actual, score, weight))


def normalised_gini(actual: npt.ArrayLike, score: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the Gini divided by that of the perfect ranking (Frees, Meyers and Cummings 2011); at most 1.

    NaN if the total is not positive or all actuals are equal, when there is nothing to rank.
    """
    return _normalised_gini(judge(actual, score, weight))


def capture(actual: npt.ArrayLike, score: npt.ArrayLike, share: float = 0.10, weight: Weight = None) -> float:
    """Return the share of revenue held by the top `share` of customers by score.

    Customers tied at the edge share the places left pro rata; a fraction of a customer counts as that
    fraction. NaN if the total is not positive.

    Raises
    ------
    ValueError
        Also if `share` is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; expected a number above 0 and at most 1")
    return judge(actual, score, weight).gains.capture(share)


def rmse(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the root mean squared error, EUR."""
    return _rmse(judge(actual, predicted, weight))


def rmse_without_largest(
    actual: npt.ArrayLike, predicted: npt.ArrayLike, k: int = LARGEST, weight: Weight = None
) -> float:
    """Return the RMSE in EUR without the `k` >= 1 largest actuals; NaN if no customer is left.

    Customers tied at the edge are left out pro rata.

    Raises
    ------
    ValueError
        Also if `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")
    return _rmse_without_largest(judge(actual, predicted, weight), k)


def mae(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the mean absolute error, EUR."""
    return _mae(judge(actual, predicted, weight))


def mae_log(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the mean of |ln(1 + predicted) - ln(1 + actual)|, negative amounts taken as 0.

    Monitored, never a rule of a gate.
    """
    return _mae_log(judge(actual, predicted, weight))


def wape(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the sum of absolute errors over the sum of |actual|; NaN if every actual is 0."""
    return _wape(judge(actual, predicted, weight))


def calibration_ratio(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the sum of predictions over the sum of actuals; NaN if the latter is not positive."""
    return _calibration_ratio(judge(actual, predicted, weight))


def mape(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: Weight = None) -> tuple[float, float]:
    """Return the mean relative error over customers with actual >= EUR 1, and the share of such customers.

    (NaN, 0.0) if there is none.
    """
    return judge(actual, predicted, weight).mape_and_share


def coverage(actual: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> float:
    """Return the share of actuals within [low, high], both ends included; all of shape (n,), EUR."""
    came = checked("actual", actual)
    return float(
        ((checked("low", low, came.size) <= came) & (came <= checked("high", high, came.size))).mean()
    )


def spearman(actual: npt.ArrayLike, score: npt.ArrayLike, weight: Weight = None) -> float:
    """Return the rank correlation, ties averaged; NaN if either side is constant."""
    return judge(actual, score, weight).spearman


def material(n: int, n_total: int, revenue_share: float) -> bool:
    """Return whether a segment matters: at least 2 % of customers or of revenue, and 200 customers."""
    large = n >= MATERIAL_SHARE * n_total or revenue_share >= MATERIAL_SHARE
    return large and n >= MATERIAL_MIN_CUSTOMERS


def _gini(judged: Judged) -> float:
    return judged.gains.gini


def _normalised_gini(judged: Judged) -> float:
    perfect = judged.customers.perfect_gini
    return judged.gains.gini / perfect if perfect > ROUNDING else float("nan")


def _rmse(judged: Judged) -> float:
    return float(np.sqrt(judged.customers.mean(judged.forecast.squared_error)))


def _rmse_without_largest(judged: Judged, k: int = LARGEST) -> float:
    rest = judged.customers.without_largest(k)
    return float("nan") if rest is None else _rmse(Judged(rest, judged.forecast))


def _mae(judged: Judged) -> float:
    return judged.customers.mean(judged.forecast.absolute_error)


def _mae_log(judged: Judged) -> float:
    said, came = np.log1p(np.maximum([judged.forecast.predicted, judged.customers.actual], 0.0))
    return judged.customers.mean(np.abs(said - came))


def _wape(judged: Judged) -> float:
    customers = judged.customers
    return (
        _mae(judged) * customers.size / customers.absolute_total if customers.absolute_total else float("nan")
    )


def _calibration_ratio(judged: Judged) -> float:
    customers = judged.customers
    return _total_predicted(judged) / customers.total if customers.has_revenue else float("nan")


def _total_predicted(judged: Judged) -> float:
    return judged.customers.mean(judged.forecast.predicted) * judged.customers.size


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "gini": _gini,
        "gini_normalised": _normalised_gini,
        "capture_top10": lambda judged: judged.gains.capture(0.10),
        "capture_top20": lambda judged: judged.gains.capture(0.20),
        "rmse": _rmse,
        "rmse_without_5_largest": _rmse_without_largest,
        "mae": _mae,
        "mae_log": _mae_log,
        "wape": _wape,
        "spearman": lambda judged: judged.spearman,
        "calibration_ratio": _calibration_ratio,
        "mape": lambda judged: judged.mape_and_share[0],
        "mape_share": lambda judged: judged.mape_and_share[1],
        "mean_actual_eur": lambda judged: judged.customers.mean(judged.customers.actual),
        "mean_predicted_eur": lambda judged: judged.customers.mean(judged.forecast.predicted),
        "sum_actual_eur": lambda judged: judged.customers.total,
        "sum_predicted_eur": _total_predicted,
    }
)


def evaluate(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> dict[str, float]:
    """Return `n`, the number of customers, and every metric of `METRICS` under its name."""
    judged = judge(actual, predicted)
    return {"n": judged.customers.actual.size, **{name: metric(judged) for name, metric in METRICS.items()}}
