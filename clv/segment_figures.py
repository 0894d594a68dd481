"""Predicted beside actual revenue for every monitored group of customers."""

from typing import Any

import numpy as np
import pandas as pd

from clv.deciles import decile
from clv.judged import judge
from clv.metrics import METRICS, material
from clv.segments import SCORED

ALL = "all"
UNKNOWN = "unknown"
DIMENSIONS = {
    "stage": "segment",
    "country": "country",
    "channel": "acquisition_channel",
    "device": "device",
    "clv_band": "clv_band",
}
"""Monitored dimensions, with the column each is read from; beside them `all` holds everybody."""

CLV_BANDS = ("low", "medium", "high")
CLV_BAND_EDGES = (5, 8)
"""low: deciles up to 5, medium: up to 8, high: above."""

GINI_MIN_CUSTOMERS = 50
"""With fewer customers a ranking figure is the luck of one or two large ones: it stays undefined."""

_METRICS = ("calibration_ratio", "mape", "mape_share", "rmse", "mae", "wape")
_RANKED = ("gini_normalised", "capture_top10")
COLUMNS = (
    "dimension",
    "value",
    "customers",
    "share_of_customers",
    "share_of_revenue",
    "predicted_eur",
    "actual_eur",
    "mean_predicted_eur",
    "mean_actual_eur",
    *_METRICS,
    *_RANKED,
    "material",
)


def segment_figures(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of every monitored group of one snapshot's customers.

    Parameters
    ----------
    customers
        One row per non-lead: `customer_id`, `segment`, `country`, `acquisition_channel`, `device`,
        `label_eur` (what came) and `clv_eur` (what was forecast). Bands are cut by the deciles of `clv_eur`
        among exactly these customers, and materiality is judged among them: pass both stages together
        wherever both are at hand.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, one row per dimension (`all`, then those of `DIMENSIONS`) and value, values
        sorted, bands from low to high; null names are `unknown`. `share_of_revenue` and the ratios are NaN
        where what they divide by is not positive, the ranking figures also below 50 customers. No row where
        there is no customer.

    Raises
    ------
    ValueError
        If an amount is not finite, or a customer_id is null or repeated.
    """
    if customers.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = customers.assign(clv_band=clv_band(customers))
    everybody = judge(rows["label_eur"], rows["clv_eur"]).customers
    revenue = everybody.total if everybody.has_revenue else np.nan
    found = [group_figures(ALL, ALL, rows, len(rows), revenue)]
    for dimension, column in DIMENSIONS.items():
        values = words(rows[column])
        groups = {value: rows[values == value] for value in _in_order(dimension, set(values))}
        found += [group_figures(dimension, value, some, len(rows), revenue) for value, some in groups.items()]
    return pd.DataFrame(found, columns=list(COLUMNS))


def clv_band(customers: pd.DataFrame) -> "pd.Series[str]":
    """Return low, medium or high of each customer by the decile of its `clv_eur` among these customers."""
    deciles = decile(customers["clv_eur"], customers["customer_id"])
    places = np.searchsorted(CLV_BAND_EDGES, deciles, side="left")
    return pd.Series(np.array(CLV_BANDS, dtype=object)[places], index=customers.index)


def words(values: "pd.Series[Any]") -> "pd.Series[str]":
    """Return the names of a column as texts, null ones `unknown`."""
    return values.astype(object).where(values.notna(), UNKNOWN).astype(str)


def _in_order(dimension: str, values: set[str]) -> list[str]:
    order = {"clv_band": CLV_BANDS, "stage": SCORED}.get(dimension, ())
    return [value for value in order if value in values] + sorted(values - set(order))


def group_figures(
    dimension: str, value: str, rows: pd.DataFrame, customers: int, revenue: float
) -> dict[str, Any]:
    """Return one row of `segment_figures`.

    rows : the customers of the group, with label_eur and clv_eur
    customers, revenue : of everybody; revenue is NaN where shares of it are undefined
    """
    judged = judge(rows["label_eur"], rows["clv_eur"])
    actual = judged.customers.total
    ranked = len(rows) >= GINI_MIN_CUSTOMERS
    return {
        "dimension": dimension,
        "value": value,
        "customers": len(rows),
        "share_of_customers": len(rows) / customers,
        "share_of_revenue": actual / revenue,
        "predicted_eur": METRICS["sum_predicted_eur"](judged),
        "actual_eur": actual,
        **{name: METRICS[name](judged) for name in ("mean_predicted_eur", "mean_actual_eur", *_METRICS)},
        **{name: METRICS[name](judged) if ranked else np.nan for name in _RANKED},
        "material": bool(material(len(rows), customers, actual / revenue)),
    }
