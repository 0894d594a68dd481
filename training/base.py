"""The pooled base: one model of all segments, which every segment's own model starts from."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import pandas as pd

from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.activity import fit_activity
from clv.models.amount import Amount, fit_amount
from clv.models.bands import Bands
from clv.models.boosted import Boosted
from clv.models.drivers import Typical
from clv.models.label_free import LabelFree
from clv.models.losses.learner import Loss
from clv.models.losses.monotone import monotone_signs
from clv.models.matrix import Encoding
from clv.models.priors import PRIORS
from clv.models.rows import Rows
from clv.models.trees import Growth, Trainer
from clv.settings import Settings
from clv.timeline import Horizon
from training.losses import named_losses, settled
from training.stacking import stacked
from training.trial import (
    ActivityTrial,
    AmountTrial,
    activity_level,
    possible,
    revenue_level,
    try_activity,
    try_amount,
)
from training.unseen import Unseen, bands_of_halves, taught

POOLED = "pooled"


@dataclass(frozen=True)
class Workshop:
    """What every fit of one training run shares."""

    rows: Rows
    encoding: Encoding
    horizon_days: int
    trainer: Trainer
    losses: tuple[Loss, ...]
    settings: Settings

    @classmethod
    def of(cls, frame: pd.DataFrame, horizon: Horizon, settings: Settings, threads: int) -> Self:
        """Return the workshop of a training frame; UserError as in `training.fit.fit_segment`."""
        losses = named_losses(settings)
        numeric = (*NUMERIC, *PRIORS) if settings.priors_as == "offset_and_features" else NUMERIC
        encoding = Encoding.fit(frame, numeric, CATEGORICAL)
        signs = monotone_signs(encoding) if settings.monotone == "on" else ()
        trainer = Trainer(Growth.of(settings, threads), encoding.feature_types, signs)
        rows = Rows.of(frame, encoding, settings.folds_by).fading(settings.recency_half_life_days)
        level = revenue_level(rows, horizon.days)
        return cls(
            rows, encoding, horizon.days, trainer, settled(losses, settings, rows, level, trainer), settings
        )

    @property
    def last(self) -> date:
        """Return the snapshot that ends the growth of trees and on which models are compared."""
        return self.rows.snapshots[-1]

    def of_segment(self, segment: str) -> Rows:
        """Return the rows of one segment."""
        return self.rows.where(self.rows.segment == segment)

    def with_losses(self, losses: tuple[Loss, ...]) -> Self:
        """Return the same workshop for other losses."""
        return replace(self, losses=losses)

    def amount(self, rows: Rows, trial: AmountTrial) -> Amount:
        """Fit an amount on all snapshots, with the losses, rounds and weights of a trial."""
        level = revenue_level(rows, self.horizon_days)
        fitted = fit_amount(rows, level, trial.losses, self.trainer, trial.rounds)
        return replace(fitted, weights=trial.weights)

    def untried(self) -> Amount:
        """Fit an amount where no later snapshot says how many rounds to grow."""
        level = revenue_level(self.rows, self.horizon_days)
        return fit_amount(self.rows, level, self.losses, self.trainer, self.trainer.growth.unvalidated_rounds)

    def trial(self, rows: Rows) -> AmountTrial:
        """Fit an amount without the last snapshot."""
        level = revenue_level(rows, self.horizon_days)
        tried = try_amount(rows, self.last, level, self.losses, self.trainer)
        return stacked(tried, rows) if self.settings.stacking == "learned" else tried


@dataclass(frozen=True)
class Base:
    """The pooled model, with the workshop and the trials that a segment's own model needs."""

    pooled: Boosted
    shop: Workshop
    trial: AmountTrial
    unseen: Unseen

    def bands(self, rows: Rows) -> Bands | None:
        """Return what rows teach of the pooled model's forecasts; None where they are too few."""
        return self.unseen.bands(rows, self.trial.unseen(rows, Amount.unseasoned_eur))

    def pooled_for(self, rows: Rows) -> Boosted:
        """Return the pooled model with what one segment's rows teach of its intervals and drivers."""
        bands = self.bands(rows) or self.pooled.bands
        return replace(self.pooled, bands=bands, typical=Typical.of(rows))


@dataclass(frozen=True)
class OneForAll:
    """The one model that scores every segment, because nothing better can be fitted; `note` says why."""

    model: Boosted | LabelFree
    note: str


def fit_base(frame: pd.DataFrame, horizon: Horizon, settings: Settings, threads: int) -> Base | OneForAll:
    """Return what all segments' models share; parameters and errors as in `training.fit.fit_segment`."""
    if len(frame) < settings.minimum_training_rows or not (frame["label_eur"] > 0).any():
        return label_free(horizon, _nothing_to_learn(frame, horizon, settings), frame)
    shop = Workshop.of(frame, horizon, settings, threads)
    if not possible(shop.rows, shop.last):
        return _without_trial(shop)
    trial, activity = shop.trial(shop.rows), _try_activity(shop)
    pooled = _pooled(shop, shop.amount(shop.rows, trial), activity.rounds)
    base = Base(pooled, shop, trial, Unseen(activity, trial.by_fold[0].level))
    return replace(base, pooled=base.pooled_for(shop.rows))


def label_free(horizon: Horizon, why: str, closed: pd.DataFrame) -> OneForAll:
    """Return the forecast that needs no label, for the reason given.

    What labelled rows there are in `closed` teach its median and interval.
    """
    model = taught(LabelFree(horizon.days), closed)
    unknown = "" if model.taught.bands else "; too few rows have closed to estimate median and interval"
    return OneForAll(model, f"{why}: every customer is scored by the label-free {model.name}{unknown}")


def _nothing_to_learn(frame: pd.DataFrame, horizon: Horizon, settings: Settings) -> str:
    if frame.empty:
        return f"no snapshot has closed a horizon of {horizon.days} days"
    return (
        f"{len(frame)} closed training rows with {int((frame['label_eur'] > 0).sum())} positive labels, "
        f"{settings.minimum_training_rows} rows and a positive label needed"
    )


def _without_trial(shop: Workshop) -> OneForAll:
    rounds = shop.trainer.growth.unvalidated_rounds
    note = (
        f"no later snapshot to stop on or to compare segment models on (the last is {shop.last}): "
        f"{rounds} rounds, and the pooled model scores every segment"
    )
    bands = bands_of_halves(shop.rows, shop.horizon_days, shop.losses, shop.trainer)
    pooled = _pooled(shop, shop.untried(), rounds)
    return OneForAll(replace(pooled, bands=bands, typical=Typical.of(shop.rows)), note)


def _try_activity(shop: Workshop) -> ActivityTrial:
    shift = activity_level(shop.rows, shop.horizon_days)
    return try_activity(shop.rows, shop.last, shift, shop.trainer)


def _pooled(shop: Workshop, amount: Amount, rounds_active: int) -> Boosted:
    shift = activity_level(shop.rows, shop.horizon_days)
    activity = fit_activity(shop.rows, shift, shop.trainer, rounds_active)
    return Boosted(POOLED, shop.horizon_days, shop.encoding, amount, activity)
