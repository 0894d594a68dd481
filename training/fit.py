"""Fit: the model of each segment from a training frame, with what was found on the way."""

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.activity import fit_activity
from clv.models.amount import Amount, fit_amount
from clv.models.boosted import Boosted
from clv.models.early import Correction, EarlyStage, fit_correction
from clv.models.forecast import Model
from clv.models.label_free import LabelFree
from clv.models.matrix import Encoding
from clv.models.rows import Rows
from clv.models.trees import Growth
from clv.segments import EARLY, ESTABLISHED, SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from training.compare import Comparison, compare
from training.trial import AmountTrial, activity_level, activity_rounds, possible, revenue_level, try_amount

POOLED = "pooled"


@dataclass(frozen=True)
class Trained:
    """The model of each segment; `notes` for the report; segment models compared with the pooled one."""

    models: dict[str, Model]
    notes: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()


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


def fit(frame: pd.DataFrame, horizon: Horizon, settings: Settings, threads: int = 1) -> Trained:
    """Return the model of each segment.

    Parameters
    ----------
    frame
        One row per non-lead and closed snapshot: the feature columns, the priors, `label_eur`,
        `label_orders`; no rows where nothing has closed. The order of rows does not matter.
    threads
        Of XGBoost; the models are the same for any number.

    Raises
    ------
    UserError
        If a column is missing, a prior null, or a customer stands twice at one t₀.
    """
    if len(frame) < settings.minimum_training_rows or not (frame["label_eur"] > 0).any():
        return _label_free(frame, horizon, settings)
    encoding = Encoding.fit(frame, NUMERIC, CATEGORICAL)
    growth = Growth(seed=settings.seed, threads=threads)
    shop = Workshop(Rows.of(frame, encoding), encoding, horizon.days, growth, settings)
    if not possible(shop.rows, shop.last):
        return _without_trial(shop)
    trial = shop.trial(shop.rows)
    pooled = _pooled(shop, trial.rounds, _activity_rounds(shop))
    found = [_established(shop, pooled, trial), _early(shop, pooled, trial)]
    return Trained(
        {segment: model for segment, (model, _) in zip((ESTABLISHED, EARLY), found, strict=True)},
        tuple(said.in_words if isinstance(said, Comparison) else said for _, said in found),
        tuple(said for _, said in found if isinstance(said, Comparison)),
    )


def _label_free(frame: pd.DataFrame, horizon: Horizon, settings: Settings) -> Trained:
    model = LabelFree(horizon.days)
    why = (
        f"no snapshot has closed a horizon of {horizon.days} days"
        if frame.empty
        else f"{len(frame)} closed training rows with {int((frame['label_eur'] > 0).sum())} positive labels, "
        f"{settings.minimum_training_rows} rows and a positive label needed"
    )
    note = f"{why}: every customer is scored by the label-free {model.version}"
    return Trained(dict.fromkeys(SCORED, model), (note,))


def _without_trial(shop: Workshop) -> Trained:
    pooled = _pooled(shop, shop.growth.unvalidated_rounds, shop.growth.unvalidated_rounds)
    note = (
        f"no later snapshot to stop on or to compare segment models on (the last is {shop.last}): "
        f"{shop.growth.unvalidated_rounds} rounds, and the pooled model scores every segment"
    )
    return Trained(dict.fromkeys(SCORED, pooled), (note,))


def _activity_rounds(shop: Workshop) -> int:
    shift = activity_level(shop.rows, shop.horizon_days)
    return activity_rounds(shop.rows, shop.last, shift, shop.encoding.feature_types, shop.growth)


def _pooled(shop: Workshop, rounds: int, rounds_active: int) -> Boosted:
    shift = activity_level(shop.rows, shop.horizon_days)
    activity = fit_activity(shop.rows, shift, shop.encoding.feature_types, shop.growth, rounds_active)
    return Boosted(POOLED, shop.horizon_days, shop.encoding, shop.amount(shop.rows, rounds), activity)


def _established(shop: Workshop, pooled: Boosted, trial: AmountTrial) -> tuple[Model, Comparison | str]:
    rows = shop.of_segment(ESTABLISHED)
    lacking = _lacking(shop, rows, ESTABLISHED)
    if lacking:
        return pooled, lacking
    own = shop.trial(rows)
    later = rows.where(rows.inputs.as_of == shop.last)
    said = own.unseen(later, Amount.eur), trial.unseen(later, Amount.eur)
    found = compare(ESTABLISHED, shop.last, later.label_eur, said, shop.settings)
    if found.own_is_worse:
        return pooled, found
    return replace(pooled, fitted_on=ESTABLISHED, amount=shop.amount(rows, own.rounds)), found


def _early(shop: Workshop, pooled: Boosted, trial: AmountTrial) -> tuple[Model, Comparison | str]:
    rows = shop.of_segment(EARLY)
    lacking = _lacking(shop, rows, EARLY)
    if lacking:
        return pooled, lacking
    at_end = rows.inputs.as_of == shop.last
    before, later = rows.where(~at_end), rows.where(at_end)
    learned = _correction(before, trial)
    level = trial.by_fold[0].level.of_rows(later.inputs.as_of)
    own = level * learned.apply(trial.unseen(later, Amount.trees_eur), later.inputs.group)
    found = compare(EARLY, shop.last, later.label_eur, (own, trial.unseen(later, Amount.eur)), shop.settings)
    if found.own_is_worse:
        return pooled, found
    return EarlyStage(pooled, _correction(rows, trial)), found


def _correction(rows: Rows, trial: AmountTrial) -> Correction:
    levels = dict(trial.by_fold[0].level.by_as_of)
    return fit_correction(rows, trial.unseen(rows, Amount.trees_eur), levels)


def _lacking(shop: Workshop, rows: Rows, segment: str) -> str:
    needed = shop.settings.minimum_training_rows
    if len(rows) < needed:
        return f"{segment}: {len(rows)} training rows, {needed} needed: the pooled model scores it"
    if not possible(rows, shop.last):
        return f"{segment}: no rows to compare on at {shop.last}: the pooled model scores it"
    return ""
