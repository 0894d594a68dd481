"""Zero-inflated lognormal (Wang, Liu, Miao 2019, "A deep probabilistic model for customer lifetime value").

Their loss: −log likelihood = −1{y = 0} log(1 − p) − 1{y > 0} log p + 1{y > 0} [log(y σ √2π) +
(log y − μ)² / 2σ²], with p = 1 / (1 + exp(−a)) and σ = log(1 + exp(s)); E[y] = p exp(μ + σ² / 2). Trees add
to (a, μ, s), from the prior's logit and amount per active customer. The exponential of σ² / 2 is what makes
its means fragile: few rows decide σ. `balance` makes the total right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from clv.models.activity import logit_prior
from clv.models.losses.learner import Learner, Lesson, Stop, ending
from clv.models.losses.starts import log_amount
from clv.models.rows import Inputs
from clv.models.trees import Batch, Custom, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

OUTPUTS = 3
SIGMA_RANGE = (0.1, 3.0)
"""Spread of log amounts; exp(3² / 2) is 90 times the median, beyond any shop."""
SMALLEST_HESSIAN = 1e-6
PARAMETERS = "parameters"


def negative_log_likelihood(raw: Floats, label: Floats) -> Floats:
    """Return the loss of each row, shape (rows,), less log(√2π) + log y; `raw` are (a, μ, s), (rows, 3)."""
    a, mu, sigma = raw[:, 0], raw[:, 1], _sigma(raw[:, 2])
    positive = label > 0
    residual = _log(label) - mu
    amount = np.log(sigma) + residual**2 / (2 * sigma**2)
    whether: Floats = np.logaddexp(0.0, np.where(positive, -a, a))
    total: Floats = whether + positive * amount
    return total


def derivatives(raw: Floats, label: Floats) -> tuple[Floats, Floats]:
    """Return gradient and Hessian by (a, μ, s), both (rows, 3).

    The Hessian of s is its expectation 2 (σ' / σ)² (Fisher scoring), since the observed one may be negative.
    """
    a, mu, sigma = raw[:, 0], raw[:, 1], _sigma(raw[:, 2])
    positive = (label > 0).astype(np.float64)
    p, slope = expit(a), expit(raw[:, 2])
    residual = _log(label) - mu
    by_sigma = 1 / sigma - residual**2 / sigma**3
    gradient = np.column_stack([p - positive, -positive * residual / sigma**2, positive * by_sigma * slope])
    hessian = np.column_stack([p * (1 - p), positive / sigma**2, positive * 2 * (slope / sigma) ** 2])
    return gradient, np.maximum(hessian, SMALLEST_HESSIAN)


def mean_loss(raw: Floats, label: Floats, weight: Floats) -> float:
    """Return the mean negative log likelihood, up to a constant."""
    return float(np.average(negative_log_likelihood(raw, label), weights=weight))


ZILN = Target(
    "multi:softprob",  # names the number of outputs; gradients are ours
    20.0,
    constrainable=False,
    custom=Custom(OUTPUTS, derivatives, mean_loss),
)


@dataclass(frozen=True)
class ZeroInflatedLognormal:
    """Trees for the probability, location and spread of revenue."""

    name: str = "ziln"

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> Learner:
        """Fit as `Loss.fit` says."""
        numbers = {"scale_eur": lesson.mean_eur, "sigma": 1.0, "balance": 1.0}
        numbers["sigma"] = _spread(lesson, numbers["scale_eur"])

        def batch(some: Lesson) -> Batch:
            return some.batch(some.revenue_eur / numbers["scale_eur"], _margin(some.inputs, numbers))

        boosters = {PARAMETERS: trainer.grow(ZILN, batch(lesson), ending(stop, PARAMETERS, batch))}
        balance = lesson.balance(Learner(self, boosters, numbers).eur(lesson.inputs))
        return Learner(self, boosters, {**numbers, "balance": balance})

    def eur(self, learner: Learner, inputs: Inputs) -> Floats:
        """Return the mean."""
        numbers = learner.numbers
        raw = respond(learner.boosters[PARAMETERS], inputs.matrix, _margin(inputs, numbers), raw=True)
        sigma = np.clip(_sigma(raw[:, 2]), *SIGMA_RANGE)
        mean = expit(raw[:, 0]) * np.exp(raw[:, 1] + sigma**2 / 2)
        eur: Floats = numbers["scale_eur"] * numbers["balance"] * mean
        return eur


def _margin(inputs: Inputs, numbers: Mapping[str, float]) -> Floats:
    """Return (a, μ, s) at which p and E[y] are the prior's, σ the spread of the training rows."""
    sigma = numbers["sigma"]
    mu = log_amount(inputs, numbers["scale_eur"]) - sigma**2 / 2
    return np.column_stack([logit_prior(inputs), mu, np.full(len(mu), _inverse_softplus(sigma))])


def _spread(lesson: Lesson, scale_eur: float) -> float:
    bought = lesson.revenue_eur > 0
    if not (lesson.weight * bought).any():
        return 1.0
    residual = _log(lesson.revenue_eur / scale_eur) - log_amount(lesson.inputs, scale_eur)
    weight = lesson.weight * bought
    centred = residual - np.average(residual, weights=weight)
    return float(np.clip(np.sqrt(np.average(centred**2, weights=weight)), *SIGMA_RANGE))


def _log(label: Floats) -> Floats:
    log: Floats = np.log(np.where(label > 0, label, 1.0))
    return log


def _sigma(s: Floats) -> Floats:
    return np.logaddexp(0.0, s)


def _inverse_softplus(sigma: float) -> float:
    return float(np.log(np.expm1(sigma)))
