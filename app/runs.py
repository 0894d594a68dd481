"""Runs of a lake: their ids, their records in `runs/`, and the lock that lets one run at a time."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.lake import Lake
from step_functions.handlers.lock import LOCK, at_work, describe, release, take
from step_functions.handlers.store import store_at


@contextmanager
def one_run(lake: Lake, as_of: date, kind: str) -> Iterator[str]:
    """Yield the id of a new run and hold the lake's lock, the one that the state machine takes.

    UserError where another run is at work; the lock of one that has ended is taken over.
    """
    run_id = new_run(lake, as_of, kind)
    store = store_at(lake.root)
    mine: dict[str, Any] = {"run_id": run_id, "execution": ""}
    if lake.is_local:
        mine["process"] = os.getpid()
    holder = take(store, mine, at_work)
    if holder is not None:
        raise UserError(f"{lake.root}: {describe(holder)} is at work; {_advice(holder)}")
    try:
        yield run_id
    finally:
        release(store, mine)


def new_run(lake: Lake, as_of: date, kind: str) -> str:
    """Return the id of a new run, such as `run-2026-07-01-3`.

    The run is on record from its start, so that an interrupted one never lends its id to the next.
    """
    said = (re.fullmatch(rf"runs/{kind}-{as_of}-(\d+)\.json", entry.name) for entry in lake.entries("runs"))
    before = [int(found[1]) for found in said if found]
    run_id = f"{kind}-{as_of}-{max(before, default=0) + 1}"
    record(lake, run_id, {"state": "started"})
    return run_id


def _advice(holder: dict[str, Any]) -> str:
    """Return what to do: a command on S3 leaves no trace of its end where it was killed."""
    if "process" in holder or holder.get("execution"):
        return "wait for it"
    return f"wait for it or, if that command was killed, remove {LOCK}"


def record(lake: Lake, run_id: str, told: dict[str, Any]) -> None:
    """Write what a run did to `runs/<run id>.json`."""
    lake.write_text(f"runs/{run_id}.json", json.dumps({"run_id": run_id, **told}, indent=1, default=str))
