"""Who else could have scored: forecasts judged beside the recipe's own, in a backtest that asks for them."""

import pandas as pd

from clv.models.last_year import LastYear
from clv.settings import Settings
from clv.timeline import Horizon
from training.contending_losses import contending_losses
from training.young_levels import level_factors


def fit_contenders(
    learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon, settings: Settings
) -> dict[str, pd.DataFrame]:
    """Return forecasts by name, each with the index of `test`; parameters as `training.rivals.rivals`.

    They are those of every loss (`training.contending_losses`) and last year's revenue at the prior's total.
    """
    free = LastYear(horizon.days)
    factors = level_factors(learned_from, test)
    losses = contending_losses(learned_from, horizon, settings, threads=settings.threads)
    models = {name: model.releveled(factors) for name, model in losses.items()}
    return {name: model.forecast(test) for name, model in (models | {free.version: free}).items()}
