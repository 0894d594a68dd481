"""Two label-free forecasts of one t₀ that need its whole population; the trained models start from them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.errors import UserError
from clv.models.btyd import FEATURES, fit_btyd

BTYD_CLV = "btyd_clv_eur"
BTYD_P_ACTIVE = "btyd_p_active"
BTYD_ORDERS = "btyd_expected_orders"
BTYD_SPEND = "btyd_expected_spend_eur"
MONETARY_365D_EUR = "monetary_365d_eur"
TRAILING_CLV = "trailing_clv_eur"
PRIORS = (BTYD_CLV, BTYD_P_ACTIVE, BTYD_ORDERS, BTYD_SPEND, TRAILING_CLV)
LABEL_FREE = {"btyd": BTYD_CLV, "trailing": TRAILING_CLV}
"""The forecasts of revenue among them, by their names in ensembles."""
LABEL_FREE_WEIGHTS = {"btyd": 2 / 3, "trailing": 1 / 3}
"""Of the label-free model, which trees start from: any weight of last year from .2 to .4 ranks alike."""
NEEDED = (*FEATURES, MONETARY_365D_EUR)
"""The features they are computed from."""


def priors(features: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """Return the columns `PRIORS` for all non-leads of one t₀, one row per row of `features`, same index.

    The `btyd_` columns are Pareto/NBD × Gamma-Gamma on all orders, fitted on these rows (docs/models.md says
    why this one). `trailing_clv_eur` is the net revenue of the last 365 days, at least 0, rescaled to the
    total of `btyd_clv_eur`.

    Raises
    ------
    UserError
        As `clv.models.btyd.fit_btyd`.
    """
    said = fit_btyd(features, "all", "paretonbd").forecast(features, horizon_days).add_prefix("btyd_")
    return said.assign(**{TRAILING_CLV: trailing_clv(features[MONETARY_365D_EUR], said[BTYD_CLV])})[
        list(PRIORS)
    ]


def trailing_clv(
    monetary_365d_eur: "pd.Series[float]", btyd_clv_eur: "pd.Series[float]"
) -> npt.NDArray[np.float64]:
    """Return last year's revenue, at least 0, at the total of the other column; that column if all are 0."""
    revenue = np.maximum(monetary_365d_eur.to_numpy(np.float64), 0.0)
    prior = btyd_clv_eur.to_numpy(np.float64)
    total = float(np.sort(revenue).sum())
    return revenue * (float(np.sort(prior).sum()) / total) if total > 0 else prior


def label_free_eur(by_name: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Return the weighted mean of the forecasts in `LABEL_FREE`, shape (rows,), EUR."""
    btyd, trailing = by_name["btyd"], by_name["trailing"]
    return LABEL_FREE_WEIGHTS["btyd"] * btyd + LABEL_FREE_WEIGHTS["trailing"] * trailing


def prior(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """Return one prior of each row; UserError where the column is missing or a value is not finite."""
    if name not in frame.columns:
        raise UserError(f"the frame lacks {name}: join the priors of the same as_of and horizon first")
    values = frame[name].to_numpy(np.float64, na_value=np.nan)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise UserError(f"{name} is null in {bad} rows: leave out leads, or build the priors again")
    return values
