"""Quantiles of revenue (pinball loss, Koenker and Bassett 1978), and the mean they imply.

Trees add to log(1 + prior) for the five quantiles .1, .3, .5, .7, .9 at once; a quantile survives the way
back, which a mean does not. They are the midpoints of five equal shares of probability, so their average is a
midpoint rule for E[y] = ∫ Q(u) du; it lacks the tail, hence `balance`. Crossing quantiles are sorted
(Chernozhukov et al. 2010).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.losses.starts import log1p_prior
from clv.models.rows import Inputs
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
PINBALL = Target("reg:quantileerror", 100.0, {"quantile_alpha": np.array(LEVELS)}, constrainable=False)
REVENUE = "revenue"


@dataclass(frozen=True)
class Quantiles:
    """Trees for five quantiles."""

    name: str = "quantiles"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        scale = lesson.mean_eur

        def batch(some: Lesson) -> Batch:
            return some.batch(np.log1p(some.revenue_eur / scale), _margin(some.inputs, scale))

        boosters = {REVENUE: trainer.grow(PINBALL, batch(lesson), ending(stop, REVENUE, batch))}
        unbalanced = Learner(self, boosters, {"scale_eur": scale, "balance": 1.0})
        balance = lesson.balance(unbalanced.eur(lesson.inputs))
        return Learner(self, boosters, {"scale_eur": scale, "balance": balance})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean."""
        mean: Floats = learner.numbers["balance"] * quantiles_eur(learner, inputs).mean(axis=1)
        return mean


def quantiles_eur(learner: Learner, inputs: Inputs) -> Floats:
    """Return the quantiles `LEVELS` in EUR at the prior's own level, shape (rows, 5), rising in each row."""
    scale = learner.numbers["scale_eur"]
    said = respond(learner.boosters[REVENUE], inputs.matrix, _margin(inputs, scale))
    return np.maximum(scale * np.expm1(np.sort(said, axis=1)), 0.0)


def _margin(inputs: Inputs, scale_eur: float) -> Floats:
    return np.repeat(log1p_prior(inputs, scale_eur)[:, None], len(LEVELS), axis=1)
