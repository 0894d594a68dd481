"""Fit: the model of each segment from a training frame, with what was found on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import pandas as pd

from clv.models.amount import Amount
from clv.models.drivers import Typical
from clv.models.forecast import Model
from clv.models.rows import Rows
from clv.segments import EARLY, ESTABLISHED
from clv.settings import Settings
from clv.timeline import Horizon
from training.base import Base, OneForAll, Workshop, fit_base
from training.compare import Comparison, compare
from training.early import early_stage
from training.trial import possible


@dataclass(frozen=True)
class FittedSegment:
    """The model that scores a segment and the pooled one beside it, which may be the same.

    `note` says for a reader why it is this model; `comparison` is None where own and pooled one could not be
    compared.
    """

    segment: str
    model: Model
    pooled: Model
    note: str
    comparison: Comparison | None = None

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same with the level of both models multiplied; of `training.young_levels`."""
        return replace(self, model=self.model.releveled(factors), pooled=self.pooled.releveled(factors))


@dataclass(frozen=True)
class Trained:
    """The model of each segment; `notes` for the report; segment models compared with the pooled one."""

    models: dict[str, Model]
    notes: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same with the level of every model multiplied; of `training.young_levels`."""
        models = {segment: model.releveled(factors) for segment, model in self.models.items()}
        return replace(self, models=models)


def fit_segment(
    frame: pd.DataFrame, segment: str, horizon: Horizon, settings: Settings, threads: int = 1
) -> FittedSegment:
    """Return the model of one segment, which starts from its own pooled base.

    Parameters
    ----------
    frame
        One row per non-lead of any segment and closed snapshot: the feature columns, the priors,
        `label_eur`, `label_orders`; no rows where nothing has closed. The order of rows does not matter.
    threads
        Of XGBoost; the models are the same for any number.

    Raises
    ------
    UserError
        If a column is missing, a prior null, or a customer stands twice at one t₀.
    """
    return on_base(fit_base(frame, horizon, settings, threads), segment)


def fit(frame: pd.DataFrame, horizon: Horizon, settings: Settings, threads: int = 1) -> Trained:
    """Return the models of both segments, those of `fit_segment`, on a pooled base that is fitted once."""
    base = fit_base(frame, horizon, settings, threads)
    found = [on_base(base, segment) for segment in (ESTABLISHED, EARLY)]
    return Trained(
        {fitted.segment: fitted.model for fitted in found},
        tuple(dict.fromkeys(fitted.note for fitted in found)),
        tuple(fitted.comparison for fitted in found if fitted.comparison is not None),
    )


def on_base(base: Base | OneForAll, segment: str) -> FittedSegment:
    """Return the model of a segment on a fitted base: its own, or the pooled one where that is better."""
    if isinstance(base, OneForAll):
        return FittedSegment(segment, base.model, base.model, base.note)
    rows = base.shop.of_segment(segment)
    lacking = _lacking(base.shop, rows, segment)
    if lacking:
        return FittedSegment(segment, base.pooled, base.pooled, lacking)
    model, found = early_stage(base, rows) if segment == EARLY else _established(base, rows)
    return FittedSegment(segment, model, base.pooled, found.in_words, found)


def _established(base: Base, rows: Rows) -> tuple[Model, Comparison]:
    shop, own = base.shop, base.shop.trial(rows)
    later = rows.where(rows.at(shop.last))
    said = own.unseen(later, Amount.eur), base.trial.unseen(later, Amount.eur)
    found = compare(ESTABLISHED, shop.last, later.label_eur, said, shop.settings)
    if found.own_is_worse:
        return base.pooled_for(rows), found
    unseen = replace(base.unseen, level=own.by_fold[0].level)
    bands = unseen.bands(rows, own.unseen(rows, Amount.unseasoned_eur))
    amount, typical = shop.amount(rows, own), Typical.of(rows)
    bands = bands or base.pooled.bands
    return replace(base.pooled, fitted_on=ESTABLISHED, amount=amount, bands=bands, typical=typical), found


def _lacking(shop: Workshop, rows: Rows, segment: str) -> str:
    needed = shop.settings.minimum_training_rows
    if len(rows) < needed:
        return f"{segment}: {len(rows)} training rows, {needed} needed: the pooled model scores it"
    if not possible(rows, shop.last):
        return f"{segment}: no rows to compare on at {shop.last}: the pooled model scores it"
    return ""
