"""Verb: collect the forecasts of one t₀ into the published scores."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from clv.errors import UserError
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.migration import MOVED_DECILES, Migration
from clv.partitions import features_at, forecasts_at, scores_at
from clv.tables import SCORES
from clv.timeline import Horizon
from clv.week_over_week import moved_since
from glue_jobs.collect import TAKEN_OVER, collect
from glue_jobs.due import due
from glue_jobs.lineage import LINEAGE


def newest_published(lake: Lake) -> date:
    """Return the newest t₀ with published scores; UserError where there is none."""
    days = lake.partitions(SCORES.name, "as_of")
    if not days:
        raise UserError(f"{lake.url(SCORES.name)}: no scores are published; start a weekly run first")
    return date.fromisoformat(days[-1])


def published_horizon(lake: Lake, as_of: date) -> int | None:
    """Return the horizon of the scores committed for this t₀, None where there are none."""
    if lake.current(scores_at(as_of)) is None:
        return None
    return int(read_frame(lake.files(scores_at(as_of)), ["horizon_days"]).horizon_days.iloc[0])


def ranked(lake: Lake, as_of: date, horizon: Horizon) -> pd.DataFrame:
    """Return the scores of one t₀ from its committed features and forecasts."""
    features = read_frame(lake.files(features_at(as_of)), list(TAKEN_OVER))
    return collect(features, read_frame(lake.files(forecasts_at(as_of, horizon))), horizon)


def publish(lake: Lake, scores: pd.DataFrame, as_of: date, run_id: str, origin: Mapping[str, Any]) -> None:
    """Write `scores/as_of=D`, with where they come from beside them as `_lineage.json`."""
    if due(lake, scores_at(as_of), run_id, replace=True):
        with lake.commit(scores_at(as_of), run_id) as draft:
            write_frame(scores, SCORES, draft.folder)
            (draft.folder / LINEAGE).write_text(json.dumps(origin, indent=1), encoding="utf-8")


def check_migration(lake: Lake, scores: pd.DataFrame, as_of: date, limit: float) -> Migration:
    """Return how far customers moved since the t₀ before; UserError where more did than the limit allows."""
    found = moved_since(lake, as_of, scores)
    if found.share is not None and found.share > limit:
        raise UserError(
            f"scores of {as_of}: {found.share:.1%} of {found.customers} customers moved by more than "
            f"{MOVED_DECILES} deciles since {found.before}, limit {limit:.1%}: nothing is published, the "
            f"scores of {found.before} stand; find the cause (docs/runbook.md, failed-run), or let a wanted "
            "reshuffle through by the setting decile_migration_limit (clv run --migration-limit 1)"
        )
    return found


def check_horizon(lake: Lake, as_of: date, horizon: Horizon, *, replace: bool) -> None:
    """Raise UserError where scores of another horizon stand for this t₀ and may not be replaced."""
    standing = published_horizon(lake, as_of)
    if standing not in {None, horizon.days} and not replace:
        raise UserError(
            f"{lake.url(scores_at(as_of))}: holds scores of {standing} days; say --replace to put "
            f"{horizon.days} days in their place"
        )
