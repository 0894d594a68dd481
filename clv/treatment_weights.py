"""Inverse-propensity weights: what rows would count if contacting had been left to chance alike for everyone.

A customer who was contacted had revenue that others were not offered. Trained on that, a model takes the
campaign's work for the customer's own. With weights, contacted and held out have the same customers in every
corner of the features, and what is learned is E[revenue] under a *reference policy* that contacts each
contactable customer of a wave with the same probability, the mean of the wave's.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LARGEST_WEIGHT = 10.0
"""Clipped there: a row that counts more than ten says more of its own luck than of its kind."""


def log_ratio(contacted: Mask, propensity: Floats, rate: Floats | float) -> Floats:
    """Return ln(P_reference / P_logged) of what happened to each customer of a wave.

    Parameters
    ----------
    contacted, propensity
        What the draw did, and P(contacted) before it, in (0, 1] and below 1 where held out.
    rate
        P(contacted) under the reference policy: the mean propensity of the wave.

    Notes
    -----
    Over several waves the logarithms add up: the weights of marginal structural models, stabilised by `rate`
    (Robins, Hernán and Brumback 2000, equation 3). Each has mean 1 over the draw. A customer contacted for
    certain weighs `rate`: finite, and no substitute for the overlap that is missing.
    """
    rates = np.broadcast_to(np.asarray(rate, np.float64), propensity.shape)
    found = np.empty(len(propensity))
    found[contacted] = np.log(rates[contacted]) - np.log(propensity[contacted])
    held_out = ~contacted
    found[held_out] = np.log1p(-rates[held_out]) - np.log1p(-propensity[held_out])
    return found


def self_normalised(log_weight: Floats, largest: float = LARGEST_WEIGHT) -> Floats:
    """Return the weights, clipped to `largest` and divided by their mean (Hájek), shape as given.

    Self-normalising makes them insensitive to the luck of the draw, clipping bounds what one row may say; the
    bias that clipping leaves is towards the logged policy.
    """
    weight = np.minimum(np.exp(log_weight), largest)
    return weight / weight.mean() if len(weight) else weight
