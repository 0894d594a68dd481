"""Forecasts set beside what came, in one order that no shuffling of the rows can change.

Rows are sorted by actual (from high to low), then by every forecast and weight. Rows equal in all of these
are interchangeable, so the sums below add the same numbers in the same order however the rows arrive, and
results are bit-identical. Orders and tie groups do not depend on the weights: a bootstrap resample is a new
weight vector and costs O(n).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

MAPE_MIN_ACTUAL_EUR = 1.0  # below it a percentage error says nothing
ROUNDING = 1e-9  # a total this small beside its parts is zero up to floating-point rounding


class GainsCurve(NamedTuple):
    """Points from (0, 0) to (1, 1): share of customers against share of revenue."""

    customers: Vector
    revenue: Vector


def _last_of_ties(ordered: Vector) -> Positions:
    """Return the position of the last row of each run of equal values."""
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), ordered.size - 1)


def _at_edges(values: Vector, last: Positions) -> Vector:
    """Return 0 and the running total after each tie group."""
    edges = np.zeros(last.size + 1)
    if last.size == values.size:  # no ties; spares two copies
        np.cumsum(values, out=edges[1:])
    else:
        edges[1:] = np.cumsum(values)[last]
    return edges


def _mid_ranks(weight: Vector, last: Positions) -> Vector:
    """Return the weighted rank of each row, the middle of its tie group's stretch."""
    edges = _at_edges(weight, last)
    return np.repeat((edges[1:] + edges[:-1]) / 2, np.diff(last, prepend=-1))


@dataclass(frozen=True)
class Gains:
    """Running totals of customers and revenue from the best-ranked down, and the figures read off them."""

    customers: Vector
    revenue: Vector

    @property
    def curve(self) -> GainsCurve:
        """The totals as shares."""
        return GainsCurve(self.customers / self.customers[-1], self.revenue / self.revenue[-1])

    @property
    def gini(self) -> float:
        """Twice the area between curve and diagonal."""
        double_area = float(((self.revenue[1:] + self.revenue[:-1]) * np.diff(self.customers)).sum())
        return double_area / (float(self.customers[-1]) * float(self.revenue[-1])) - 1

    def capture(self, share: float) -> float:
        """Revenue share of the top `share`; along a tie group it grows linearly, so ties share pro rata."""
        top = np.interp(share * self.customers[-1], self.customers, self.revenue)
        return float(top / self.revenue[-1])


@dataclass(frozen=True)
class Customers:
    """What came, from the highest actual to the lowest, and how much each customer counts."""

    actual: Vector
    last: Positions
    weight: Vector

    def reweighted(self, weight: Vector) -> Self:
        """Return the same customers counted `weight` times each."""
        return replace(self, weight=weight)

    @cached_property
    def size(self) -> float:
        """Total weight: the number of customers."""
        return float(self.weight.sum())

    @cached_property
    def weighted_actual(self) -> Vector:
        """Actual times weight, per row."""
        return self.weight * self.actual

    @cached_property
    def total(self) -> float:
        """Total actual."""
        return float(self.weighted_actual.sum())

    @cached_property
    def absolute_total(self) -> float:
        """Total of the actuals without their signs."""
        return float(np.abs(self.weighted_actual).sum())

    @cached_property
    def has_revenue(self) -> bool:
        """Whether the total is positive beyond rounding; shares of it are undefined otherwise."""
        return self.total > ROUNDING * self.absolute_total

    def mean(self, values: Vector) -> float:
        """Return the weighted mean of `values`, given in this order of customers."""
        return float((self.weight * values).sum()) / self.size

    @cached_property
    def mid_ranks(self) -> Vector:
        """Ranks by actual, ties averaged."""
        return _mid_ranks(self.weight, self.last)

    @cached_property
    def perfect_gini(self) -> float:
        """Gini of the ranking by the actuals themselves."""
        return self.gains(self.weight, self.weighted_actual, self.last).gini

    def gains(self, weight: Vector, weighted_actual: Vector, last: Positions) -> Gains:
        """Return the running totals of a ranking, its rows in order; NaN revenue without `has_revenue`."""
        revenue = _at_edges(weighted_actual, last)
        return Gains(_at_edges(weight, last), revenue if self.has_revenue else revenue * np.nan)

    def without_largest(self, k: int) -> Self | None:
        """Return the customers without the `k` largest actuals, ties pro rata; None if none stay."""
        edges = _at_edges(self.weight, self.last)
        if edges[-1] <= k:
            return None
        group = int(np.searchsorted(edges[1:], k, side="left"))
        start, stop = (int(self.last[group - 1]) + 1 if group else 0), int(self.last[group]) + 1
        kept = self.weight.copy()
        kept[:start] = 0.0
        kept[start:stop] *= (edges[group + 1] - k) / (edges[group + 1] - edges[group])
        return self.reweighted(kept)


@dataclass(frozen=True)
class Forecast:
    """One forecast in the order of the customers, with its own ranking."""

    predicted: Vector
    absolute_error: Vector
    squared_error: Vector
    order: Positions
    last: Positions
    actual_in_order: Vector


@dataclass(frozen=True)
class Judged:
    """One forecast beside the outcome: what every metric is computed from."""

    customers: Customers
    forecast: Forecast

    @cached_property
    def gains(self) -> Gains:
        """Gains of the ranking by the forecast."""
        weight = self.weight_in_order
        return self.customers.gains(weight, weight * self.forecast.actual_in_order, self.forecast.last)

    @cached_property
    def weight_in_order(self) -> Vector:
        """Weights from the highest forecast down."""
        return self.customers.weight[self.forecast.order]

    @property
    def spearman(self) -> float:
        """Correlation of the mid-ranks; NaN if either side is constant."""
        weight, half = self.customers.weight, self.customers.size / 2
        ranks = np.empty_like(weight)
        ranks[self.forecast.order] = _mid_ranks(self.weight_in_order, self.forecast.last)
        a, b = self.customers.mid_ranks - half, ranks - half
        spread = float((weight * a * a).sum()) * float((weight * b * b).sum())
        return float((weight * a * b).sum()) / float(np.sqrt(spread)) if spread > 0 else float("nan")

    @property
    def mape_and_share(self) -> tuple[float, float]:
        """Mean relative error over actuals of at least EUR 1, and the share of such customers."""
        actual, weight = self.customers.actual, self.customers.weight
        n = int(np.searchsorted(-actual, -MAPE_MIN_ACTUAL_EUR, side="right"))
        counted = float(weight[:n].sum())
        if counted == 0:
            return float("nan"), 0.0
        relative = self.forecast.absolute_error[:n] / actual[:n]
        return float((weight[:n] * relative).sum()) / counted, counted / self.customers.size


def _forecast(actual: Vector, predicted: Vector) -> Forecast:
    order = np.argsort(-predicted, kind="stable")
    error = predicted - actual
    return Forecast(
        predicted, np.abs(error), error * error, order, _last_of_ties(predicted[order]), actual[order]
    )


def checked(name: str, values: npt.ArrayLike, size: int | None = None) -> Vector:
    """Return `values` as floats; ValueError if empty, not one-dimensional, not finite or not of `size`."""
    vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1 or vector.size == 0 or vector.size != (size or vector.size):
        wanted = f"({size},)" if size else "(n,), n >= 1"
        raise ValueError(f"{name} has shape {vector.shape}; expected {wanted}")
    if not np.isfinite(vector).all():
        raise ValueError(f"{name} has {int((~np.isfinite(vector)).sum())} values that are not finite")
    return vector


def judge_all(
    actual: npt.ArrayLike, scores: Mapping[str, npt.ArrayLike], weight: npt.ArrayLike | None = None
) -> dict[str, Judged]:
    """Set several forecasts of the same customers beside what came.

    Parameters
    ----------
    actual
        Shape (n,), EUR, may be negative.
    scores
        Forecasts by name, each of shape (n,).
    weight
        Shape (n,), how often each row counts, not negative; every row once by default.

    Raises
    ------
    ValueError
        If shapes differ, a value is not finite, a weight is negative or all are zero.
    """
    came = checked("actual", actual)
    said = {name: checked(name, values, came.size) for name, values in scores.items()}
    counts = np.ones(came.size) if weight is None else checked("weight", weight, came.size)
    if counts.min() < 0 or counts.max() == 0:
        raise ValueError("weight must not be negative, and at least one must be positive")
    order = np.lexsort((counts, *(said[name] for name in sorted(said)), -came))
    came = came[order]
    customers = Customers(came, _last_of_ties(came), counts[order])
    return {name: Judged(customers, _forecast(came, values[order])) for name, values in said.items()}


def judge(actual: npt.ArrayLike, predicted: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Judged:
    """Set one forecast beside what came; see `judge_all`."""
    return judge_all(actual, {"predicted": predicted}, weight)["predicted"]
