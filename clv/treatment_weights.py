"""Inverse-propensity weights of training rows, self-normalised and clipped."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LARGEST_WEIGHT = 10.0
"""Clipped there: a row that counts more than ten says more of its own luck than of its kind."""


def self_normalised(log_weight: Floats, largest: float = LARGEST_WEIGHT) -> Floats:
    """Return exp(log_weight), clipped to `largest` and divided by the mean (Hájek), shape as given.

    Self-normalising makes the weights insensitive to the luck of the draw. Clipping bounds what one row may
    say; the bias that it leaves is towards the logged policy.
    """
    weight: Floats = np.exp(np.minimum(log_weight, np.log(largest)))
    return np.divide(weight, weight.mean()) if len(weight) else weight
