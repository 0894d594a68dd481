"""The files a training leaves beside its model: evaluation, drift baseline, evidence for the verdict."""

from datetime import date
from typing import Any

import pandas as pd

from clv.closed_snapshots import SnapshotPlan
from clv.drift_profile import profile
from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.forecast import CLV_EUR, P_ACTIVE, Model
from clv.models.label_free import LabelFree
from clv.timeline import Horizon
from training.fit import FittedSegment
from training.leaderboard import LAST_YEAR, OURS
from training.out_of_time import OutOfTime
from training.promotion import Contest, Evidence


def evaluation(
    fitted: FittedSegment, as_of: date, horizon: Horizon, plan: SnapshotPlan, judged: OutOfTime | None
) -> dict[str, Any]:
    """Return `evaluation.json`: how the recipe of a fitted model did out of time, JSON-ready.

    `rows` is the leaderboard, `figures` are those of every monitored group of customers; both are empty where
    there was nobody to judge, and `unjudged` says why.
    """
    seen = judged is not None and not judged.test.empty
    rows = judged.rows() if judged is not None and seen else []
    return {
        "segment": fitted.segment,
        "horizon_days": horizon.days,
        "as_of": as_of.isoformat(),
        "training_as_ofs": [day.isoformat() for day in plan.training_as_ofs],
        "model_version": fitted.model.version,
        "evaluation_as_of": judged.as_of.isoformat() if judged else None,
        "evaluation_training_as_ofs": [day.isoformat() for day in plan.evaluation_training_as_ofs],
        "evaluated_version": judged.fitted.model.version if judged else None,
        "unjudged": unjudged(judged, horizon),
        "caveat": judged.caveat if judged else "",
        "customers": len(judged.test) if judged else 0,
        "headline": OURS,
        "models": [row["model"] for row in rows],
        "rows": rows,
        "comparisons": {
            "training": _compared(fitted),
            "evaluation": _compared(judged.fitted) if judged else None,
        },
        "notes": [fitted.note, *([judged.fitted.note] if judged else [])],
        "figures": judged.figures() if judged is not None and seen else [],
    }


def _compared(fitted: FittedSegment) -> dict[str, Any] | None:
    return fitted.comparison.to_dict() if fitted.comparison else None


def unjudged(judged: OutOfTime | None, horizon: Horizon) -> str:
    """Say why nothing could be judged; empty where something was."""
    return f"no snapshot has closed a horizon of {horizon.days} days" if judged is None else judged.unjudged


def evidence(model: Model, judged: OutOfTime | None, contest: Contest | None, horizon: Horizon) -> Evidence:
    """Return what the promotion rules look at."""
    label_free = isinstance(model, LabelFree)
    why = unjudged(judged, horizon)
    if judged is None or why:
        return Evidence(label_free, 0, why, same_kind=False, versus_champion=contest)
    return Evidence(
        label_free,
        len(judged.test),
        "",
        caveat=judged.caveat,
        same_kind=isinstance(judged.fitted.model, LabelFree) == label_free,
        versus_last_year=judged.versus(LAST_YEAR),
        versus_champion=contest,
        calibration=judged.calibration(),
    )


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
