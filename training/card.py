"""The model card: what a model is for, what taught it, how good it was, and where not to trust it."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import scipy
import sklearn
import xgboost

from clv.closed_snapshots import SnapshotPlan
from clv.segment_report import CROSS
from clv.segments import SCORED
from clv.settings import Settings
from training.fit import FittedSegment
from training.leaderboard import LAST_YEAR, OURS

PURPOSE = (
    "Expected net revenue in EUR of each {segment} customer in the {days} days from t₀, and the probability "
    "of at least one order, for ranking and budgeting customers; not for credit, pricing or any decision "
    "with legal effect on a person."
)
INTENDED = (
    "Rank customers of a shop by what they will bring; budget marketing contacts among those who consent.",
    "Plan revenue of groups of customers; of one customer only with its 80 % interval.",
    "Draw strata and covariates of experiments.",
)
NOT_INTENDED = (
    "Credit, individual prices, or any other decision with legal effect on a person.",
    "What a contact would change: a forecast is no effect; experiments measure effects.",
    "Leads, who have not ordered; other horizons than the model's; other shops than the one that taught it.",
)
SHOWN = ("n", "gini_normalised", "capture_top10", "calibration_ratio", "rmse", "mae", "mape", "mape_share")
LIMITS = (
    "Cash view: a refund lowers the window in which it happens, also of an order before t₀.",
    "Customers of markets launched less than a horizon ago are scored, but none has taught the model.",
    "The few largest customers make most of the squared error; their amounts are the least certain.",
    "The season's level comes from one snapshot about a year earlier, or is left out where none has closed.",
    "Intervals know the luck of who is in the sample, not that of the calendar: all live through one future.",
    "A customer's 80 % interval knows how revenue strays from the forecast, not a missed season's level.",
)


def model_card(
    fitted: FittedSegment,
    as_of: date,
    plan: SnapshotPlan,
    population: dict[str, Any],
    told: Mapping[str, Any],
    settings: Settings,
) -> dict[str, Any]:
    """Return the card as JSON-ready values, but for what the gate and the validation say.

    Parameters
    ----------
    as_of
        When it was trained: every horizon that taught it had closed by then.
    population
        Of `population`.
    told
        Of `training.evaluation.evaluation`.
    """
    rows = told["rows"]
    by_model = {row["model"]: {name: row[name] for name in SHOWN} for row in rows}
    shown = {OURS: told["headline"], LAST_YEAR: LAST_YEAR}
    return {
        "purpose": PURPOSE.format(segment=fitted.segment, days=settings.horizon_days),
        "intended_use": list(INTENDED),
        "not_intended": list(NOT_INTENDED),
        "segment": fitted.segment,
        "model_version": fitted.model.version,
        "horizon_days": settings.horizon_days,
        "trained_as_of": as_of.isoformat(),
        "training_as_ofs": [day.isoformat() for day in plan.training_as_ofs],
        "population": population,
        "parameters": asdict(settings),
        "evaluation_as_of": plan.evaluation_as_of.isoformat() if plan.evaluation_as_of and rows else None,
        "metrics": {name: by_model[key] for name, key in shown.items() if key in by_model},
        "metrics_by_segment": [_group(row) for row in told["figures"] if _shown(row)],
        "known_limits": list(LIMITS),
        "notes": [fitted.note],
        "comparisons": [fitted.comparison.to_dict()] if fitted.comparison else [],
        "libraries": libraries(),
    }


def findings(validation: Mapping[str, Any], verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a card says of its validation and of the gate's verdict."""
    said = {name: verdict[name] for name in ("status", "reason", "rules")}
    return {"validation": dict(validation), "verdict": said}


def population(frame: pd.DataFrame) -> dict[str, Any]:
    """Return who taught the model: rows, customers and labels, in all and by segment."""
    parts = {"all": frame}
    if len(frame):
        parts |= {segment: frame[frame["segment"] == segment] for segment in SCORED}
    return {name: _people(rows) for name, rows in parts.items()}


def libraries() -> dict[str, str]:
    """Return the versions of Python and of what the fit rests on."""
    modules = {"numpy": np, "pandas": pd, "pyarrow": pa, "scipy": scipy, "scikit-learn": sklearn}
    found = {name: str(module.__version__) for name, module in modules.items()}
    return {"python": platform.python_version(), **found, "xgboost": str(xgboost.__version__)}


def _shown(row: Mapping[str, Any]) -> bool:
    """Say whether a group is material, one of a single dimension, and not everybody again."""
    part = row["dimension"] == "all" or row["share_of_customers"] < 1
    return bool(row["material"]) and part and CROSS not in row["dimension"]


def _group(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = {"n": row["customers"], **{name: row[name] for name in SHOWN if name != "n"}}
    bounds = {name: row[name] for name in ("calibration_low", "calibration_high")}
    return {"dimension": row["dimension"], "value": row["value"], **figures, **bounds}


def _people(rows: pd.DataFrame) -> dict[str, Any]:
    if rows.empty:
        return {"rows": 0, "customers": 0, "share_with_revenue": None, "mean_label_eur": None}
    return {
        "rows": len(rows),
        "customers": int(rows["customer_id"].nunique()),
        "share_with_revenue": float((rows["label_eur"] > 0).mean()),
        "mean_label_eur": float(rows["label_eur"].mean()),
    }
