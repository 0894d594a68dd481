"""Evaluations drawn as small tables."""

import json

from monitoring.figures import read_figures
from tests.ascii_table import table

DEFAULTS = {
    "mean_predicted_eur": 1.0,
    "mean_actual_eur": 1.0,
    "wape": 0.5,
    "capture_top10": 0.4,
    "share_of_customers": 0.1,
    "share_of_revenue": 0.1,
    "mape_share": 1.0,
    "rmse": 10.0,
    "mae": 5.0,
    "gini_normalised": 0.6,
}


def segment_rows(text):
    """Rows of an evaluation as JSON holds them; columns not drawn get a sane default, intervals no width."""
    frame = table(text)
    rows = json.loads(frame.to_json(orient="records"))
    of_all = next((row["mape"] for row in rows if row["dimension"] == "all"), None)
    return [DEFAULTS | _exact(row, of_all) | row | {"material": row["material"] == "yes"} for row in rows]


def _exact(row, mape_of_all):
    """Return the intervals of figures that no draw would move."""
    ratio = row["mape"] / mape_of_all if row["mape"] is not None and mape_of_all else None
    found = dict.fromkeys(("mape_ratio", "mape_ratio_low", "mape_ratio_high"), ratio)
    return found | {f"calibration_{end}": row.get("calibration_ratio") for end in ("low", "high")}


def figures(text):
    return read_figures(segment_rows(text), "evaluation.json")
