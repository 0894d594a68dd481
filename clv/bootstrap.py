"""Paired bootstrap: whether two forecasts differ by more than the luck of who is in the sample."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.judged import Judged, judge_all
from clv.metrics import METRICS, Metric

INTERVAL = (0.025, 0.975)
COMPARED: Mapping[str, Metric] = {
    name: METRICS[name]
    for name in ("gini_normalised", "capture_top10", "capture_top20", "rmse", "mae", "calibration_ratio")
}


def paired_bootstrap(
    actual: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    reference: str,
    metrics: Mapping[str, Metric] = COMPARED,
    n_resamples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare forecasts of the same customers with a reference forecast.

    Customers are drawn with replacement, the same draw for all forecasts (Efron and Tibshirani 1993, ch. 8).
    A draw is a vector of counts over rows sorted once: O(n) time per forecast and metric. The result does not
    depend on the order of the rows or of the forecasts. It knows nothing of calendar risk: all customers live
    through one and the same future.

    Parameters
    ----------
    actual
        Shape (n,), EUR.
    scores
        Forecasts by name, each of shape (n,), EUR.
    reference
        The name in `scores` that differences are taken to.
    metrics
        What to compute, by name: some of `clv.metrics.METRICS`, or other functions of a `Judged`.
    n_resamples
        At least 2.
    seed
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        One row per model and metric: `model`, `metric`; `estimate` on the customers themselves, with
        `standard_error`, `low`, `high`; `difference` = estimate minus the reference's, with
        `difference_standard_error`, `difference_low`, `difference_high`. The intervals are 95 % percentile
        intervals; they and the standard errors are NaN where the metric is undefined in any resample.

    Raises
    ------
    ValueError
        If `reference` is not in `scores`, if there are fewer than 2 resamples, or as `clv.judged.judge_all`.
    """
    if reference not in scores:
        raise ValueError(f"reference {reference!r} is none of the forecasts {sorted(scores)}")
    if n_resamples < 2:
        raise ValueError(f"n_resamples is {n_resamples}; expected at least 2")
    judged = judge_all(actual, scores)
    estimates = _figures(judged, metrics)
    draws = _draws(judged, metrics, n_resamples, seed)
    against = list(scores).index(reference)
    columns = {
        "model": np.repeat(list(scores), len(metrics)),
        "metric": np.tile(list(metrics), len(scores)),
        **_summary("", estimates, draws),
        **_summary("difference_", estimates - estimates[against], draws - draws[:, [against]]),
    }
    return pd.DataFrame(columns).rename(columns={"difference_estimate": "difference"})


def _figures(judged: Mapping[str, Judged], metrics: Mapping[str, Metric]) -> npt.NDArray[np.float64]:
    """Return every metric of every forecast, shape (forecasts, metrics)."""
    return np.array(
        [[metric(one) for metric in metrics.values()] for one in judged.values()], dtype=np.float64
    )


def _draws(
    judged: Mapping[str, Judged], metrics: Mapping[str, Metric], n_resamples: int, seed: int
) -> npt.NDArray[np.float64]:
    """Return the metrics on resampled customers, shape (resamples, forecasts, metrics)."""
    rng = np.random.default_rng(seed)
    customers = next(iter(judged.values())).customers
    n = customers.actual.size
    drawn = []
    for _ in range(n_resamples):
        counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        resample = customers.reweighted(counts)
        drawn.append(
            _figures({name: Judged(resample, one.forecast) for name, one in judged.items()}, metrics)
        )
    return np.stack(drawn)


def _summary(
    prefix: str, estimates: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    low, high = np.quantile(draws, INTERVAL, axis=0)
    return {
        f"{prefix}estimate": estimates.ravel(),
        f"{prefix}standard_error": draws.std(axis=0, ddof=1).ravel(),
        f"{prefix}low": low.ravel(),
        f"{prefix}high": high.ravel(),
    }
