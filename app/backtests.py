"""Backtests on a laptop: one past t₀, or a walk over several."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.rates import ensure_rates
from app.runs import one_run, record
from clv.closed_snapshots import training_as_ofs
from clv.engine import Engine
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


@dataclass(frozen=True)
class Past:
    """A lake whose past t₀s are judged, while one run holds it; `told` is what its ledger says of itself."""

    engine: Engine
    lake: Lake
    settings: Settings
    run_id: str
    told: dict[str, Any]
    say: Say

    @property
    def horizon(self) -> Horizon:
        """Return the horizon that is judged."""
        return Horizon(self.settings.horizon_days)

    @property
    def earliest(self) -> date:
        """Return the first t₀ with enough history for a forecast."""
        first: date = self.told["first_entry"]
        return first + timedelta(days=self.settings.minimum_history_days)

    def closed(self, as_of: date) -> list[date]:
        """Return the snapshots that a training at `as_of` would learn from."""
        return training_as_ofs(self.told["first_entry"], as_of, self.horizon, self.settings)

    def judge(self, as_of: date, place: str = "", *, contenders: bool = False) -> dict[str, Any]:
        """Build the snapshots that one t₀ needs and judge its forecast; return `leaderboard.json`."""
        closed = self.closed(as_of)
        build_snapshots(self.engine, self.lake, (*closed, as_of), self.horizon, self.run_id, self.say)
        self.say(
            f"backtest at {as_of}{place}: training on {len(closed)} closed snapshots, comparing forecasts"
        )
        return backtest(self.lake, as_of, closed, self.horizon, self.settings, contenders=contenders)


@contextmanager
def past_of(lake: Lake, last: date, settings: Settings, say: Say, kind: str) -> Iterator[Past]:
    """Hold a lake whose horizon from `last` has ended, with its ledger built; UserError where it has not."""
    ensure_rates(lake, say)
    with one_run(lake, last, kind) as run_id, engine_for(lake, "duckdb", run_id) as engine:
        work = Work(engine, lake, parse(_arguments(lake, last, run_id, settings)), say)
        told = ledger(work)
        _check_closed(told["last_entry"], last, Horizon(settings.horizon_days))
        yield Past(engine, lake, settings, run_id, told, say)


def _judge(
    lake: Lake, as_ofs: Sequence[date], settings: Settings, say: Say, *, contenders: bool
) -> list[dict[str, Any]]:
    last, many = as_ofs[-1], len(as_ofs) > 1
    with past_of(lake, last, settings, say, "backtest") as past:
        require_begun(past, as_ofs[0])
        found = []
        for number, as_of in enumerate(as_ofs, start=1):
            place = f" ({number} of {len(as_ofs)})" if many else ""
            found.append(past.judge(as_of, place, contenders=contenders))
        files = [one["file"] for one in found]
        told = {**past.told, "as_of": last, "horizon_days": past.horizon.days, "backtests": files}
        record(lake, past.run_id, told)
    return [{**one, "notes": [*past.told["notes"], *one["notes"]]} for one in found]


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


def require_begun(past: Past, as_of: date) -> None:
    """Do nothing if there is enough history at `as_of`; UserError naming the first t₀ where there is."""
    if as_of < past.earliest:
        raise UserError(
            f"backtest at {as_of}: the data begin on {past.told['first_entry']}, a forecast needs "
            f"{past.settings.minimum_history_days} days of history; take t₀s from {past.earliest} on"
        )
