"""Where trees start from: the label-free forecast on the scale of a loss, over its `scale_eur`."""

import numpy as np
import numpy.typing as npt

from clv.models.activity import SMALLEST_P
from clv.models.rows import Inputs

Floats = npt.NDArray[np.float64]

SMALLEST_PRIOR = 1e-4
"""Of the mean label: a prior of 0 has no logarithm."""


def log_prior(inputs: Inputs, scale_eur: float) -> Floats:
    """Return the logarithm of the forecast."""
    return _log(inputs.start_eur / scale_eur)


def log1p_prior(inputs: Inputs, scale_eur: float) -> Floats:
    """Return the logarithm of 1 + the forecast."""
    start: Floats = np.log1p(np.maximum(inputs.start_eur, 0.0) / scale_eur)
    return start


def log_amount(inputs: Inputs, scale_eur: float) -> Floats:
    """Return the logarithm of the forecast per active customer."""
    return _log(amount_given(inputs) / scale_eur)


def amount_given(inputs: Inputs) -> Floats:
    """Return the forecast per active customer, EUR."""
    given: Floats = inputs.start_eur / np.maximum(inputs.btyd_p, SMALLEST_P)
    return given


def _log(value: Floats) -> Floats:
    start: Floats = np.log(np.maximum(value, SMALLEST_PRIOR))
    return start
