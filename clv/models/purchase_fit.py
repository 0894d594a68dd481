"""Fit a purchase process on weighted triples, in the data's own unit of time."""
# ruff: noqa: N803 -- x, t_x, T are the symbols of the papers

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from clv.models.maximum_likelihood import Fit, maximise
from clv.models.triples import Triples

Floats = npt.NDArray[np.float64]


class PurchaseModel(Protocol):
    """When customers buy and when they leave; a frozen dataclass of four positive parameters.

    Array arguments broadcast against each other: x repeat purchases, the last at t_x, age T, horizon t, times
    since the first purchase in the unit of the fit. Every method returns float64 of their common shape.
    """

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return each customer's log-likelihood."""

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(not dropped out by T | x, t_x, T)."""

    def p_active(self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(at least one purchase in (T, T + t] | x, t_x, T)."""

    def expected_purchases(
        self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T]."""


Model = TypeVar("Model", bound=PurchaseModel)
Likelihood = Callable[[Floats], tuple[float, Floats]]


def fit_purchases(
    build: Callable[..., Model],
    likelihood: Callable[[Triples], Likelihood],
    start: Sequence[float],
    is_time: Sequence[bool],
    triples: Triples,
) -> Fit[Model]:
    """Maximise the likelihood of a model whose parameters `is_time` carry the unit of time.

    `start` holds the parameters where the mean age is 1. ValueError if there is no customer.
    """
    if len(triples.x) == 0:
        raise ValueError("no customer to fit a purchase model on")
    customers = float(triples.weight.sum())
    unit = float((triples.T * triples.weight).sum()) / customers or 1.0
    scaled = Triples(triples.x, triples.t_x / unit, triples.T / unit, triples.weight, triples.inverse)
    peak = maximise(likelihood(scaled), np.log(start), customers)
    values = np.exp(peak.log_parameters) * np.where(is_time, unit, 1.0)
    model = build(*values.tolist())
    each = model.log_likelihood(triples.x, triples.t_x, triples.T)
    return peak.fit(model, values, float((each * triples.weight).sum()))


def as_floats(*values: npt.ArrayLike) -> tuple[Floats, ...]:
    """Return the values as float64 arrays of their common shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))
