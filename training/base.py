"""The pooled base: one model of all segments, which every segment's own model starts from."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.activity import fit_activity
from clv.models.amount import Amount, fit_amount
from clv.models.boosted import Boosted
from clv.models.label_free import LabelFree
from clv.models.matrix import Encoding
from clv.models.rows import Rows
from clv.models.trees import Growth
from clv.settings import Settings
from clv.timeline import Horizon
from training.trial import AmountTrial, activity_level, activity_rounds, possible, revenue_level, try_amount

POOLED = "pooled"


@dataclass(frozen=True)
class Workshop:
    """What every fit of one training run shares."""

    rows: Rows
    encoding: Encoding
    horizon_days: int
    growth: Growth
    settings: Settings

    @property
    def last(self) -> date:
        """Return the snapshot that ends the growth of trees and on which models are compared."""
        return self.rows.snapshots[-1]

    def of_segment(self, segment: str) -> Rows:
        """Return the rows of one segment."""
        return self.rows.where(self.rows.segment == segment)

    def amount(self, rows: Rows, rounds: int) -> Amount:
        """Fit an amount on all snapshots."""
        level = revenue_level(rows, self.horizon_days)
        return fit_amount(rows, level, self.encoding.feature_types, self.growth, rounds)

    def trial(self, rows: Rows) -> AmountTrial:
        """Fit an amount without the last snapshot."""
        level = revenue_level(rows, self.horizon_days)
        return try_amount(rows, self.last, level, self.encoding.feature_types, self.growth)


@dataclass(frozen=True)
class Base:
    """The pooled model, with the workshop and the trial that a segment's own model needs."""

    pooled: Boosted
    shop: Workshop
    trial: AmountTrial


@dataclass(frozen=True)
class OneForAll:
    """The one model that scores every segment, because nothing better can be fitted; `note` says why."""

    model: Boosted | LabelFree
    note: str


def fit_base(frame: pd.DataFrame, horizon: Horizon, settings: Settings, threads: int) -> Base | OneForAll:
    """Return what all segments' models share; parameters and errors as in `training.fit.fit_segment`."""
    if len(frame) < settings.minimum_training_rows or not (frame["label_eur"] > 0).any():
        return label_free(horizon, _nothing_to_learn(frame, horizon, settings))
    encoding = Encoding.fit(frame, NUMERIC, CATEGORICAL)
    growth = Growth.of(settings, threads)
    shop = Workshop(Rows.of(frame, encoding), encoding, horizon.days, growth, settings)
    if not possible(shop.rows, shop.last):
        return _without_trial(shop)
    trial = shop.trial(shop.rows)
    return Base(_pooled(shop, trial.rounds, _activity_rounds(shop)), shop, trial)


def label_free(horizon: Horizon, why: str) -> OneForAll:
    """Return the forecast that needs no label, for the reason given."""
    model = LabelFree(horizon.days)
    return OneForAll(model, f"{why}: every customer is scored by the label-free {model.version}")


def _nothing_to_learn(frame: pd.DataFrame, horizon: Horizon, settings: Settings) -> str:
    if frame.empty:
        return f"no snapshot has closed a horizon of {horizon.days} days"
    return (
        f"{len(frame)} closed training rows with {int((frame['label_eur'] > 0).sum())} positive labels, "
        f"{settings.minimum_training_rows} rows and a positive label needed"
    )


def _without_trial(shop: Workshop) -> OneForAll:
    pooled = _pooled(shop, shop.growth.unvalidated_rounds, shop.growth.unvalidated_rounds)
    note = (
        f"no later snapshot to stop on or to compare segment models on (the last is {shop.last}): "
        f"{shop.growth.unvalidated_rounds} rounds, and the pooled model scores every segment"
    )
    return OneForAll(pooled, note)


def _activity_rounds(shop: Workshop) -> int:
    shift = activity_level(shop.rows, shop.horizon_days)
    return activity_rounds(shop.rows, shop.last, shift, shop.encoding.feature_types, shop.growth)


def _pooled(shop: Workshop, rounds: int, rounds_active: int) -> Boosted:
    shift = activity_level(shop.rows, shop.horizon_days)
    activity = fit_activity(shop.rows, shift, shop.encoding.feature_types, shop.growth, rounds_active)
    return Boosted(POOLED, shop.horizon_days, shop.encoding, shop.amount(shop.rows, rounds), activity)
