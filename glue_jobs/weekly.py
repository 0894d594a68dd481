"""The Glue verbs of one weekly run, each a step of the state machine: what it reads, writes and says."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from clv.closed_snapshots import SnapshotPlan, plan, require_history
from clv.engine import Engine
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import (
    explanations_at,
    features_at,
    forecasts_at,
    inputs_at,
    labels_at,
    priors_at,
    scores_at,
    snapshots_at,
    weights_at,
)
from glue_jobs import notes
from glue_jobs.build_explanations import build_explanations
from glue_jobs.build_features import build_features, build_priors
from glue_jobs.build_forecasts import build_forecasts
from glue_jobs.build_inputs import build_inputs, segments_of
from glue_jobs.build_ledger import build_ledger
from glue_jobs.build_snapshots import PLAN, build_snapshots, list_snapshots
from glue_jobs.build_weights import build_weights
from glue_jobs.compact import compact
from glue_jobs.expire import expire
from glue_jobs.extent import Extent, extent, second_order_days
from glue_jobs.lineage import deliveries, lineage
from glue_jobs.options import Options
from glue_jobs.publish import check_horizon, check_migration, publish, ranked
from glue_jobs.sources import open_sources
from glue_jobs.standing import ledger_id, standing_accounts

Say = Callable[[str], None]
Told = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """One job: where it works, on what, and what it was told."""

    engine: Engine
    lake: Lake
    options: Options
    say: Say


def ledger(work: Work) -> Told:
    """Build the ledger unless it stands; return the accounts and how far it reaches.

    UserError where scores of another horizon may not be replaced, the input is too bad, or the history is too
    short for any forecast at this t₀.
    """
    lake, options = work.lake, work.options
    check_horizon(lake, options.as_of, options.horizon, replace=options.replace)
    merged = compact(lake, options.as_of, work.say)
    lines = standing_accounts(lake, options.settings)
    if lines is None:
        run_id = ledger_id(lake, options.settings, options.run_id)
        lines = build_ledger(work.engine, lake, options.settings, run_id, work.say)
        work.engine.forget()
    else:
        work.say("ledger: stands, made of the same raw tables")
    reach = _reach(work)
    return {
        "partitions": ["ledger", "quarantine", "excluded"],
        "first_entry": reach.first,
        "last_entry": reach.last,
        "accounts": [asdict(line) for line in lines],
        "files_merged": merged,
        "deliveries": deliveries(lake),
        "notes": notes.stale(reach.last, options.as_of),
    }


def features(work: Work) -> Told:
    """Build features, priors and the models' inputs at t₀, remove old ones; return customers by segment."""
    lake, options = work.lake, work.options
    as_of, horizon, anew = options.as_of, options.horizon, options.replace
    work.say(f"features: t₀ {as_of}")
    build_features(work.engine, lake, as_of, options.run_id, replace=anew)
    build_priors(work.engine, lake, as_of, horizon, options.run_id, replace=anew)
    build_inputs(work.engine, lake, as_of, options.settings, options.run_id, replace=anew)
    gone = expire(lake, as_of, options.settings.keep_days)
    columns = ["country", "segment", "market_age_days"]
    rows = read_frame(lake.files(features_at(as_of)), columns)
    return {
        "partitions": [features_at(as_of), priors_at(as_of, horizon), inputs_at(as_of, horizon)],
        "segments": {name: told["customers"] for name, told in segments_of(lake, as_of, horizon).items()},
        "notes": notes.young_markets(rows, horizon) + notes.expired(gone, options.settings.keep_days),
    }


def snapshots(work: Work) -> Told:
    """Build the closed snapshots that training needs and list them; return the plan."""
    lake, options = work.lake, work.options
    chosen = plan(_reach(work).first, options.as_of, options.horizon, options.settings)
    days = chosen.labelled_as_ofs
    work.say(f"snapshots: {len(days)} closed ones are needed")
    written = build_snapshots(work.engine, lake, days, options.horizon, options.run_id, work.say)
    if options.settings.treatment_weights == "reference":
        weighed = build_weights(work.engine, lake, days, options.horizon)
        work.say(f"weights: written anew for {weighed} of {len(days)} snapshots")
    list_snapshots(lake, chosen, options.as_of, options.horizon, options.run_id)
    return {
        "partitions": [snapshots_at(options.as_of, options.horizon)],
        "training_as_ofs": chosen.training_as_ofs,
        "evaluation_as_of": chosen.evaluation_as_of,
        "evaluation_training_as_ofs": chosen.evaluation_training_as_ofs,
        "snapshots_written": written,
        "notes": [],
    }


def publish_scores(work: Work) -> Told:
    """Reconcile and publish the forecasts of this run; return customers, money and model by segment."""
    lake, options = work.lake, work.options
    as_of, horizon, run_id = options.as_of, options.horizon, options.run_id
    check_horizon(lake, as_of, horizon, replace=options.replace)
    written = [forecasts_at(as_of, horizon), explanations_at(as_of), scores_at(as_of)]
    told: Told = {"partitions": written, "notes": []}
    if lake.current(scores_at(as_of)) is not None and not options.replace:
        work.say("scores: published already")
        scores = read_frame(lake.files(scores_at(as_of)))
    else:
        work.say("forecasts: comparing inputs, outputs and customers")
        told["reconciled"] = build_forecasts(
            lake, as_of, horizon, run_id, options.transform, options.packages
        )
        scores = ranked(lake, as_of, horizon)
        moved = check_migration(lake, scores, as_of, options.settings.decile_migration_limit)
        told["migration"], told["notes"] = asdict(moved), notes.migration(moved)
        told["explained"] = build_explanations(lake, scores, as_of, horizon, run_id, options.transform)
        publish(lake, scores, as_of, run_id, lineage(lake, as_of, horizon, run_id, options.packages))
    told["segments"] = by_segment(scores)
    return told


def catalogued(lake: Lake, options: Options) -> list[str]:
    """Return the partitions that the catalogue should know after this run, the snapshots' too."""
    as_of, horizon = options.as_of, options.horizon
    text = lake.committed_text(snapshots_at(as_of, horizon), PLAN)
    days = SnapshotPlan.from_json(text).labelled_as_ofs if text else ()
    past = [part(day, horizon) for day in days for part in (labels_at, priors_at)]
    past += [part for day in days if lake.current(part := weights_at(day, horizon))]
    own = [features_at(as_of), priors_at(as_of, horizon), forecasts_at(as_of, horizon)]
    own += [explanations_at(as_of), scores_at(as_of)]
    return [*(features_at(day) for day in days), *past, *own]


def by_segment(scores: pd.DataFrame) -> list[Told]:
    """Return customers, money and model by segment."""
    found = []
    for segment, rows in scores.groupby("segment"):
        versions = sorted(rows.model_version.dropna().unique())
        euros = {
            name: float(rows[name].sum()) if versions else None
            for name in ("clv_eur", "baseline_last_year_eur")
        }
        model = ", ".join(versions) or None
        found.append({"segment": segment, "customers": len(rows), **euros, "model_version": model})
    return found


def _reach(work: Work) -> Extent:
    """Return how far the ledger reaches; UserError where that is too short for a forecast at t₀."""
    options = work.options
    sources = open_sources(work.engine, work.lake)
    reach = extent(sources)
    if not plan(reach.first, options.as_of, options.horizon, options.settings).training_as_ofs:
        require_history(reach.first, second_order_days(sources), options.as_of, options.settings)
    return reach
