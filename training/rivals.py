"""What a model is judged beside: the rankings that people use without one, and the classical models."""

import pandas as pd

from clv.models.baselines import RfmBands, classic_btyd, last_year
from clv.timeline import Horizon
from training.leaderboard import BTYD_PREFIX, LAST_YEAR

RFM = "rfm"


def rivals(learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon) -> dict[str, pd.DataFrame]:
    """Return the forecasts of last year's revenue, RFM bands and both buy-till-you-die models by name.

    Parameters
    ----------
    learned_from
        Labelled rows of snapshots closed before the test; may be empty.
    test
        All non-leads of one t₀: bands are cut and the classical models fitted among them.
    """
    return {
        LAST_YEAR: last_year(test, horizon.days),
        RFM: _rfm(learned_from, test, horizon),
        f"{BTYD_PREFIX}bgnbd-gg-all": classic_btyd(test, horizon.days, "all"),
        f"{BTYD_PREFIX}bgnbd-gg-repeat": classic_btyd(test, horizon.days, "repeat"),
    }


def _rfm(learned_from: pd.DataFrame, test: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Forecast by what RFM bands brought, or by their last year's revenue where nothing has closed."""
    if learned_from.empty:
        return RfmBands.fit(test, last_year(test, horizon.days)["clv_eur"]).forecast(test)
    return RfmBands.fit(learned_from, learned_from["label_eur"]).forecast(test)
