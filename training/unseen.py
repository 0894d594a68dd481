"""Median and interval from what was said of customers whom the trees had not seen."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.activity import Activity, fit_activity
from clv.models.amount import Amount, fit_amount
from clv.models.bands import Bands, fit_bands
from clv.models.drivers import Typical
from clv.models.folds import FOLDS
from clv.models.level import SeasonLevel, spread
from clv.models.losses.learner import Loss
from clv.models.matrix import Encoding
from clv.models.priors import BTYD_ORDERS, BTYD_P_ACTIVE, BTYD_SPEND, TRAILING_CLV, prior
from clv.models.rows import Rows
from clv.models.taught import Taught
from clv.models.trees import Trainer
from clv.models.without_labels import WithoutLabels
from training.trial import ActivityTrial, AmountTrial, activity_level, revenue_level

Floats = npt.NDArray[np.float64]
Free = TypeVar("Free", bound=WithoutLabels)


@dataclass(frozen=True)
class Unseen:
    """Probabilities of rows, by trees that never saw the customer, and the season's level of their t₀s."""

    activity: ActivityTrial
    level: SeasonLevel

    def bands(self, rows: Rows, unseasoned_eur: Floats) -> Bands | None:
        """Return the bands that rows teach by what was said of them unseen, at the prior's own level.

        Forecasts are taken at the level that the rows' own t₀s showed: the levels of a few snapshots differ
        too much to learn from them how far the next one will be missed.
        """
        said = unseasoned_eur * spread(self.level.by_as_of, rows.inputs.as_of)
        return fit_bands(self.activity.unseen_p(rows), said, rows.label_eur)


def taught(model: Free, closed: pd.DataFrame) -> Free:
    """Return a label-free model with what labelled rows teach: level, interval, who is typical.

    Its ranking knows no label, so every row is unseen; as with trees, bands are those of forecasts at the
    level that the rows' own t₀s showed.
    """
    if closed.empty:
        return model
    level = revenue_level(Rows.of(closed, Encoding((), {})), model.horizon_days)
    said = model.unseasoned_eur(closed) * spread(level.by_as_of, closed["as_of"].to_numpy("datetime64[D]"))
    bands = fit_bands(prior(closed, BTYD_P_ACTIVE), said, closed["label_eur"].to_numpy(np.float64))
    typical = Typical.among(*(prior(closed, name) for name in (BTYD_ORDERS, BTYD_SPEND, TRAILING_CLV)))
    return replace(model, taught=Taught(level, bands, typical))


def bands_of_halves(
    rows: Rows, horizon_days: int, losses: tuple[Loss, ...], trainer: Trainer
) -> Bands | None:
    """Return bands from halves of the customers that forecast each other, at the same t₀s."""
    halves = [rows.where(rows.fold == fold) for fold in range(FOLDS)]
    if not all(len(half) for half in halves):
        return None
    level, shift = revenue_level(rows, horizon_days), activity_level(rows, horizon_days)
    rounds = trainer.growth.unvalidated_rounds
    amounts = AmountTrial(tuple(fit_amount(half, level, losses, trainer, rounds) for half in halves))
    active: tuple[Activity, ...] = tuple(fit_activity(half, shift, trainer, rounds) for half in halves)
    said = amounts.unseen(rows, Amount.unseasoned_eur)
    return Unseen(ActivityTrial(active), level).bands(rows, said)
