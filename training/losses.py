"""Which losses the trees of a training minimise, as the settings ask."""

from dataclasses import replace
from datetime import date

from clv.errors import UserError
from clv.models.amount import Amount, lesson_of
from clv.models.level import SeasonLevel
from clv.models.losses.catalogue import LOSSES
from clv.models.losses.learner import Loss
from clv.models.losses.starts import SMALLEST_PRIOR
from clv.models.losses.tweedie import POWERS, Tweedie, mean_tweedie_deviance
from clv.models.rows import Rows
from clv.models.trees import Trainer
from clv.settings import Settings
from training.trial import possible, try_amount

JUDGING_POWER = 1.5
"""All candidates are judged by one deviance, that of the middle of the range."""


def named_losses(settings: Settings) -> tuple[Loss, ...]:
    """Return the losses that the settings name; UserError for an unknown or repeated one, or a bad power."""
    names = [name.strip() for name in settings.losses.split(",")]
    unknown = sorted(set(names) - set(LOSSES))
    if unknown or len(set(names)) < len(names):
        what = f"unknown {', '.join(map(repr, unknown))}" if unknown else "a name stands twice"
        raise UserError(f"setting losses: {what}: give some of {', '.join(LOSSES)}, joined by a comma")
    power = settings.tweedie_power
    if power != 0 and not 1 < power < 2:
        raise UserError(f"setting tweedie_power is {power}: give a number between 1 and 2, or 0 to choose it")
    return tuple(_with_power(LOSSES[name], power) for name in names)


def _with_power(loss: Loss, power: float) -> Loss:
    return replace(loss, power=power) if isinstance(loss, Tweedie) and power != 0 else loss


def chosen_power(rows: Rows, last: date, level: SeasonLevel, trainer: Trainer) -> float:
    """Return the power whose trees forecast the last snapshot best; customers and snapshot unseen by them."""
    later = rows.where(rows.at(last))
    came = lesson_of(later, level.by_as_of)
    floor = SMALLEST_PRIOR * came.mean_eur

    def loss(power: float) -> float:
        trial = try_amount(rows, last, level, (Tweedie(power),), trainer)
        said = trial.unseen(later, Amount.trees_eur).clip(min=floor)
        return mean_tweedie_deviance(came.revenue_eur, said, JUDGING_POWER, came.weight)

    return min(POWERS, key=loss)


def settled(
    losses: tuple[Loss, ...], settings: Settings, rows: Rows, level: SeasonLevel, trainer: Trainer
) -> tuple[Loss, ...]:
    """Return the losses with the power chosen on the last snapshot, where the settings ask for that."""
    open_ = settings.tweedie_power == 0 and any(isinstance(loss, Tweedie) for loss in losses)
    last = rows.snapshots[-1]
    if not open_ or not possible(rows, last):
        return losses
    power = chosen_power(rows, last, level, trainer)
    return tuple(_with_power(loss, power) for loss in losses)
