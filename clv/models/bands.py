"""The median and the 80 % interval of a single customer's revenue, as shares of the forecast.

Split-conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018) with the residual came / said, by the
categories of Mondrian conformal prediction (Vovk, Gammerman, Shafer 2005, ch. 4): rows of like probability of
an order. That probability says how much of the distribution is the atom at 0, and how regularly the customer
orders, hence how far revenue strays from the forecast.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.forecast import CLV_EUR, CLV_HIGH_EUR, CLV_LOW_EUR, CLV_MEDIAN_EUR, P_ACTIVE

Floats = npt.NDArray[np.float64]

COVERAGE = 0.80
MIN_ROWS = 200
"""In a category: the coverage of an interval learned from fewer rows is uncertain by over 3 points."""
MAX_CATEGORIES = 20


@dataclass(frozen=True)
class Bands:
    """Shares of the forecast at a few probabilities of an order, linear in between, constant beyond.

    All tuples have one entry per category; `p_active` ascends, and low <= median <= high in each.
    """

    p_active: tuple[float, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]

    def of(self, clv_eur: Floats, p_active: Floats) -> dict[str, Floats]:
        """Return `clv_median_eur`, `clv_low_eur` and `clv_high_eur`, shapes (rows,).

        Each is proportional to `clv_eur`, counted as 0 below 0. A customer's interval depends on no other
        customer.
        """
        scale = np.maximum(clv_eur, 0.0)
        shares = {CLV_MEDIAN_EUR: self.median, CLV_LOW_EUR: self.low, CLV_HIGH_EUR: self.high}
        said = {name: scale * np.interp(p_active, self.p_active, share) for name, share in shares.items()}
        # Of three products one of the outer two may fall a rounding error inside.
        said[CLV_LOW_EUR] = np.minimum(said[CLV_LOW_EUR], said[CLV_MEDIAN_EUR])
        said[CLV_HIGH_EUR] = np.maximum(said[CLV_HIGH_EUR], said[CLV_MEDIAN_EUR])
        return said

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; `from_dict` restores them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any] | None) -> Self | None:
        """Restore what `to_dict` returned; None of None."""
        return None if saved is None else cls(**{name: tuple(values) for name, values in saved.items()})


def fit_bands(p_active: Floats, said_eur: Floats, came_eur: Floats) -> Bands | None:
    """Learn the shares from forecasts of customers whom the model had not seen, shapes (rows,).

    In each category low is the 10 % quantile, and high the smallest amount with which 80 % of the rows lie in
    [low, high], conformally counted. So the interval is [q10, q90], but starts at 0 and leaves 20 % above it
    where more than 10 % bring nothing; where more than 80 % do, it is [0, 0] and holds too many.

    Rows with a forecast of 0 or less teach nothing. None with fewer than `MIN_ROWS` others, and where nobody
    brought anything.
    """
    asked = said_eur > 0
    p, share = p_active[asked], came_eur[asked] / said_eur[asked]
    if len(p) < MIN_ROWS or not (share > 0).any():
        return None
    category = _categories(p)
    rows = [_category(p[category == c], share[category == c]) for c in range(category.max() + 1)]
    return Bands(*(tuple(values) for values in zip(*rows, strict=True)))


def figures(clv_eur: Floats, p_active: Floats, bands: Bands | None, index: "pd.Index[Any]") -> pd.DataFrame:
    """Return the columns of a forecast; median and interval are NaN where there are no bands."""
    unknown = dict.fromkeys((CLV_MEDIAN_EUR, CLV_LOW_EUR, CLV_HIGH_EUR), np.full(len(clv_eur), np.nan))
    said = unknown if bands is None else bands.of(clv_eur, p_active)
    return pd.DataFrame({CLV_EUR: clv_eur, **said, P_ACTIVE: p_active}, index=index)


def _categories(p: Floats) -> npt.NDArray[np.intp]:
    """Return the category of each row: about equally many rows in each, rows of one probability together."""
    wanted = min(max(len(p) // MIN_ROWS, 1), MAX_CATEGORIES)
    inner = np.linspace(0.0, 1.0, wanted + 1)[1:-1]
    edges = np.unique(np.quantile(p, inner, method="higher"))
    return np.searchsorted(edges[edges > p.min()], p, side="right")


def _category(p: Floats, share: Floats) -> tuple[float, float, float, float]:
    """Return the median probability and the shares low, median, high of one category."""
    ordered, n = np.sort(share), len(share)
    low = ordered[max(int((n + 1) * (1 - COVERAGE) / 2) - 1, 0)]
    below = int(np.searchsorted(ordered, low, side="left"))
    high = ordered[min(below + int(np.ceil((n + 1) * COVERAGE)), n) - 1]
    median = float(np.median(ordered))
    return float(np.median(p)), float(low), median, max(float(high), median)
