"""What customers are ranked by today: last year's revenue, RFM bands, classical buy-till-you-die models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.btyd import Purchases, SpendOrders, fit_btyd
from clv.models.forecast import CLV_EUR, P_ACTIVE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

QUINTILES = 5
MIN_ROWS_PER_BAND = 30
YEAR_DAYS = 365


def last_year(features: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """Return net revenue of [t₀ − 365 d, t₀) × min(1, H / 365) as `clv_eur`; `p_active` is NaN."""
    scale = min(1.0, horizon_days / YEAR_DAYS)
    revenue = features["monetary_365d_eur"].to_numpy(np.float64) * scale
    return _amounts(revenue, features.index)


def classic_btyd(
    features: pd.DataFrame, horizon_days: int, spend_orders: SpendOrders, purchases: Purchases
) -> pd.DataFrame:
    """Return `clv_eur` and `p_active` of a buy-till-you-die model, fitted on these customers of one t₀."""
    said = fit_btyd(features, spend_orders, purchases).forecast(features, horizon_days)
    return said[[CLV_EUR, P_ACTIVE]]


@dataclass(frozen=True)
class RfmBands:
    """The mean of what customers of one band brought; a band is a triple of quintiles (Hughes 1994).

    Quintiles of recency, frequency and last year's revenue are cut within each t₀, ties sharing one. A band
    with fewer than 30 rows has the mean of all bands with the same sum of quintiles, or of everybody.
    """

    by_band: Mapping[int, float]
    by_sum: Mapping[int, float]
    overall: float

    @classmethod
    def fit(cls, features: pd.DataFrame, value: npt.ArrayLike) -> Self:
        """Learn from customers × t₀s.

        `value`, shape (rows,), is the label, or last year's revenue where no horizon has closed.
        """
        came = pd.Series(np.asarray(value, dtype=np.float64))
        scores = _quintiles(features)
        return cls(_means(came, _band(scores)), _means(came, scores.sum(axis=1)), float(came.mean()))

    def forecast(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` of all non-leads of one t₀ or several; `p_active` is NaN."""
        scores = _quintiles(features)
        bands = zip(_band(scores).tolist(), scores.sum(axis=1).tolist(), strict=True)
        said = [self.by_band.get(band, self.by_sum.get(total, self.overall)) for band, total in bands]
        return _amounts(np.array(said, dtype=np.float64), features.index)


def _amounts(clv_eur: Floats, index: "pd.Index[Any]") -> pd.DataFrame:
    return pd.DataFrame({CLV_EUR: clv_eur, P_ACTIVE: np.nan}, index=index)


def _quintiles(features: pd.DataFrame) -> Ints:
    worst_first = pd.DataFrame(
        {
            "recency": -features["recency_days"].to_numpy(np.float64),
            "frequency": features["frequency"].to_numpy(np.float64),
            "monetary": features["monetary_365d_eur"].to_numpy(np.float64),
        }
    )
    ranks = worst_first.groupby(features["as_of"].to_numpy()).rank(pct=True)
    scores: Ints = np.ceil(QUINTILES * ranks.to_numpy(np.float64)).astype(np.int64)
    return scores


def _band(scores: Ints) -> Ints:
    return np.asarray(scores @ np.array([100, 10, 1]), dtype=np.int64)


def _means(value: "pd.Series[float]", by: Ints) -> dict[int, float]:
    found = value.groupby(by).agg(["mean", "size"])
    kept = found[found["size"] >= MIN_ROWS_PER_BAND]["mean"]
    return dict(zip(kept.index.tolist(), kept.tolist(), strict=True))
