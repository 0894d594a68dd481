"""The files a training leaves beside its model: its evaluation and its drift baseline."""

from datetime import date
from typing import Any

import pandas as pd

from clv.closed_snapshots import SnapshotPlan
from clv.drift_profile import profile
from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.forecast import CLV_EUR, P_ACTIVE, Model
from clv.timeline import Horizon
from training.choice import Choice, unjudged
from training.fit import FittedSegment
from training.leaderboard import to_records
from training.out_of_time import OutOfTime
from training.seasons import knows_last_years_season


def evaluation(
    fitted: FittedSegment,
    as_of: date,
    horizon: Horizon,
    plan: SnapshotPlan,
    judged: OutOfTime | None,
    choice: Choice,
) -> dict[str, Any]:
    """Return `evaluation.json`: how the recipe of a fitted model did out of time, JSON-ready.

    `rows` is the leaderboard, `headline` the name in it of the candidate that was chosen, `figures` are those
    of every monitored group of customers by that candidate with bootstrap intervals, `calibration` how groups
    stand to the level of everybody, `intervals` how often those of single customers held; all are empty where
    there was nobody to judge, and `unjudged` says why.
    """
    rows = judged.rows if judged is not None else []
    return {
        "segment": fitted.segment,
        "horizon_days": horizon.days,
        "as_of": as_of.isoformat(),
        "training_as_ofs": [day.isoformat() for day in plan.training_as_ofs],
        "model_version": fitted.model.version,
        **_test(plan, judged, choice.name, horizon),
        "headline": choice.name,
        "models": [row["model"] for row in rows],
        "rows": rows,
        "comparisons": {
            "training": _compared(fitted),
            "evaluation": _compared(judged.fitted) if judged else None,
        },
        "notes": [fitted.note, *([judged.fitted.note] if judged else [])],
        **_figures(judged, choice.name),
    }


def _test(plan: SnapshotPlan, judged: OutOfTime | None, name: str, horizon: Horizon) -> dict[str, Any]:
    """Return when and on whom a candidate was judged, or why it was not."""
    teachers = plan.evaluation_training_as_ofs
    return {
        "evaluation_as_of": judged.as_of.isoformat() if judged else None,
        "evaluation_training_as_ofs": [day.isoformat() for day in teachers],
        "knows_last_years_season": judged is not None
        and knows_last_years_season(teachers, judged.as_of, horizon),
        "evaluated_version": judged.candidates[name].version if judged else None,
        "unjudged": unjudged(judged, horizon),
        "caveat": judged.caveat if judged else "",
        "customers": len(judged.test) if judged else 0,
    }


def _compared(fitted: FittedSegment) -> dict[str, Any] | None:
    return fitted.comparison.to_dict() if fitted.comparison else None


def _figures(judged: OutOfTime | None, name: str) -> dict[str, list[dict[str, Any]]]:
    if judged is None or judged.test.empty:
        return {"figures": [], "calibration": [], "intervals": []}
    return {
        "figures": judged.figures(name),
        "calibration": to_records(judged.groups(name)),
        "intervals": judged.intervals(name),
    }


def drift_baseline(model: Model, rows: pd.DataFrame, as_of: date, segment: str) -> dict[str, Any]:
    """Return `baseline.json`: the profile of a segment's features and of the model's scores at `as_of`."""
    scored = rows.join(model.forecast(rows)[[CLV_EUR, P_ACTIVE]])
    return {
        "segment": segment,
        "horizon_days": model.horizon_days,
        "as_of": as_of.isoformat(),
        "model_version": model.version,
        **profile(scored, (*NUMERIC, CLV_EUR, P_ACTIVE), CATEGORICAL),
    }
