"""Evaluations drawn as small tables."""

import json

from monitoring.figures import read_figures
from tests.ascii_table import table

DEFAULTS = {
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
    return [DEFAULTS | row | {"material": row["material"] == "yes"} for row in rows]


def figures(text):
    return read_figures(segment_rows(text), "evaluation.json")
