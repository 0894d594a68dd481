"""Fairness checks: whether some kind of customer is forecast, or ranked, surely worse than the others."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from clv.bootstrap import paired_bootstrap
from clv.group_calibration import group_calibration
from clv.metrics import METRICS
from clv.segment_figures import words
from clv.settings import Settings
from training.compare import known
from training.leaderboard import LAST_YEAR, OURS, to_records
from training.promotion import Estimate
from training.validation.checks import BY, Found

TENURE_EDGES_DAYS = (-np.inf, 90, 365, 730, np.inf)
"""The early stage, the first year, the second, and longer; each holds its upper end."""
TENURES = ("up to 90 days", "91 to 365 days", "366 to 730 days", "over 730 days")
COLUMNS = dict(zip(BY, ("country", "acquisition_channel", "device", "tenure"), strict=True))


def fairness(customers: pd.DataFrame, settings: Settings) -> Iterator[Found]:
    """Yield calibration and ranking of every material group of customers, by the dimensions `BY`.

    Parameters
    ----------
    customers
        As `training.validation.accuracy.accuracy`, with `country`, `acquisition_channel`, `device` and
        `tenure_days`, the days since the first order.
    """
    rows = customers.assign(tenure=tenure(customers["tenure_days"]))
    table = group_calibration(rows, settings.bootstrap_resamples, settings.seed, COLUMNS)
    asked = table["material"].astype(bool) & (table["share_of_customers"] < 1)
    for group in to_records(table[asked]):
        dimension, value = group["dimension"], group["value"]
        some = rows[words(rows[COLUMNS[dimension]]) == value]
        ratio = Estimate(group["relative"], group["relative_low"], group["relative_high"])
        detail = f"{value} ({len(some):,})"
        yield Found(f"calibration_by_{dimension}", ratio, detail)
        yield Found(f"ranking_by_{dimension}", _ranking(some, settings), detail)


def tenure(days: "pd.Series[float]") -> "pd.Series[str]":
    """Return the band of each tenure in days, null where it is."""
    bands = pd.cut(days.astype(np.float64), list(TENURE_EDGES_DAYS), labels=list(TENURES))
    return bands.astype(object)


def _ranking(rows: pd.DataFrame, settings: Settings) -> Estimate:
    name = "gini_normalised"
    scores = {
        OURS: rows["clv_eur"].to_numpy(np.float64),
        LAST_YEAR: rows["baseline_last_year_eur"].to_numpy(np.float64),
    }
    came = rows["label_eur"].to_numpy(np.float64)
    metrics = {name: METRICS[name]}
    drawn = paired_bootstrap(
        came, scores, LAST_YEAR, metrics, settings.bootstrap_resamples, settings.seed
    ).set_index("model")
    ends = ("difference", "difference_low", "difference_high")
    return Estimate(*(known(drawn.loc[OURS, end]) for end in ends))
