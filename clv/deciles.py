"""Deciles of a score, and what came in each."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.judged import ROUNDING, checked

DECILES = 10


def _from_the_top(score: npt.ArrayLike, customer_id: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Return the rows from the highest score down, ties by customer_id ascending: a total order."""
    values = checked("score", score)
    codes, uniques = pd.factorize(np.asarray(customer_id), sort=True)
    if len(codes) != values.size or len(uniques) != values.size or codes.min() < 0:
        raise ValueError("customer_id must be given once for each of the scores, without repeats or nulls")
    order: npt.NDArray[np.intp] = np.lexsort((codes, -values))
    return order


def _decile_of_places(n: int) -> npt.NDArray[np.int64]:
    return DECILES - np.arange(n, dtype=np.int64) * DECILES // n


def decile(score: npt.ArrayLike, customer_id: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the decile of each row, 10 = highest.

    Group sizes differ by at most one. Of two customers with one score the smaller customer_id (strings by
    code point) stands higher. Pass non-leads only.

    Raises
    ------
    ValueError
        If lengths differ, a score is not finite, or a customer_id is null or repeated.
    """
    order = _from_the_top(score, customer_id)
    result = np.empty(order.size, dtype=np.int64)
    result[order] = _decile_of_places(order.size)
    return result


def calibration_by_decile(
    actual: npt.ArrayLike, predicted: npt.ArrayLike, customer_id: npt.ArrayLike
) -> pd.DataFrame:
    """Return one row per decile of `predicted`, indexed by `decile` from 10 down; at most 10 rows if n < 10.

    Columns: `n`; `mean_predicted_eur`, `mean_actual_eur`, `sum_actual_eur`; `share_of_actual`, the decile's
    part of the total actual; `calibration_ratio`, predicted over actual. The last two are NaN where what they
    divide by is not positive. Raises as `decile` does.
    """
    order = _from_the_top(predicted, customer_id)
    came, said = checked("actual", actual, order.size)[order], checked("predicted", predicted)[order]
    place = _decile_of_places(order.size)
    starts = np.flatnonzero(np.diff(place, prepend=0))
    n = np.diff(starts, append=order.size)
    predicted_eur, actual_eur, absolute_eur = (np.add.reduceat(v, starts) for v in (said, came, np.abs(came)))
    total = actual_eur.sum() if actual_eur.sum() > ROUNDING * absolute_eur.sum() else np.nan
    positive = np.where(actual_eur > ROUNDING * absolute_eur, actual_eur, np.nan)
    return pd.DataFrame(
        {
            "n": n,
            "mean_predicted_eur": predicted_eur / n,
            "mean_actual_eur": actual_eur / n,
            "sum_actual_eur": actual_eur,
            "share_of_actual": actual_eur / total,
            "calibration_ratio": predicted_eur / positive,
        },
        index=pd.Index(place[starts], name="decile"),
    )


def decile_table(
    actual: npt.ArrayLike, predicted: npt.ArrayLike, baseline: npt.ArrayLike, customer_id: npt.ArrayLike
) -> pd.DataFrame:
    """Return `calibration_by_decile` of the forecast, and of the baseline in columns that start `baseline_`.

    Each side cuts its deciles by its own ranking; `baseline_mean_predicted_eur` is the mean baseline.
    """
    ours = calibration_by_decile(actual, predicted, customer_id)
    return ours.join(calibration_by_decile(actual, baseline, customer_id).add_prefix("baseline_"))
