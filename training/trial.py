"""A trial: how many rounds to grow, and how these models would have done on the last closed snapshot.

Customers are split in two halves. Trees of one half grow on its earlier snapshots and stop on the last
snapshot of the other half; so no customer's rows serve both ends, even where the horizons of two snapshots
overlap. Every row can be forecast by trees that never saw its customer, nor the last snapshot.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from clv.models.activity import Activity, activity_shifts, fit_activity
from clv.models.amount import Amount, fit_amount, revenue_levels
from clv.models.folds import FOLDS
from clv.models.level import SeasonLevel, spread
from clv.models.losses.learner import Loss, Rounds
from clv.models.rows import Inputs, Mask, Rows
from clv.models.trees import Trainer

Floats = npt.NDArray[np.float64]
Part = TypeVar("Part")


@dataclass(frozen=True)
class AmountTrial:
    """Amounts of both folds, each stopped on the other; `rounds` is their mean."""

    by_fold: tuple[Amount, ...]

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Return the losses of the trees."""
        return tuple(learner.loss for learner in self.by_fold[0].learners)

    @property
    def weights(self) -> Mapping[str, float]:
        """Return the weights of the components."""
        return self.by_fold[0].weights

    @property
    def rounds(self) -> dict[str, Rounds]:
        """Return the rounds a fit on all snapshots should take, by loss and booster."""
        found: dict[str, Rounds] = {}
        for same in zip(*(amount.learners for amount in self.by_fold), strict=True):
            parts = {part: _mean_rounds([one.rounds[part] for one in same]) for part in same[0].rounds}
            found[same[0].loss.name] = parts
        return found

    def unseen(self, rows: Rows, figure: Callable[[Amount, Inputs], Floats]) -> Floats:
        """Return a figure of each row by the amount whose fold is not the row's."""
        return _by_the_other(self.by_fold, rows, figure)


@dataclass(frozen=True)
class ActivityTrial:
    """Probabilities of an order of both folds, each stopped on the other."""

    by_fold: tuple[Activity, ...]

    @property
    def rounds(self) -> int:
        """Return the rounds a fit on all snapshots should take."""
        return _mean_rounds([activity.booster.num_boosted_rounds() for activity in self.by_fold])

    def unseen_p(self, rows: Rows) -> Floats:
        """Return the probability of each row, unseen, at the shift that its own t₀ showed."""

        def p(activity: Activity, inputs: Inputs) -> Floats:
            return activity.p_shifted(inputs, spread(activity.shift.by_as_of, inputs.as_of))

        return _by_the_other(self.by_fold, rows, p)


def revenue_level(rows: Rows, horizon_days: int) -> SeasonLevel:
    """Return the season's level of revenue that these rows show."""
    return SeasonLevel(revenue_levels(rows), horizon_days, neutral=1.0)


def activity_level(rows: Rows, horizon_days: int) -> SeasonLevel:
    """Return the season's shift of the logit of an order that these rows show."""
    return SeasonLevel(activity_shifts(rows), horizon_days, neutral=0.0)


def possible(rows: Rows, last: date) -> bool:
    """Say whether both folds have rows before the last snapshot and in it."""
    at_end = rows.at(last)
    return all(((rows.fold == k) & end).any() for k in range(FOLDS) for end in (at_end, ~at_end))


def try_amount(
    rows: Rows, last: date, level: SeasonLevel, losses: Sequence[Loss], trainer: Trainer
) -> AmountTrial:
    """Grow the amount of each fold up to the best round on the other fold's last snapshot."""

    def fit(half: tuple[Mask, Mask], own: Trainer) -> Amount:
        earlier, later = half
        return fit_amount(rows.where(earlier), level, losses, own, rows.where(later))

    return AmountTrial(trainer.side_by_side(partial(fit, half) for half in _halves(rows, last)))


def try_activity(rows: Rows, last: date, shift: SeasonLevel, trainer: Trainer) -> ActivityTrial:
    """Grow the probability of each fold in the same way."""

    def fit(half: tuple[Mask, Mask], own: Trainer) -> Activity:
        earlier, later = half
        return fit_activity(rows.where(earlier), shift, own, rows.where(later))

    return ActivityTrial(trainer.side_by_side(partial(fit, half) for half in _halves(rows, last)))


def _by_the_other(by_fold: Sequence[Part], rows: Rows, figure: Callable[[Part, Inputs], Floats]) -> Floats:
    result = np.empty(len(rows))
    for fold, part in enumerate(by_fold):
        asked = rows.fold != fold
        result[asked] = figure(part, rows.inputs.where(asked))
    return result


def _halves(rows: Rows, last: date) -> list[tuple[Mask, Mask]]:
    at_end = rows.at(last)
    return [((rows.fold == k) & ~at_end, (rows.fold != k) & at_end) for k in range(FOLDS)]


def _mean_rounds(rounds: list[int]) -> int:
    return max(round(sum(rounds) / len(rounds)), 1)
