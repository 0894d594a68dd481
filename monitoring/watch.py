"""Verb: judge models, data and run; write `monitoring/as_of=D` and the advice whether to train."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from clv.frames import write_frame
from clv.indicators import model_value
from clv.lake import Lake
from clv.monitoring_tables import HINDSIGHT, SEGMENT_REPORT
from clv.partitions import monitoring_at
from clv.schema import Table
from clv.segments import SCORED
from clv.tables import DRIFT, METRICS
from monitoring.advice import Evidence, advice, evidence_of
from monitoring.departures import SHOWN
from monitoring.drift import drift_frame
from monitoring.drift_evidence import PROFILES, departures, profiles_text
from monitoring.evidence import data_metrics, read_model, run_metrics
from monitoring.hindsight import hindsight, warnings
from monitoring.metrics import (
    Judged,
    Metric,
    hindsight_metrics,
    metric_frame,
    metrics_of,
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
        models=models,
        matured=published.matured(),
        hindsight=hindsight(list(published.said()), told.as_of),
        spreads=published.spreads(),
        departed=departures(lake, told.as_of, told.settings.horizon_days, told.evaluations),
        overlap=None if treated is None else overlap_by_decile(treated),
    )
    metrics = _metrics(lake, told, seen)
    summary = _summary(told, seen)
    for line in summary["notes"]:
        say(line)
    place = monitoring_at(told.as_of)
    standing = lake.current(place)
    if standing is None or standing.run_id != told.run_id:
        with lake.commit(place, told.run_id) as draft:
            tables = _tables(told, seen, metrics)
            for table, frame in tables.items():
                (draft.folder / table.name).mkdir()
                write_frame(frame, table, draft.folder / table.name)
            kept = profiles_text(seen.departed, told.settings.horizon_days)
            (draft.folder / PROFILES).write_text(kept, encoding="utf-8")
            (draft.folder / PAGE).write_text(_page(told, seen, summary, tables), encoding="utf-8")
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
        DRIFT: drift_frame(seen.departed.variables, as_of=told.as_of, horizon_days=days),
    }


def _page(told: Options, seen: Seen, summary: dict[str, Any], tables: Mapping[Table, pd.DataFrame]) -> str:
    return page(
        Shown(
            told.as_of,
            told.settings.horizon_days,
            told.run_id,
            summary["notes"],
            tables[SEGMENT_REPORT],
            seen.hindsight,
            seen.spreads,
            tables[DRIFT][list(SHOWN)],
        )
    )


def _metrics(lake: Lake, told: Options, seen: Seen) -> list[Metric]:
    models, days = seen.models, told.settings.horizon_days
    found = [metric for model in models for metric in segment_metrics(model, days)]
    found += [metric for model in models for metric in model_metrics(model, told.as_of, days)]
    found += metrics_of_all(models, told.as_of, days)
    found += hindsight_metrics(seen.matured, seen.hindsight)
    for segment in SCORED:
        found += metrics_of(seen.departed.model_figures(segment), model_value(segment, days))
    found += data_metrics(lake, told.as_of) + metrics_of(seen.departed.data_figures())
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
        **seen.departed.summary(),
        "overlap": None if seen.overlap is None else overlap_summary(seen.overlap),
        "advice": advice(_evidence(told, seen), told.as_of),
        "notes": [*notes(seen), *seen.departed.notes],
    }


def _evidence(told: Options, seen: Seen) -> list[Evidence]:
    found = seen.departed
    return [evidence_of(each, told.as_of, found.of(each.segment), found.data_faults) for each in seen.models]


def _model_summary(model: Judged, told: Options) -> dict[str, Any]:
    return {
        "package": told.packages.get(model.segment),
        "trained_as_of": str(model.trained_as_of),
        "evaluation_as_of": None if model.evaluation_as_of is None else str(model.evaluation_as_of),
        "breaches": _breaches(model),
    }


def _breaches(model: Judged) -> list[dict[str, Any]]:
    return [asdict(breach) for breach in breaches(model.figures)]
