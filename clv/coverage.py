"""How often the interval of a single customer's revenue held what came, and how near the median was."""

import numpy as np
import pandas as pd

from clv.deciles import DECILES, decile
from clv.metrics import coverage
from clv.segments import SCORED

NOMINAL = 0.80
COLUMNS = (
    *("dimension", "value", "customers", "coverage", "below", "above"),
    *("only_zero", "unavoidable", "mean_width_eur", "mae_mean_eur", "mae_median_eur"),
)
AMOUNTS = ("label_eur", "clv_eur", "clv_median_eur", "clv_low_eur", "clv_high_eur")


def interval_figures(customers: pd.DataFrame) -> pd.DataFrame:
    """Return how the intervals of one snapshot's customers did: in all, by decile of the mean, by segment.

    Parameters
    ----------
    customers
        One row per non-lead: `customer_id`, `segment`, `label_eur` (what came), `clv_eur`, `clv_median_eur`,
        `clv_low_eur`, `clv_high_eur`. Those without an interval are left out.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, no row where nobody has an interval. `coverage` is the share whose revenue the
        interval held, `below` and `above` the shares on either side of it. `only_zero` is the share of
        customers whose interval is 0 alone, because over 80 % of their kind bring nothing; `unavoidable` is
        by how much these alone lift the coverage over 80 %. `mae_mean_eur` and `mae_median_eur` are the mean
        absolute errors of both forecasts.

    Raises
    ------
    ValueError
        If an amount is not finite, or a customer_id is null or repeated.
    """
    rows = customers[customers["clv_low_eur"].notna()].sort_values("customer_id")
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    place = decile(rows["clv_eur"], rows["customer_id"])
    groups = {
        ("all", "all"): np.ones(len(rows), dtype=bool),
        **{("decile", str(d)): place == d for d in range(DECILES, 0, -1)},
        **{("stage", segment): (rows["segment"] == segment).to_numpy() for segment in SCORED},
    }
    found = [
        {"dimension": dimension, "value": value, **_figures(rows[asked])}
        for (dimension, value), asked in groups.items()
        if asked.any()
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    came, mean, median, low, high = (rows[name].to_numpy(np.float64) for name in AMOUNTS)
    only_zero = high <= 0
    held = coverage(came[only_zero], low[only_zero], high[only_zero]) if only_zero.any() else NOMINAL
    return {
        "customers": len(rows),
        "coverage": coverage(came, low, high),
        "below": float((came < low).mean()),
        "above": float((came > high).mean()),
        "only_zero": float(only_zero.mean()),
        "unavoidable": float(only_zero.mean()) * max(held - NOMINAL, 0.0),
        "mean_width_eur": float((high - low).mean()),
        "mae_mean_eur": float(np.abs(came - mean).mean()),
        "mae_median_eur": float(np.abs(came - median).mean()),
    }
