"""Can what contacting adds still be told: overlap of the contacted and the held out, by CLV decile."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.contracts import HOLDOUT
from clv.deciles import DECILES
from monitoring.metrics import Metric, metrics_of

PROPENSITY_LOW, PROPENSITY_HIGH = 0.001, 0.999
"""Outside, a customer weighs a thousand times in one arm: both arms are never seen."""

LEAST_SHARE = 0.05
"""Of a decile's rows that must lie within: one designed campaign among twenty greedy ones still teaches."""

Floats = npt.NDArray[np.float64]


def overlap_by_decile(treatments: pd.DataFrame) -> pd.DataFrame:
    """Return how comparable the contacted and the held out are, a row per decile from 10 down.

    Parameters
    ----------
    treatments
        `decile` when the wave went out (null where there was none), `purpose`, `propensity` (P(contacted)).

    Returns
    -------
    pandas.DataFrame
        `decile`, `rows`, `contacted`, `propensity_min`, `propensity_max` (NaN without a row),
        `effective_contacted` and `effective_held_out` (Kish's effective sample size of the weights
        1 / propensity and 1 / (1 − propensity); Kish 1965, section 11.7), `overlapping` (share of rows
        whose propensity is within `PROPENSITY_LOW` and `PROPENSITY_HIGH`, 0 without a row), `has_overlap`.

    Notes
    -----
    Customers who were never in a log could not be contacted as far as anybody knows. So a decile without a
    row has no overlap, and a log of contacts alone, each certain, has none anywhere.
    """
    return pd.DataFrame(
        [_of(decile, treatments[treatments["decile"] == decile]) for decile in range(DECILES, 0, -1)]
    )


def overlap_metrics(table: pd.DataFrame) -> list[Metric]:
    """Return the monitored figures of `overlap_by_decile`."""
    effective = table[["effective_contacted", "effective_held_out"]].to_numpy()
    return metrics_of(
        {
            "DecilesWithoutOverlap": float((~table["has_overlap"]).sum()),
            "LeastEffectiveCustomers": float(effective.min()),
        }
    )


def overlap_summary(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows for a JSON summary, NaN as None."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def effective_size(weight: Floats) -> float:
    """Return (Σw)² / Σw², 0 of nothing: how many equal weights say as much."""
    total = float((weight**2).sum())
    return float(weight.sum()) ** 2 / total if total else 0.0


def _of(decile: int, rows: pd.DataFrame) -> Mapping[str, Any]:
    p = rows["propensity"].to_numpy(np.float64)
    held_out = (rows["purpose"] == HOLDOUT).to_numpy(bool)
    within = (p >= PROPENSITY_LOW) & (p <= PROPENSITY_HIGH)
    overlapping = float(within.mean()) if len(p) else 0.0
    return {
        "decile": decile,
        "rows": len(p),
        "contacted": int((~held_out).sum()),
        "propensity_min": float(p.min()) if len(p) else np.nan,
        "propensity_max": float(p.max()) if len(p) else np.nan,
        "effective_contacted": effective_size(1 / p[~held_out]),
        "effective_held_out": effective_size(1 / (1 - p[held_out])),
        "overlapping": overlapping,
        "has_overlap": overlapping >= LEAST_SHARE,
    }
