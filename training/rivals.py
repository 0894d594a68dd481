"""What a model is judged beside: the rankings that people use without one, and the classical models."""

from typing import get_args

import pandas as pd

from clv.models.baselines import RfmBands, classic_btyd, last_year
from clv.models.btyd import Purchases, SpendOrders
from clv.timeline import Horizon
from training.leaderboard import BTYD_PREFIX, LAST_YEAR

RFM = "rfm"


def rivals(learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon) -> dict[str, pd.DataFrame]:
    """Return the forecasts of last year's revenue, RFM bands and the buy-till-you-die models by name.

    Parameters
    ----------
    learned_from
        Labelled rows of snapshots closed before the test; may be empty.
    test
        All non-leads of one t₀: bands are cut and the classical models fitted among them.
    """
    classic = {
        f"{BTYD_PREFIX}{purchases}-gg-{orders}": classic_btyd(test, horizon.days, orders, purchases)
        for purchases in get_args(Purchases)
        for orders in get_args(SpendOrders)
    }
    return {LAST_YEAR: last_year(test, horizon.days), RFM: _rfm(learned_from, test, horizon), **classic}


def _rfm(learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Forecast by what RFM bands brought, or by their last year's revenue where nothing has closed."""
    if learned_from.empty:
        return RfmBands.fit(test, last_year(test, horizon.days)["clv_eur"]).forecast(test)
    return RfmBands.fit(learned_from, learned_from["label_eur"]).forecast(test)
