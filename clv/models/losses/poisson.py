"""Poisson order counts × expected spend per order day.

min E[λ − n log λ], trees add to log λ from log(expected orders of the prior); in training each snapshot's
season is an exposure. Spend is the prior's, so whatever changes a basket is not learned. `balance` makes the
total right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.rows import Inputs, Mask, weighed
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

POISSON = Target("count:poisson", 100.0)
SMALLEST_ORDERS = 1e-4
ORDERS = "orders"


@dataclass(frozen=True)
class PoissonSpend:
    """Trees that multiply the prior's expected orders."""

    name: str = "poisson"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        boosters = {ORDERS: trainer.grow(POISSON, _batch(lesson), ending(stop, ORDERS, _batch))}
        unbalanced = Learner(self, boosters, {"balance": 1.0})
        return Learner(self, boosters, {"balance": lesson.balance(unbalanced.eur(lesson.inputs))})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean."""
        orders = respond(learner.boosters[ORDERS], inputs.matrix, _log_orders(inputs))
        mean: Floats = learner.numbers["balance"] * orders * np.maximum(inputs.btyd_spend_eur, 0.0)
        return mean


def _batch(lesson: Lesson) -> Batch:
    expected = np.exp(_log_orders(lesson.inputs))

    def exposure(rows: Mask) -> float:
        came = weighed(lesson.weight[rows], lesson.orders[rows])
        return max(came / (weighed(lesson.weight[rows], expected[rows]) or 1.0), SMALLEST_ORDERS)

    return lesson.batch(lesson.orders, np.log(expected * lesson.by_snapshot(exposure)))


def _log_orders(inputs: Inputs) -> Floats:
    start: Floats = np.log(np.maximum(inputs.btyd_orders, SMALLEST_ORDERS))
    return start
