"""Verb: judge models, data and run; write `monitoring/as_of=D` and the advice whether to train."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.monitoring_tables import HINDSIGHT, SEGMENT_REPORT
from clv.partitions import monitoring_at
from clv.schema import Table
from clv.segments import SCORED
from clv.tables import METRICS
from monitoring.advice import advice
from monitoring.evidence import data_metrics, read_model, run_metrics
from monitoring.hindsight import hindsight, warnings
from monitoring.metrics import (
    Judged,
    Metric,
    hindsight_metrics,
    metric_frame,
    metrics_of_all,
    model_metrics,
    segment_metrics,
)
from monitoring.notes import notes
from monitoring.options import Options
from monitoring.overlap import overlap_by_decile, overlap_metrics, overlap_summary
from monitoring.page import Shown, page
from monitoring.published import Published
from monitoring.seen import Seen
from monitoring.segments import report_frame
from monitoring.treated import recent_treatments
from monitoring.verdicts import breaches

ADVICE = "monitoring/advice.json"
PAGE = "monitoring.html"
DRIFT = "drift"
"""Table of the run that the page shows where there is one."""
Say = Callable[[str], None]


def watch(lake: Lake, told: Options, say: Say) -> list[Metric]:
    """Return the metrics of a run and write them with a summary; the advice becomes that of the next plan.

    A run that has written them already writes them no second time. UserError where scores, ledger or an
    evaluation are missing.
    """
    models = [read_model(segment, url) for segment in SCORED if (url := told.evaluations.get(segment))]
    published = Published(lake, told.as_of, told.settings)
    treated = recent_treatments(lake, told.as_of)
    seen = Seen(
        models,
        published.matured(),
        hindsight(list(published.said()), told.as_of),
        published.spreads(),
        None if treated is None else overlap_by_decile(treated),
    )
    metrics = _metrics(lake, told, seen)
    summary = _summary(told, seen)
    for line in summary["notes"]:
        say(line)
    place = monitoring_at(told.as_of)
    standing = lake.current(place)
    if standing is None or standing.run_id != told.run_id:
        with lake.commit(place, told.run_id) as draft:
            for table, frame in _tables(told, seen, metrics).items():
                (draft.folder / table.name).mkdir()
                write_frame(frame, table, draft.folder / table.name)
            (draft.folder / PAGE).write_text(_page(told, seen, summary, draft.folder), encoding="utf-8")
            (draft.folder / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    _advise(lake, summary["advice"])
    return metrics


def _advise(lake: Lake, given: dict[str, str]) -> None:
    """Write the advice unless one of a later t₀ stands."""
    standing = json.loads(lake.read_text(ADVICE) or "{}")
    if standing.get("as_of", "") <= given["as_of"]:
        lake.write_text(ADVICE, json.dumps(given, indent=1))


def _tables(told: Options, seen: Seen, metrics: list[Metric]) -> dict[Table, pd.DataFrame]:
    days = told.settings.horizon_days
    return {
        METRICS: metric_frame(metrics, told.as_of, days),
        SEGMENT_REPORT: report_frame(seen.models, seen.matured, told.as_of, days),
        HINDSIGHT: seen.hindsight,
    }


def _page(told: Options, seen: Seen, summary: dict[str, Any], folder: Path) -> str:
    drift = [str(file) for file in sorted((folder / DRIFT).glob("*.parquet"))]
    days = told.settings.horizon_days
    return page(
        Shown(
            told.as_of,
            days,
            told.run_id,
            summary["notes"],
            report_frame(seen.models, seen.matured, told.as_of, days),
            seen.hindsight,
            seen.spreads,
            read_frame(drift) if drift else None,
        )
    )


def _metrics(lake: Lake, told: Options, seen: Seen) -> list[Metric]:
    models, days = seen.models, told.settings.horizon_days
    found = [metric for model in models for metric in segment_metrics(model, days)]
    found += [metric for model in models for metric in model_metrics(model, told.as_of, days)]
    found += metrics_of_all(models, told.as_of, days)
    found += hindsight_metrics(seen.matured, seen.hindsight)
    found += data_metrics(lake, told.as_of)
    found += [] if seen.overlap is None else overlap_metrics(seen.overlap)
    return [*found, *run_metrics(lake, told.run_id, told.stage, len(found))]


def _summary(told: Options, seen: Seen) -> dict[str, Any]:
    by_segment = {model.segment: _model_summary(model, told) for model in seen.models}
    return {
        "as_of": str(told.as_of),
        "horizon_days": told.settings.horizon_days,
        "run_id": told.run_id,
        "models": by_segment,
        "matured": {str(one.evaluation_as_of): _breaches(one) for one in seen.matured},
        "early_warnings": json.loads(warnings(seen.hindsight).to_json(orient="records", date_format="iso")),
        "overlap": None if seen.overlap is None else overlap_summary(seen.overlap),
        "advice": advice(seen.models, told.as_of),
        "notes": notes(seen),
    }


def _model_summary(model: Judged, told: Options) -> dict[str, Any]:
    return {
        "package": told.packages.get(model.segment),
        "trained_as_of": str(model.trained_as_of),
        "evaluation_as_of": None if model.evaluation_as_of is None else str(model.evaluation_as_of),
        "breaches": _breaches(model),
    }


def _breaches(model: Judged) -> list[dict[str, Any]]:
    return [asdict(breach) for breach in breaches(model.figures)]
