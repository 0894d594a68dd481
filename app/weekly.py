"""The weekly run on a laptop: what is brought before, and what is told afterwards."""

import json
from datetime import date
from typing import Any, Literal

from app.rates import ensure_rates
from app.runs import new_run, record
from app.trained import trained_by
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.settings import Settings
from glue_jobs.weekly import Say, by_segment

Train = Literal["auto", "always", "never"]
VERBS = ("ledger", "features", "snapshots", "publish", "watch", "decide")
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


def _require_folder(lake: Lake, as_of: date, settings: Settings) -> None:
    if lake.is_local:
        return
    asked = json.dumps({"as_of": str(as_of), "horizon_days": settings.horizon_days})
    raise UserError(
        f"{lake.root}: a lake on S3 is run by the deployed state machine: aws stepfunctions start-execution "
        f"--state-machine-arn ARN_OF_YOUR_STACK --input '{asked}'"
    )
