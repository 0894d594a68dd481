"""How much a customer brings: trees correct a label-free forecast, two label-free forecasts steady them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt

from clv.models.level import SeasonLevel, spread
from clv.models.losses.learner import Learner, Lesson, Loss, Rounds
from clv.models.priors import LABEL_FREE, LABEL_FREE_WEIGHTS
from clv.models.rows import Inputs, Rows, weighed
from clv.models.trees import Trainer

Floats = npt.NDArray[np.float64]

LEVEL_RANGE = (0.05, 20.0)
"""A snapshot beyond it says more about its data than about the season."""
TREES_SHARE = 0.5
"""Of all trees together in the plain mean; the label-free model has the rest."""


@dataclass(frozen=True)
class Amount:
    """Net revenue of the horizon: level × weighted mean of trees, buy-till-you-die and last year's revenue.

    The trees learn revenue, at least 0, over its snapshot's level; negative labels count in the level only.
    Trees cannot extrapolate the few giants, which is why the two priors have a say.
    `weights` by component (losses' names, `btyd`, `trailing`) are at least 0 and sum to 1.
    """

    learners: tuple[Learner, ...]
    level: SeasonLevel
    weights: Mapping[str, float]

    @property
    def losses(self) -> str:
        """Return the names of the losses, joined by `_`."""
        return "_".join(learner.loss.name for learner in self.learners)

    def eur(self, inputs: Inputs) -> Floats:
        """Return the expected net revenue in EUR, shape (rows,)."""
        return self.level.of_rows(inputs.as_of) * self.unseasoned_eur(inputs)

    def unseasoned_eur(self, inputs: Inputs) -> Floats:
        """Return the same at the prior's own level."""
        asked = [name for name, weight in self.weights.items() if weight > 0]
        return self.blend({name: self.component_eur(name, inputs) for name in asked})

    def blend(self, parts: Mapping[str, Floats]) -> Floats:
        """Return the same from what the components of a weight above 0 say, or all of them."""
        return _weighted(self.weights, parts)

    def trees_eur(self, inputs: Inputs) -> Floats:
        """Return what the trees alone say, at the prior's own level."""
        weights = {learner.loss.name: self.weights[learner.loss.name] for learner in self.learners}
        total = sum(weights.values())
        equal = dict.fromkeys(weights, 1 / len(weights))
        shares = {k: w / total for k, w in weights.items()} if total > 0 else equal
        return _weighted(shares, {name: self.component_eur(name, inputs) for name in shares})

    def parts_eur(self, inputs: Inputs) -> dict[str, Floats]:
        """Return what every component says, at the prior's own level."""
        return {name: self.component_eur(name, inputs) for name in self.weights}

    def component_eur(self, name: str, inputs: Inputs) -> Floats:
        """Return what one component says, at the prior's own level."""
        if name in LABEL_FREE:
            return inputs.label_free[name]
        return next(one for one in self.learners if one.loss.name == name).eur(inputs)


def _weighted(weights: Mapping[str, float], parts: Mapping[str, Floats]) -> Floats:
    total = np.zeros(len(next(iter(parts.values()))))
    for name, said in parts.items():
        total += weights[name] * said
    return total


def equal_weights(losses: Sequence[Loss]) -> dict[str, float]:
    """Return the plain mean: half for the trees together, half for the label-free model."""
    trees = {loss.name: TREES_SHARE / len(losses) for loss in losses}
    return {**trees, **{name: (1 - TREES_SHARE) * weight for name, weight in LABEL_FREE_WEIGHTS.items()}}


def revenue_levels(rows: Rows) -> dict[date, float]:
    """Return actual over prior revenue of each snapshot, kept within `LEVEL_RANGE`."""

    def ratio(snapshot: Rows) -> float:
        prior = weighed(snapshot.weight, snapshot.inputs.btyd_eur)
        actual = weighed(snapshot.weight, snapshot.label_eur)
        return float(np.clip(actual / prior if prior > 0 else 1.0, *LEVEL_RANGE))

    return rows.per_snapshot(ratio)


def lesson_of(rows: Rows, levels: Mapping[date, float]) -> Lesson:
    """Return rows as losses see them: revenue, at least 0, over the level of its snapshot."""
    revenue = np.maximum(rows.label_eur, 0.0) / spread(levels, rows.inputs.as_of)
    return Lesson(rows.inputs, revenue, rows.orders, rows.weight)


def fit_amount(
    rows: Rows,
    levels: SeasonLevel,
    losses: Sequence[Loss],
    trainer: Trainer,
    stop: Rows | Mapping[str, Rounds] | int,
) -> Amount:
    """Fit the trees of each loss, weighted equally.

    `stop` is a number of rounds, one by loss and booster, or later rows whose loss ends the growth.
    """
    told = lesson_of(rows, levels.by_as_of)
    later = lesson_of(stop, levels.by_as_of) if isinstance(stop, Rows) else stop

    def fit(loss: Loss, own: Trainer) -> Learner:
        return loss.fit(told, later if isinstance(later, Lesson | int) else later[loss.name], own)

    learners = trainer.side_by_side(partial(fit, loss) for loss in losses)
    return Amount(learners, levels, equal_weights(losses))
