"""The scores of one t₀: features and forecasts side by side, customers ranked."""

import numpy as np
import pandas as pd

from clv.deciles import decile
from clv.errors import UserError
from clv.segments import SCORED
from clv.tables import SCORES
from clv.timeline import Horizon
from glue_jobs.reconcile import FORECAST, require_values

DAYS_OF_BASELINE = 365
TAKEN_OVER = (
    *("customer_id", "as_of", "segment", "country", "acquisition_channel", "device"),
    *("recency_days", "frequency", "monetary_365d_eur", "tenure_days"),
)


def collect(features: pd.DataFrame, forecasts: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Return the scores (columns of `SCORES`), one row per customer of `features`, by customer_id.

    UserError unless the forecasts cover exactly the non-lead customers, each once, with finite figures.
    """
    said = forecasts.set_index("customer_id")[[*FORECAST, "model_version"]]
    rows = features[list(TAKEN_OVER)].sort_values("customer_id", ignore_index=True)
    scored = rows.segment.isin(SCORED)
    said = said if said.index.is_monotonic_increasing else said.sort_index()
    _check(rows.customer_id[scored], said)
    rows = rows.join(said.set_index(rows.index[scored]))
    rows["horizon_days"] = horizon.days
    rows["baseline_last_year_eur"] = baseline_last_year_eur(rows.monetary_365d_eur, horizon).where(scored)
    rows["decile"] = pd.Series(pd.NA, index=rows.index, dtype="Int32")
    rows.loc[scored, "decile"] = decile(rows.clv_eur[scored], rows.customer_id[scored])
    return rows[list(SCORES.names)]


def baseline_last_year_eur(monetary_365d_eur: "pd.Series[float]", horizon: Horizon) -> "pd.Series[float]":
    """Return last year's revenue scaled to the horizon: what the forecast has to beat."""
    return monetary_365d_eur * min(1.0, horizon.days / DAYS_OF_BASELINE)


def _check(wanted: "pd.Series[str]", said: pd.DataFrame) -> None:
    """Raise UserError unless `said` has the customers of `wanted`, both in order, each once."""
    if not said.index.is_unique or not np.array_equal(said.index.to_numpy(), wanted.to_numpy()):
        missing, unasked = len(set(wanted) - set(said.index)), len(set(said.index) - set(wanted))
        raise UserError(f"forecasts do not match the customers: {missing} missing, {unasked} not asked for")
    require_values(said)
