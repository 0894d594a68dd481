"""The early-stage model: trees of early-stage customers beside the pooled model's parts, and their blend."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from clv.models.amount import Amount, fit_amount
from clv.models.drivers import Typical
from clv.models.early import OWN, Blend, EarlyStage, early_places, fit_blend, narrowed
from clv.models.forecast import Model
from clv.models.losses.tweedie import Tweedie
from clv.models.rows import Mask, Rows
from clv.models.trees import Trainer
from clv.segments import EARLY
from training.base import Base, Workshop
from training.compare import Comparison, compare
from training.stacking import unseen_parts
from training.trial import AmountTrial, revenue_level, try_amount

Floats = npt.NDArray[np.float64]

DEPTH = 2
"""Of a tree: a few thousand rows correct a start; deeper trees measured no better (docs/models.md)."""
LOSSES = (Tweedie(),)


def early_stage(base: Base, rows: Rows) -> tuple[Model, Comparison]:
    """Return the model of early-stage customers: their own, or the pooled one where that is better.

    `rows` are those of early-stage customers. Both forecast the last snapshot by trees that saw neither it
    nor the customer, and weights learned before it.
    """
    shop, level = base.shop, base.trial.by_fold[0].level
    own = _try_own(shop, rows)
    unseen = _unseen_parts(base, own, rows)
    at_end = rows.at(shop.last)
    blend = _fit_blend(base, rows, unseen, ~at_end)
    later = rows.where(at_end)
    said = level.of_rows(later.inputs.as_of) * blend.eur(_where(unseen, at_end), later.inputs.group)
    pooled = base.trial.unseen(later, Amount.eur)
    found = compare(EARLY, shop.last, later.label_eur, (said, pooled), shop.settings)
    if found.own_is_worse:
        return base.pooled_for(rows), found
    blend = _fit_blend(base, rows, unseen, np.ones(len(rows), dtype=np.bool_))
    [learner] = _fit_own(shop, rows, own).learners
    bands = base.unseen.bands(rows, blend.eur(unseen, rows.inputs.group))
    return EarlyStage(base.pooled, learner, blend, bands or base.pooled.bands, Typical.of(rows)), found


def _fit_blend(base: Base, rows: Rows, unseen: dict[str, Floats], told: Mask) -> Blend:
    levels = base.trial.by_fold[0].level.by_as_of
    return fit_blend(rows.where(told), _where(unseen, told), base.pooled.amount.weights, levels)


def _unseen_parts(base: Base, own: AmountTrial, rows: Rows) -> dict[str, Floats]:
    """Return what each part says of rows whose customer it has not seen, at the prior's own level."""
    parts = unseen_parts(base.trial, rows)
    return {**parts, OWN: own.unseen(_narrow(base.shop, rows), Amount.trees_eur)}


def _try_own(shop: Workshop, rows: Rows) -> AmountTrial:
    level = revenue_level(shop.rows, shop.horizon_days)
    return try_amount(_narrow(shop, rows), shop.last, level, LOSSES, _trainer(shop))


def _fit_own(shop: Workshop, rows: Rows, tried: AmountTrial) -> Amount:
    level = revenue_level(shop.rows, shop.horizon_days)
    return fit_amount(_narrow(shop, rows), level, LOSSES, _trainer(shop), tried.rounds)


def _narrow(shop: Workshop, rows: Rows) -> Rows:
    return replace(rows, inputs=narrowed(rows.inputs, shop.encoding))


def _trainer(shop: Workshop) -> Trainer:
    wide, places = shop.trainer, early_places(shop.encoding)
    return Trainer(
        replace(wide.growth, max_depth=min(DEPTH, wide.growth.max_depth)),
        [wide.feature_types[place] for place in places],
        tuple(wide.monotone[place] for place in places) if wide.monotone else (),
    )


def _where(parts: dict[str, Floats], told: Mask) -> dict[str, Floats]:
    return {name: part[told] for name, part in parts.items()}
