"""Two-part model: P(any revenue) × mean revenue of those who bring any (Duan et al. 1983).

The first part is logistic, from the prior's logit; the second minimises the gamma deviance
E[y / μ + log μ], from the prior's amount per active customer. In training each snapshot's season shifts the
logits and scales the amounts, so that the product is at the prior's own level; `balance` makes its total
right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.models.activity import logit_prior, matching_shift
from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.losses.starts import SMALLEST_PRIOR, amount_given, log_amount
from clv.models.rows import Inputs, Mask, weighed
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

LOGISTIC = Target("binary:logistic", 20.0)
GAMMA = Target("reg:gamma", 100.0)
BUYS, AMOUNT = "buys", "amount"


@dataclass(frozen=True)
class TwoPart:
    """Trees that shift the prior's logit times trees that multiply its amount."""

    name: str = "two-part"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        scale = _buyers(lesson).mean_eur

        def amount(some: Lesson) -> Batch:
            return _amount(_buyers(some), scale)

        boosters = {
            BUYS: trainer.grow(LOGISTIC, _buys(lesson), ending(stop, BUYS, _buys)),
            AMOUNT: trainer.grow(GAMMA, amount(lesson), ending(stop, AMOUNT, amount)),
        }
        unbalanced = Learner(self, boosters, {"scale_eur": scale, "balance": 1.0})
        balance = lesson.balance(unbalanced.eur(lesson.inputs))
        return Learner(self, boosters, {"scale_eur": scale, "balance": balance})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean."""
        scale, boosters = learner.numbers["scale_eur"], learner.boosters
        p = respond(boosters[BUYS], inputs.matrix, logit_prior(inputs))
        given = scale * respond(boosters[AMOUNT], inputs.matrix, log_amount(inputs, scale))
        mean: Floats = learner.numbers["balance"] * p * given
        return mean


def _buyers(lesson: Lesson) -> Lesson:
    return lesson.where(lesson.revenue_eur > 0)


def _buys(lesson: Lesson) -> Batch:
    bought, margin = (lesson.revenue_eur > 0).astype(np.float64), logit_prior(lesson.inputs)

    def shift(rows: Mask) -> float:
        return matching_shift(margin[rows], bought[rows], lesson.weight[rows])

    return lesson.batch(bought, margin + lesson.by_snapshot(shift))


def _amount(buyers: Lesson, scale_eur: float) -> Batch:
    prior = amount_given(buyers.inputs)

    def level(rows: Mask) -> float:
        expected = weighed(buyers.weight[rows], prior[rows])
        return weighed(buyers.weight[rows], buyers.revenue_eur[rows]) / expected if expected > 0 else 1.0

    label = buyers.revenue_eur / np.maximum(buyers.by_snapshot(level), SMALLEST_PRIOR)
    return buyers.batch(label / scale_eur, log_amount(buyers.inputs, scale_eur))
