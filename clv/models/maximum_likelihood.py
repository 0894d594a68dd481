"""Maximum likelihood of positive parameters, found on their logarithms with an analytic gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
Status = Literal["converged", "iteration_cap", "stalled"]
Model = TypeVar("Model")

ITERATION_CAP = 1000
# Parameters are searched between e^-14 and e^14 of the data's own scale; beyond, a model is its own limit.
LOG_BOUND = 14.0
# A stalled line search counts as converged where the mean log-likelihood's slope is below this.
FLAT_SLOPE = 1e-6
# The 95 % interval of a parameter whose logarithm has this standard error spans a factor of 50.
WEAK_LOG_STANDARD_ERROR = 1.0
# Floor on the information, so that a flat direction gets a huge standard error instead of a failed inverse.
INFORMATION_FLOOR = 1e-6
HESSIAN_STEP = 1e-4


@dataclass(frozen=True)
class Fit(Generic[Model]):
    """A fitted model in the caller's units, with standard errors from the observed information.

    `status` tells a stopped search from a converged one. `weak_parameters` names those that the data hardly
    determine: at the edge of the search, or with a standard error of the logarithm above 1. Forecasts near
    the observed span may be sound all the same; such a parameter must not be interpreted.
    """

    model: Model
    log_likelihood: float
    standard_errors: dict[str, float]
    status: Status
    weak_parameters: tuple[str, ...]

    @property
    def converged(self) -> bool:
        """Whether the search ended at a maximum, not at the iteration cap or in a stalled line search."""
        return self.status == "converged"

    @property
    def weakly_identified(self) -> bool:
        """Whether the data hardly determine at least one parameter."""
        return bool(self.weak_parameters)


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the log-likelihood peaks: log parameters, their standard errors, which are weak; shape (k,)."""

    log_parameters: Floats
    log_standard_errors: Floats
    is_weak: npt.NDArray[np.bool_]
    status: Status

    def fit(self, model: Model, values: Floats, log_likelihood: float) -> Fit[Model]:
        """Return the fit of a dataclass of parameters, `values` being theirs in the caller's units."""
        names = list(vars(model))
        errors = dict(zip(names, (values * self.log_standard_errors).tolist(), strict=True))
        weak = tuple(name for name, is_weak in zip(names, self.is_weak, strict=True) if is_weak)
        return Fit(model, log_likelihood, errors, self.status, weak)


def maximise(
    value_and_gradient: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    observations: float,
    iteration_cap: int = ITERATION_CAP,
) -> Maximum:
    """Maximise a log-likelihood over log parameters with L-BFGS-B.

    Parameters
    ----------
    value_and_gradient
        Log parameters of shape (k,) in; summed log-likelihood and its gradient of shape (k,) out.
    start
        Log parameters to start from, shape (k,).
    observations
        Number of customers in the sum; the search sees their mean, so tolerances mean the same at any size.
    """

    def loss(log_parameters: Floats) -> tuple[float, Floats]:
        value, gradient = value_and_gradient(log_parameters)
        return -value / observations, -gradient / observations

    peak, scipy_status = _search(loss, start, iteration_cap)
    at_bound = np.abs(peak) >= LOG_BOUND - 1e-6
    slope = np.where(at_bound, 0.0, loss(peak)[1])
    errors = _log_standard_errors(value_and_gradient, peak)
    weak = at_bound | (errors > WEAK_LOG_STANDARD_ERROR)
    return Maximum(peak, errors, weak, _status(scipy_status, float(np.abs(slope).max())))


def _search(
    loss: Callable[[Floats], tuple[float, Floats]], start: Floats, iteration_cap: int
) -> tuple[Floats, int]:
    """Return where the search ended, and SciPy's word for how."""
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
        options={
            "maxiter": iteration_cap,
            "maxfun": 4 * iteration_cap,
            "ftol": 1e-14,
            "gtol": 1e-9,
            "maxcor": 20,
        },
    )
    return np.asarray(found.x, dtype=np.float64), int(found.status)


def _status(scipy_status: int, slope: float) -> Status:
    if scipy_status == 0 or (scipy_status == 2 and slope < FLAT_SLOPE):
        return "converged"
    return "iteration_cap" if scipy_status == 1 else "stalled"


def _log_standard_errors(
    value_and_gradient: Callable[[Floats], tuple[float, Floats]], peak: Floats
) -> Floats:
    """Return the standard errors; the information comes from central differences of the gradient."""
    steps = HESSIAN_STEP * np.eye(len(peak))
    slopes = [value_and_gradient(peak + step)[1] - value_and_gradient(peak - step)[1] for step in steps]
    information = -np.stack(slopes) / (2 * HESSIAN_STEP)
    curvature, directions = np.linalg.eigh((information + information.T) / 2)
    variances = (directions**2 / np.maximum(curvature, INFORMATION_FLOOR)).sum(axis=1)
    return np.asarray(np.sqrt(variances), dtype=np.float64)
