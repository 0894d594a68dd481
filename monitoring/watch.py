"""Verb: judge models, data and run; write `monitoring/as_of=D` and the advice whether to train."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pandas as pd

from clv.frames import write_frame
from clv.lake import Lake
from clv.partitions import monitoring_at
from clv.segments import SCORED
from clv.tables import METRICS
from monitoring.advice import advice
from monitoring.evidence import data_metrics, read_model, run_metrics
from monitoring.metrics import (
    Judged,
    Metric,
    metric_frame,
    metrics_of_all,
    model_metrics,
    segment_metrics,
)
from monitoring.options import Options
from monitoring.overlap import overlap_by_decile, overlap_metrics, overlap_summary
from monitoring.treated import recent_treatments
from monitoring.verdicts import Breach, calibration_breaches, mape_breaches

ADVICE = "monitoring/advice.json"
Say = Callable[[str], None]


def watch(lake: Lake, told: Options, say: Say) -> list[Metric]:
    """Return the metrics of a run and write them with a summary; the advice becomes that of the next plan.

    A run that has written them already writes them no second time. UserError where scores, ledger or an
    evaluation are missing.
    """
    models = [read_model(segment, url) for segment in SCORED if (url := told.evaluations.get(segment))]
    treated = recent_treatments(lake, told.as_of)
    overlap = None if treated is None else overlap_by_decile(treated)
    metrics = _metrics(lake, told, models, overlap)
    summary = _summary(told, models) | {"overlap": None if overlap is None else overlap_summary(overlap)}
    for line in summary["notes"]:
        say(line)
    place = monitoring_at(told.as_of)
    standing = lake.current(place)
    if standing is None or standing.run_id != told.run_id:
        with lake.commit(place, told.run_id) as draft:
            folder = draft.folder / METRICS.name
            folder.mkdir()
            write_frame(metric_frame(metrics, told.as_of, told.settings.horizon_days), METRICS, folder)
            (draft.folder / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    _advise(lake, summary["advice"])
    return metrics


def _advise(lake: Lake, given: dict[str, str]) -> None:
    """Write the advice unless one of a later t₀ stands."""
    standing = json.loads(lake.read_text(ADVICE) or "{}")
    if standing.get("as_of", "") <= given["as_of"]:
        lake.write_text(ADVICE, json.dumps(given, indent=1))


def _metrics(lake: Lake, told: Options, models: list[Judged], overlap: pd.DataFrame | None) -> list[Metric]:
    days = told.settings.horizon_days
    found = [metric for model in models for metric in segment_metrics(model, days)]
    found += [metric for model in models for metric in model_metrics(model, told.as_of, days)]
    found += metrics_of_all(models, told.as_of, days)
    found += data_metrics(lake, told.as_of)
    found += [] if overlap is None else overlap_metrics(overlap)
    return [*found, *run_metrics(lake, told.run_id, told.stage, len(found))]


def _summary(told: Options, models: list[Judged]) -> dict[str, Any]:
    by_segment = {model.segment: _model_summary(model, told) for model in models}
    return {
        "as_of": str(told.as_of),
        "horizon_days": told.settings.horizon_days,
        "run_id": told.run_id,
        "models": by_segment,
        "advice": advice(models, told.as_of),
        "notes": [line for model in models for line in _notes(model)],
    }


def _model_summary(model: Judged, told: Options) -> dict[str, Any]:
    breaches = [*calibration_breaches(model.figures), *mape_breaches(model.figures)]
    return {
        "package": told.packages.get(model.segment),
        "trained_as_of": str(model.trained_as_of),
        "evaluation_as_of": None if model.evaluation_as_of is None else str(model.evaluation_as_of),
        "breaches": [asdict(breach) for breach in breaches],
    }


def _notes(model: Judged) -> list[str]:
    if model.unjudged:
        return [f"{model.segment}: the model in force could not be judged: {model.unjudged}"]
    return [
        f"{model.segment}: {breach.indicator} of {breach.segment} is {_found(breach)}; limit {breach.limit}"
        for breach in [*calibration_breaches(model.figures), *mape_breaches(model.figures)]
    ]


def _found(breach: Breach) -> str:
    return "undefined, for nothing came" if breach.found is None else f"{breach.found:.3f}"
