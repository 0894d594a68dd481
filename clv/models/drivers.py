"""What a forecast is made of, in euros: from the typical customer to this one, driver by driver, exactly.

Trees are taken apart by TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding with
explainable AI for trees"), which is exact on the raw scale of the trees, a logarithm. What multiplies is
brought to euros by the logarithmic mean (Ang 2005, "The LMDI approach to decomposition analysis"): of
y = a exp(Σ c) the driver c has c (y − a) / ln(y / a), and these add up to y − a without a rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from clv.driver_words import BASKET, OTHER, RHYTHM
from clv.models.losses.learner import Learner
from clv.models.priors import LABEL_FREE_WEIGHTS
from clv.models.rows import Inputs, Rows

Floats = npt.NDArray[np.float64]

LAST_YEAR = "monetary_365d_eur"
"""Last year's revenue is a forecast of its own and a feature: one driver."""
MULTIPLYING = {"tweedie": "revenue", "poisson": "orders"}
"""Losses whose one booster multiplies what it starts from, with its name; of others only the sum is known."""
SMALLEST = 1e-12
FARTHEST = 12.0
"""Log ratio: e¹² times the typical order value is no order value."""


@dataclass(frozen=True)
class Typical:
    """Medians of the training rows, from which drivers count; money in EUR, at the prior's own level."""

    orders: float
    spend_eur: float
    trailing_eur: float

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """Return the typical customer of rows, at least one."""
        inputs = rows.inputs
        return cls.among(inputs.btyd_orders, inputs.btyd_spend_eur, inputs.trailing_eur)

    @classmethod
    def among(cls, orders: Floats, spend_eur: Floats, trailing_eur: Floats) -> Self:
        """Return the typical customer of these priors, shapes (rows,), rows >= 1."""
        typical = (float(np.median(values)) for values in (orders, spend_eur, trailing_eur))
        return cls(*typical)

    @property
    def btyd_eur(self) -> float:
        """Return what buy-till-you-die models say of the typical customer."""
        return max(self.orders * self.spend_eur, SMALLEST)

    def to_dict(self) -> dict[str, float]:
        """Return JSON-ready values; `from_dict` restores them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: Mapping[str, float] | None) -> Self | None:
        """Restore what `to_dict` returned; None of None."""
        return None if saved is None else cls(**saved)


class Share(NamedTuple):
    """A forecast taken apart: what it is of the typical customer, and the drivers in EUR, shapes (rows,).

    For every row the forecast is `start_eur` + the sum of the drivers.
    """

    start_eur: float
    drivers: Mapping[str, Floats]


def blended(shares: Iterable[tuple[float, Share]]) -> Share:
    """Return the weighted sum of shares."""
    start, total = 0.0, dict[str, Floats]()
    for weight, share in shares:
        start += weight * share.start_eur
        for name, eur in share.drivers.items():
            total[name] = total[name] + weight * eur if name in total else weight * eur
    return Share(start, total)


def prior_share(inputs: Inputs, typical: Typical) -> Share:
    """Return the buy-till-you-die forecast: orders × order value."""
    start = typical.btyd_eur
    log_ratio, mean = _log_mean(inputs.btyd_eur, start)
    basket = _log_basket(inputs, typical)
    return Share(start, {RHYTHM: (log_ratio - basket) * mean, BASKET: basket * mean})


def trailing_share(inputs: Inputs, typical: Typical) -> Share:
    """Return last year's revenue."""
    return Share(typical.trailing_eur, {LAST_YEAR: inputs.trailing_eur - typical.trailing_eur})


def label_free_share(inputs: Inputs, typical: Typical) -> Share:
    """Return the label-free model, which trees of revenue start from."""
    shares = {"btyd": prior_share(inputs, typical), "trailing": trailing_share(inputs, typical)}
    return blended((weight, shares[name]) for name, weight in LABEL_FREE_WEIGHTS.items())


def learner_share(
    learner: Learner, said: Floats, inputs: Inputs, names: Sequence[str], typical: Typical
) -> Share:
    """Return what trees say: the forecast they start from, times the effect of every feature.

    Of a loss that does not multiply, the drivers of its start are told, and what the trees add as one.
    said : the learner's `eur` of the inputs
    """
    counts_orders = learner.loss.name == "poisson"
    begun = prior_share(inputs, typical) if counts_orders else label_free_share(inputs, typical)
    before = inputs.btyd_eur if counts_orders else inputs.start_eur
    part = MULTIPLYING.get(learner.loss.name)
    if part is None:
        return Share(begun.start_eur, {**begun.drivers, OTHER: said - before})
    trees = learner.trees(part)
    logs = dict(zip((names[place] for place in trees.features), trees.values(inputs.matrix), strict=True))
    _, mean_before = _log_mean(before, begun.start_eur)
    for name, eur in begun.drivers.items():
        logs[name] = logs.get(name, 0.0) + eur / mean_before
    start = begun.start_eur * float(np.exp(trees.usual)) * learner.numbers.get("balance", 1.0)
    log_ratio, mean = _log_mean(said, start)
    logs[RHYTHM] = logs[RHYTHM] + log_ratio - sum(logs.values())  # what floors of the priors take away
    return Share(start, {name: log * mean for name, log in logs.items()})


def _log_mean(said: Floats, start: float) -> tuple[Floats, Floats]:
    """Return ln(said / start) and the logarithmic mean of both, by which a log ratio becomes euros."""
    ratio = np.maximum(said, SMALLEST * start) / start
    log_ratio = np.log(ratio)
    near = np.abs(log_ratio) < 1e-9
    mean = np.where(near, start, (said - start) / np.where(near, 1.0, log_ratio))
    return log_ratio, mean


def _log_basket(inputs: Inputs, typical: Typical) -> Floats:
    usual = max(typical.spend_eur, SMALLEST)
    ratio = np.maximum(inputs.btyd_spend_eur, SMALLEST) / usual
    return np.asarray(np.clip(np.log(ratio), -FARTHEST, FARTHEST), dtype=np.float64)
