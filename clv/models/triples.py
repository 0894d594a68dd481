"""Customers with the same purchase history share one weighted row: far fewer terms in a likelihood."""
# ruff: noqa: N803 -- x, t_x, T are the symbols of the papers

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Triples:
    """Distinct (x, t_x, T), sorted; `weight` customers share each, `inverse` leads from customer to row."""

    x: Floats
    t_x: Floats
    T: Floats
    weight: Floats
    inverse: Indices

    def spread(self, values: Floats) -> Floats:
        """Give every customer the value of its triple: shape (triples,) in, shape (customers,) out."""
        return values[self.inverse]


def unique_triples(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> Triples:
    """Collapse customers into distinct weighted triples.

    Parameters
    ----------
    frequency, recency, T
        Repeat purchases x, time t_x of the last one and age T, both since the first purchase; shape (n,), one
        time unit. With x = 0 the recency carries no information and is set to 0.
    weights
        How many customers a row stands for; 1 each by default.

    Raises
    ------
    ValueError
        If shapes differ, or a row breaks 0 <= t_x <= T, x a whole number >= 0, weight > 0.
    """
    x, t_x, age = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, T))
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    _check(x, t_x, age, weight)
    t_x = np.where(x == 0, 0.0, t_x)
    order = np.lexsort((age, t_x, x))
    x, t_x, age = x[order], t_x[order], age[order]
    is_new = np.ones(len(x), dtype=bool)
    is_new[1:] = (np.diff(x) != 0) | (np.diff(t_x) != 0) | (np.diff(age) != 0)
    inverse = np.empty(len(x), dtype=np.intp)
    inverse[order] = np.cumsum(is_new) - 1
    sums = np.bincount(inverse, weights=weight).astype(np.float64)
    return Triples(x[is_new], t_x[is_new], age[is_new], sums, inverse)


def _check(x: Floats, t_x: Floats, age: Floats, weight: Floats) -> None:
    if x.ndim != 1 or not x.shape == t_x.shape == age.shape == weight.shape:
        raise ValueError("frequency, recency, T and weights must be one-dimensional and equally long")
    history = np.isfinite(age) & (age >= t_x) & (t_x >= 0) & (x >= 0) & (x == np.floor(x))
    kept = history & np.isfinite(x) & np.isfinite(weight) & (weight > 0)
    if not kept.all():
        row = int(np.argmin(kept))
        raise ValueError(
            f"row {row} (frequency {x[row]}, recency {t_x[row]}, T {age[row]}, weight {weight[row]}): "
            "expected whole frequency >= 0, 0 <= recency <= T and weight > 0"
        )
