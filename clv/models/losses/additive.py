"""Losses of the residual in EUR: trees add to the prior itself.

Squared error, E[(y − μ)²], gives a mean that follows the few giants. Absolute error, E|y − m|, gives the
**median**, not the mean: lower than it for nearly everybody, 0 for those who probably do not return, so its
total is no forecast of revenue.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.rows import Inputs
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

LEAF_ROWS = 100.0
REVENUE = "revenue"


@dataclass(frozen=True)
class Additive:
    """One of the two losses; labels are scaled to mean 1."""

    name: str
    target: Target

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        scale = lesson.mean_eur

        def batch(some: Lesson) -> Batch:
            return some.batch(some.revenue_eur / scale, some.inputs.start_eur / scale)

        booster = trainer.grow(self.target, batch(lesson), ending(stop, REVENUE, batch))
        return Learner(self, {REVENUE: booster}, {"scale_eur": scale})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean or the median, at least 0."""
        scale = learner.numbers["scale_eur"]
        said = respond(learner.boosters[REVENUE], inputs.matrix, inputs.start_eur / scale)
        return np.maximum(scale * said, 0.0)


SQUARED_ERROR = Additive("squared-error", Target("reg:squarederror", LEAF_ROWS))
ABSOLUTE_ERROR = Additive("absolute-error", Target("reg:absoluteerror", LEAF_ROWS, constrainable=False))
