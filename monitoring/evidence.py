"""Verb: read what monitoring judges: evaluations, accounts, records of the run, scores."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from clv.costs import priced, run_quantities, total_eur
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.measured import Records, usage_of
from clv.partitions import features_at, scores_at
from clv.prices import read_prices
from clv.segments import LEAD
from clv.sizes import sizes_of
from clv.week_over_week import moved_since
from monitoring.data_quality import (
    missing_share_worst,
    quarantined_share,
    reconciliation_gap,
    volume_change,
)
from monitoring.figures import read_figures
from monitoring.metrics import Judged, Metric, metrics_of

ACCOUNTS = "accounts.json"
OWN_METRICS = 3
"""Of the run itself: they are put with the others."""


def read_model(segment: str, url: str) -> Judged:
    """Return what the model of a segment was judged to be by the `evaluation.json` at `url`.

    UserError where it is missing, or of another segment.
    """
    folder, _, name = url.rpartition("/")
    text = Lake.at(folder).read_text(name)
    if text is None:
        raise UserError(f"{url}: no evaluation there; train the {segment} model again")
    told = json.loads(text)
    if told["segment"] != segment:
        raise UserError(f"{url}: is of the {told['segment']} model, not of {segment}; correct --evaluations")
    at = told["evaluation_as_of"]
    return Judged(
        segment=segment,
        trained_as_of=date.fromisoformat(told["as_of"]),
        evaluation_as_of=date.fromisoformat(at) if at else None,
        figures=read_figures(told["figures"], url),
        unjudged=told["unjudged"],
    )


def data_metrics(lake: Lake, as_of: date) -> list[Metric]:
    """Return how sound the data of the committed ledger and of the scores of this t₀ are."""
    lines = _accounts(lake)
    scores = read_frame(lake.files(scores_at(as_of)))
    features = read_frame(lake.files(features_at(as_of)), ["customer_id", "segment"])
    scored = _scored(scores)
    return metrics_of(
        {
            "QuarantinedRowShare": quarantined_share(lines, "rows"),
            "QuarantinedMoneyShare": quarantined_share(lines, "cents"),
            "ReconciliationGap": reconciliation_gap(features, scores[["customer_id", "segment", "clv_eur"]]),
            "RowsScored": scored,
            "VolumeChange": volume_change(scored, _scored_before(lake, as_of)),
            "MissingShareWorst": missing_share_worst(scores),
            "DecileMigrationShare": moved_since(lake, as_of, scores).share,
        }
    )


def run_metrics(lake: Lake, run_id: str, stage: str, put: int) -> list[Metric]:
    """Return how long the jobs of a run were at work and what they cost; the scores have just come out.

    Both come from the run's records, SageMaker's jobs among them; a run without any has neither figure.

    put : metrics that the watch job puts beside these
    """
    found = {record["verb"]: record for record in _records(lake, run_id)}
    seconds = [float(record["seconds"]) for record in found.values()]
    values: dict[str, float | None] = {
        "DaysSinceLastPublish": 0,
        "RunSeconds": sum(seconds) if seconds else None,
        "CostEstimateEur": _cost_eur(found, stage, put) if seconds else None,
    }
    return metrics_of(values)


def _cost_eur(records: Records, stage: str, put: int) -> float:
    """Return the estimate before free tiers; the watch job, still at work, counts with its start alone."""
    at_work = {"watch": {"seconds": 0.0, "rows": put + OWN_METRICS}}
    usage = usage_of({**at_work, **records}, sizes_of(stage))
    return total_eur(priced(run_quantities(usage), read_prices()))


def _records(lake: Lake, run_id: str) -> list[dict[str, Any]]:
    names = [entry.name for entry in lake.entries(f"runs/{run_id}") if entry.name.endswith(".json")]
    told = [json.loads(lake.read_text(name) or "{}") for name in names]
    return [record for record in told if "verb" in record and "seconds" in record]


def _accounts(lake: Lake) -> list[Mapping[str, Any]]:
    text = lake.committed_text("ledger", ACCOUNTS)
    if text is None:
        raise UserError(f"{lake.url('ledger')}: no {ACCOUNTS} committed there; build the ledger first")
    lines: list[Mapping[str, Any]] = json.loads(text)
    return lines


def _scored(scores: pd.DataFrame) -> int:
    return int((scores["segment"] != LEAD).sum())


def _scored_before(lake: Lake, as_of: date) -> int | None:
    """Return the customers with a forecast of the newest t₀ before, None where there is none."""
    before = [day for day in lake.partitions("scores", "as_of") if day < str(as_of)]
    if not before:
        return None
    return _scored(read_frame(lake.files(f"scores/as_of={max(before)}"), ["segment"]))
