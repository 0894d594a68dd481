"""Backtests on a laptop: one past t₀, or a walk over several."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.rates import ensure_rates
from app.runs import one_run, record
from clv.closed_snapshots import training_as_ofs
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import backtests_of
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_snapshots import build_snapshots
from glue_jobs.options import parse
from glue_jobs.start import engine_for
from glue_jobs.weekly import Say, Work, ledger
from training.backtest import backtest, replace_file
from training.walk import walk_summary

WALK_FILE = "walk.json"


def backtest_once(
    lake: Lake, as_of: date, settings: Settings, say: Say, *, contenders: bool = False
) -> dict[str, Any]:
    """Judge the forecast of a past t₀, trained only on horizons closed by then; return `leaderboard.json`.

    `contenders` judges the losses that were not chosen beside the others. UserError where the horizon of the
    t₀ has not ended.
    """
    return _judge(lake, [as_of], settings, say, contenders=contenders)[0]


def backtest_walk(
    lake: Lake, as_ofs: Sequence[date], settings: Settings, say: Say, *, contenders: bool = False
) -> dict[str, Any]:
    """Judge the forecasts of several past t₀s (oldest first), each as `backtest_once`.

    Writes each t₀'s leaderboard, and `walk.json` over all of them; returns the latter with `backtests`, the
    former. UserError where a horizon has not ended, or there was no history yet at the first.
    """
    found = _judge(lake, as_ofs, settings, say, contenders=contenders)
    summary = walk_summary(found)
    file = lake.path(backtests_of(Horizon(settings.horizon_days))) / WALK_FILE
    replace_file(file, json.dumps(summary, indent=1))
    return summary | {"file": str(file), "backtests": found}


def _judge(
    lake: Lake, as_ofs: Sequence[date], settings: Settings, say: Say, *, contenders: bool
) -> list[dict[str, Any]]:
    horizon, last = Horizon(settings.horizon_days), as_ofs[-1]
    ensure_rates(lake, say)
    with one_run(lake, last, "backtest") as run_id, engine_for(lake, "duckdb", run_id) as engine:
        work = Work(engine, lake, parse(_arguments(lake, last, run_id, settings)), say)
        told = ledger(work)
        _check_closed(told["last_entry"], last, horizon)
        _check_begun(told["first_entry"], as_ofs[0], settings)
        found = []
        for number, as_of in enumerate(as_ofs, start=1):
            closed = training_as_ofs(told["first_entry"], as_of, horizon, settings)
            build_snapshots(engine, lake, (*closed, as_of), horizon, run_id, say)
            place = f" ({number} of {len(as_ofs)})" if len(as_ofs) > 1 else ""
            say(
                f"backtest at {as_of}{place}: training on {len(closed)} closed snapshots, comparing forecasts"
            )
            found.append(backtest(lake, as_of, closed, horizon, settings, contenders=contenders))
        files = [one["file"] for one in found]
        record(lake, run_id, {**told, "as_of": last, "horizon_days": horizon.days, "backtests": files})
    return [{**one, "notes": [*told["notes"], *one["notes"]]} for one in found]


def _arguments(lake: Lake, as_of: date, run_id: str, settings: Settings) -> list[str]:
    """Return a job's arguments; published scores of another horizon are no hindrance to a backtest."""
    given = {"verb": "ledger", "lake": lake.root, "as-of": str(as_of), "run-id": run_id, "replace": "true"}
    given |= {"settings": settings.to_json(), "engine": "duckdb"}
    return [word for name, value in given.items() for word in (f"--{name}", value)]


def _check_closed(last_entry: date, as_of: date, horizon: Horizon) -> None:
    known_at = last_entry + timedelta(days=1)
    if not horizon.closed(as_of, known_at):
        latest = known_at - timedelta(days=horizon.days)
        raise UserError(
            f"backtest at {as_of}: its {horizon.days} days end on {horizon.end(as_of)}, "
            f"the data on {last_entry}; take --as-of {latest} or earlier, or a shorter --horizon-days"
        )


def _check_begun(first_entry: date, as_of: date, settings: Settings) -> None:
    earliest = first_entry + timedelta(days=settings.minimum_history_days)
    if as_of < earliest:
        raise UserError(
            f"backtest at {as_of}: the data begin on {first_entry}, a forecast needs "
            f"{settings.minimum_history_days} days of history; take t₀s from {earliest} on"
        )
