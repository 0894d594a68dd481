"""Every loss by its name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost as xgb

from clv.errors import UserError
from clv.models.losses.additive import ABSOLUTE_ERROR, SQUARED_ERROR
from clv.models.losses.learner import Learner, Loss
from clv.models.losses.log1p import Log1p
from clv.models.losses.poisson import PoissonSpend
from clv.models.losses.quantiles import Quantiles
from clv.models.losses.tweedie import Tweedie
from clv.models.losses.two_part import TwoPart
from clv.models.losses.ziln import ZeroInflatedLognormal

LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Tweedie(),
        SQUARED_ERROR,
        ABSOLUTE_ERROR,
        Log1p(),
        TwoPart(),
        PoissonSpend(),
        Quantiles(),
        ZeroInflatedLognormal(),
    )
}


def load_learner(saved: dict[str, Any], folder: Path) -> Learner:
    """Restore what `Learner.to_dict` and `Learner.save` wrote; UserError where its loss is unknown."""
    if saved["loss"] not in LOSSES:
        raise UserError(f"{folder}: loss {saved['loss']} is not known here; train again")
    boosters = {part: load_booster(folder / file) for part, file in saved["files"].items()}
    return Learner(LOSSES[saved["loss"]], boosters, saved["numbers"])


def load_booster(file: Path) -> xgb.Booster:
    """Return trees saved by XGBoost, which answer by one thread as those that were just grown do."""
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(file)
    return booster
