"""Squared error of log(1 + revenue), brought back to a mean by smearing (Duan 1983).

With h = log(1 + y / s), s the mean label, and residuals e of the training rows, E[y] = s (exp(f) S − 1),
S = mean exp(e): Duan's estimate, exact where residuals do not depend on the features. They do (whoever may
not return has other residuals than a regular), which is why this loss loses.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.losses.starts import log1p_prior
from clv.models.rows import Inputs
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

SQUARED = Target("reg:squarederror", 100.0)
REVENUE = "revenue"


@dataclass(frozen=True)
class Log1p:
    """Trees that add to log(1 + prior)."""

    name: str = "log1p"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        scale = lesson.mean_eur

        def batch(some: Lesson) -> Batch:
            return some.batch(np.log1p(some.revenue_eur / scale), log1p_prior(some.inputs, scale))

        told = batch(lesson)
        booster = trainer.grow(SQUARED, told, ending(stop, REVENUE, batch))
        residual = told.label - respond(booster, told.matrix, told.margin)
        return Learner(
            self, {REVENUE: booster}, {"scale_eur": scale, "smearing": smearing(residual, lesson.weight)}
        )

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean, at least 0."""
        scale = learner.numbers["scale_eur"]
        said = respond(learner.boosters[REVENUE], inputs.matrix, log1p_prior(inputs, scale))
        mean: Floats = scale * (np.exp(said) * learner.numbers["smearing"] - 1)
        return np.maximum(mean, 0.0)


def smearing(residual: Floats, weight: Floats) -> float:
    """Return the mean of exp(residual): what E[exp(f + e)] is to exp(f) (Duan 1983, equation 2.3)."""
    return float(np.average(np.exp(residual), weights=weight))
