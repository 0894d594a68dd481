"""Who else could have scored: forecasts judged beside the recipe's own, in a backtest that asks for them."""

import pandas as pd

from clv.models.last_year import LastYear
from clv.settings import Settings
from clv.timeline import Horizon
from training.base import POOLED, OneForAll, fit_base


def fit_contenders(
    learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon, settings: Settings
) -> dict[str, pd.DataFrame]:
    """Return forecasts by name, each with the index of `test`; parameters as `training.rivals.rivals`."""
    free = LastYear(horizon.days)
    found = {free.version: free.forecast(test)}
    base = fit_base(learned_from, horizon, settings, settings.threads)
    return found if isinstance(base, OneForAll) else {POOLED: base.pooled.forecast(test), **found}
