"""Weights of several forecasts of one quantity: at least 0, sum 1, near the plain mean where data are few.

Stacking (Wolpert 1992; Breiman 1996 for the non-negative weights). The loss is the Tweedie deviance of power
`POWER`, in which a giant counts by the root of his revenue; in squared error five customers would decide.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, minimize

from clv.models.losses.tweedie import mean_tweedie_deviance

Floats = npt.NDArray[np.float64]

POWER = 1.5
SMALLEST = 1e-3
"""Of the mean label: what a forecast of 0 counts as, since the deviance of 0 is infinite."""


def learned_weights(
    label: Floats, said: Floats, weight: Floats, as_of: npt.NDArray[np.datetime64], start: Floats
) -> Floats:
    """Return the weight of each forecast, shape (forecasts,).

    Shrunk from the weights of least deviance ŵ towards `start`: w = start + s (ŵ − start), s = d² / (d² + v)
    with d² = |ŵ − start|² and v the variance of the weights that single snapshots ask for: how far those of
    the next one may be from ŵ. A single snapshot, or nothing to learn from, leaves `start`.

    Parameters
    ----------
    label
        Shape (rows,), negative counts as 0.
    said
        Out of fold, shape (rows, forecasts), in the unit of the label.
    weight, as_of
        Weight and t₀ of each row.
    start
        Weights that sum to 1.
    """
    days, place = np.unique(as_of, return_inverse=True)
    came = np.maximum(label, 0.0)
    if len(days) < 2 or not (weight * came).any():
        return start
    found = _least_deviance(came, said, weight, start)
    single = [
        _least_deviance(came[rows], said[rows], weight[rows], start)
        for rows in (place == k for k in range(len(days)))
        if (weight[rows] * came[rows]).any()
    ]
    if len(single) < 2:
        return start
    distance = float(((found - start) ** 2).sum())
    spread = float(np.var(single, axis=0, ddof=1).sum())
    shrink = distance / (distance + spread) if distance > 0 else 0.0
    return start + shrink * (found - start)


def _least_deviance(label: Floats, said: Floats, weight: Floats, start: Floats) -> Floats:
    mean = float(np.average(label, weights=weight))
    came, forecasts = label / mean, np.maximum(said / mean, SMALLEST)

    def loss(w: Floats) -> float:
        return mean_tweedie_deviance(came, _blend(forecasts, w), POWER, weight)

    def slope(w: Floats) -> Floats:
        blend = _blend(forecasts, w)
        by_blend = weight * (blend ** (1 - POWER) - came * blend**-POWER) / weight.sum()
        return np.asarray((forecasts * by_blend[:, None]).sum(axis=0), dtype=np.float64)

    found = minimize(
        loss,
        start,
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(start),
        constraints=LinearConstraint(np.ones((1, len(start))), 1.0, 1.0),
        options={"ftol": 1e-10, "maxiter": 200},
    ).x
    kept = np.clip(found, 0.0, 1.0)
    return np.asarray(kept / kept.sum(), dtype=np.float64)


def _blend(forecasts: Floats, w: Floats) -> Floats:
    # No product of matrices: BLAS adds in another order where memory lies otherwise. SLSQP may step slightly
    # out of its bounds.
    blend: Floats = (forecasts * w).sum(axis=1)
    return np.maximum(blend, SMALLEST)
