"""Statistical and business checks: one forecast of one t₀ beside what came, and beside 12m."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from clv.bootstrap import paired_bootstrap
from clv.coverage import interval_figures
from clv.metrics import METRICS
from clv.settings import Settings
from training.compare import known
from training.leaderboard import LAST_YEAR, OURS
from training.promotion import Estimate
from training.validation.checks import Found
from training.validation.measures import ks_of_euros, precision_top10, r2, recall_top10

COMPARED = {
    "rmse": METRICS["rmse"],
    "mae": METRICS["mae"],
    "spearman": METRICS["spearman"],
    "precision_top10": precision_top10,
    "recall_top10": recall_top10,
}
ALONE = {"r2": r2, "ks_of_euros": ks_of_euros, "revenue_accuracy": METRICS["calibration_ratio"]}
FIGURE = ("estimate", "low", "high")
DIFFERENCE = ("difference", "difference_low", "difference_high")
Z95 = 1.959964


def accuracy(customers: pd.DataFrame, settings: Settings) -> Iterator[Found]:
    """Yield the figures of one t₀'s customers.

    Parameters
    ----------
    customers
        One row per non-lead: `customer_id`, `segment`, `label_eur`, `clv_eur`, `baseline_last_year_eur`, and
        `clv_median_eur`, `clv_low_eur`, `clv_high_eur`, null where not estimated.
    """
    came = customers["label_eur"].to_numpy(np.float64)
    said = customers["clv_eur"].to_numpy(np.float64)
    scores = {OURS: said, LAST_YEAR: customers["baseline_last_year_eur"].to_numpy(np.float64)}
    drawn = paired_bootstrap(
        came, scores, LAST_YEAR, COMPARED | ALONE, settings.bootstrap_resamples, settings.seed
    )
    rows = {(row["model"], row["metric"]): row for row in drawn.to_dict("records")}
    for name in COMPARED:
        both = (rows[side, name]["estimate"] for side in (OURS, LAST_YEAR))
        detail = "{:,.4g} against {:,.4g}".format(*both)
        yield Found(f"{name}_against_{LAST_YEAR}", _estimate(rows[OURS, name], DIFFERENCE), detail)
    for name in ALONE:
        yield Found(name, _estimate(rows[OURS, name], FIGURE))
    yield Found("ks_of_customers", Estimate(float(ks_2samp(said, came).statistic)))
    yield from _coverage(customers)


def _estimate(row: Mapping[Hashable, Any], columns: Sequence[str]) -> Estimate:
    return Estimate(*(known(row[name]) for name in columns))


def _coverage(customers: pd.DataFrame) -> Iterator[Found]:
    figures = interval_figures(customers)
    if figures.empty:
        return
    everybody = figures.iloc[0]
    held, lift = float(everybody["coverage"]), float(everybody["unavoidable"])
    margin = Z95 * np.sqrt(held * (1 - held) / float(everybody["customers"]))
    found = Estimate(held - lift, held - lift - margin, held - lift + margin)
    yield Found("interval_coverage", found, f"{held:.1%} less {lift:.1%}")
