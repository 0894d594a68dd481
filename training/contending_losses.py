"""Every loss as a model of its own, pooled, to be judged beside ours; each may be saved and may score."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from clv.models.boosted import Boosted
from clv.models.forecast import Model
from clv.models.losses.catalogue import LOSSES
from clv.models.priors import LABEL_FREE
from clv.settings import Settings
from clv.timeline import Horizon
from training.base import Base, fit_base
from training.stacking import stacked

MEAN, STACKED = "trees-mean", "trees-stacked"
ALONE = "trees-"


def contending_losses(
    learned_from: pd.DataFrame,
    horizon: Horizon,
    settings: Settings,
    names: Sequence[str] = tuple(LOSSES),
    threads: int = 1,
) -> dict[str, Model]:
    """Return pooled models by name: `trees-<loss>` for every loss, `trees-mean` and `trees-stacked`.

    `trees-<loss>` are the trees of one loss without the label-free forecasts; `trees-mean` and
    `trees-stacked` those of the settings' losses with them, by plain mean and by learned weights. That of
    `absolute-error` is a median, whose total is no forecast of revenue. `p_active` is the same in all.

    Parameters
    ----------
    learned_from
        As `training.fit.fit_segment`, of snapshots closed before whatever is to be judged. Where trees cannot
        be tried out on a later snapshot there are no contenders, and the result is empty.
    names
        Losses to fit, by their names in `clv.models.losses.catalogue`.

    Raises
    ------
    UserError
        As `training.fit.fit_segment`.
    """
    base = fit_base(learned_from, horizon, replace(settings, stacking="mean"), threads)
    if not isinstance(base, Base):
        return {}
    learned = stacked(base.trial, base.shop.rows)
    found: dict[str, Model] = {f"{ALONE}{name}": _alone(base, name) for name in dict.fromkeys(names)}
    amount = base.pooled.amount
    return {
        **found,
        MEAN: base.pooled,
        STACKED: replace(base.pooled, amount=replace(amount, weights=learned.weights)),
    }


def _alone(base: Base, name: str) -> Boosted:
    """Return the pooled model with the trees of one loss; those already grown are not grown again."""
    shop, amount = base.shop, base.pooled.amount
    learners = tuple(learner for learner in amount.learners if learner.loss.name == name)
    if not learners:
        shop = shop.with_losses((LOSSES[name],))
        learners = shop.amount(shop.rows, shop.trial(shop.rows)).learners
    weights = {name: 1.0, **dict.fromkeys(LABEL_FREE, 0.0)}
    return replace(base.pooled, amount=replace(amount, learners=learners, weights=weights))
