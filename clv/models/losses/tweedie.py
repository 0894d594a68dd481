"""Tweedie deviance: revenue whose variance grows like mean^p, with a mass at 0 (Jorgensen 1987).

min E[μ^(2−p) / (2−p) − y μ^(1−p) / (1−p)], 1 < p < 2; trees add to log μ, from log(prior). Labels come
scaled to mean 1, so `LEAF_WEIGHT` is in average customers: without it leaves of one giant multiply his
forecast.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.losses.starts import log_prior
from clv.models.rows import Inputs
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

POWER = 1.3
"""Of the reference recipe."""
POWERS = (1.1, 1.3, 1.5, 1.7)
"""What `training.trial` may choose from on later rows."""
LEAF_WEIGHT = 100.0
REVENUE = "revenue"


@dataclass(frozen=True)
class Tweedie:
    """Trees that multiply the prior."""

    power: float = POWER
    name: str = "tweedie"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        scale = lesson.mean_eur

        def batch(some: Lesson) -> Batch:
            return some.batch(some.revenue_eur / scale, log_prior(some.inputs, scale))

        target = Target("reg:tweedie", LEAF_WEIGHT, {"tweedie_variance_power": self.power})
        booster = trainer.grow(target, batch(lesson), ending(stop, REVENUE, batch))
        return Learner(self, {REVENUE: booster}, {"scale_eur": scale, "power": self.power})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean."""
        scale = learner.numbers["scale_eur"]
        return scale * respond(learner.boosters[REVENUE], inputs.matrix, log_prior(inputs, scale))


def mean_tweedie_deviance(
    label: Floats, said: Floats, power: float = POWER, weight: Floats | None = None
) -> float:
    """Return half the mean Tweedie deviance (Jorgensen 1987), less what does not depend on `said` > 0."""
    loss = said ** (2 - power) / (2 - power) - label * said ** (1 - power) / (1 - power)
    return float(np.average(loss, weights=weight))
