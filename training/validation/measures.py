"""Figures that only a validation asks for, as functions of `clv.judged.Judged`, so that they can be drawn."""

import numpy as np
import numpy.typing as npt

from clv.judged import Judged

Floats = npt.NDArray[np.float64]
TOP = 0.10


def r2(judged: Judged) -> float:
    """Return 1 - Σ(y - ŷ)² / Σ(y - ȳ)², the first form of Kvålseth (1985); NaN if all actuals are equal."""
    customers = judged.customers
    spread = customers.mean((customers.actual - customers.mean(customers.actual)) ** 2)
    missed = customers.mean(judged.forecast.squared_error)
    return 1 - missed / spread if spread > 0 else float("nan")


def ks_of_euros(judged: Judged) -> float:
    """Return the largest gap between forecast and actual euros, summed up along the forecast as shares.

    The Kolmogorov-Smirnov calibration error of Gupta et al. (2021, "Calibration of neural networks using
    splines", ICLR), of amounts: 0 where the shape of the forecast is right at every height, whatever its
    level. Tied forecasts enter together. NaN if either total is not positive.
    """
    weight, forecast = judged.weight_in_order, judged.forecast
    said = np.cumsum(weight * forecast.predicted[forecast.order])[forecast.last]
    came = np.cumsum(weight * forecast.actual_in_order)[forecast.last]
    if said[-1] <= 0 or not judged.customers.has_revenue:
        return float("nan")
    return float(np.abs(said / said[-1] - came / came[-1]).max())


def precision_top10(judged: Judged) -> float:
    """Return the share of the top tenth by forecast that is in the top tenth by actual.

    Ties at an edge share its places pro rata. A customer who brought nothing is in no top tenth.
    """
    hit, asked, _ = _top_tenths(judged)
    return hit / asked


def recall_top10(judged: Judged) -> float:
    """Return the share of the top tenth by actual that is in that by forecast; NaN if nobody brought any."""
    hit, _, true = _top_tenths(judged)
    return hit / true if true > 0 else float("nan")


def _top_tenths(judged: Judged) -> tuple[float, float, float]:
    """Return how many customers are in both top tenths, in that by forecast, and in that by actual."""
    customers, forecast = judged.customers, judged.forecast
    said = np.empty_like(customers.weight)
    said[forecast.order] = _membership(judged.weight_in_order, forecast.last)
    came = _membership(customers.weight, customers.last) * (customers.actual > 0)
    weight = customers.weight
    return float((weight * said * came).sum()), float((weight * said).sum()), float((weight * came).sum())


def _membership(weight: Floats, last: npt.NDArray[np.intp]) -> Floats:
    """Return how much of each row, best first, lies in the top tenth; rows of a tie alike."""
    edges = np.concatenate([[0.0], np.cumsum(weight)[last]])
    width = np.diff(edges)
    left = TOP * edges[-1] - edges[:-1]
    inside = np.divide(left, width, out=np.zeros_like(width), where=width > 0)
    return np.repeat(np.clip(inside, 0.0, 1.0), np.diff(last, prepend=-1))
