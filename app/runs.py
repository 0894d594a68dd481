"""Runs of a lake on disk: their ids, their records in `runs/`, and the lock that lets one run at a time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.lake import Lake
from step_functions.handlers.lock import at_work, describe, release, take
from step_functions.handlers.store import store_at


@contextmanager
def one_run(lake: Lake, as_of: date, kind: str) -> Iterator[str]:
    """Yield the id of a new run and hold the lake's lock, the one that the state machine takes.

    UserError where another run is at work; the lock of one that has ended is taken over.
    """
    run_id = new_run(lake, as_of, kind)
    store, mine = store_at(lake.root), {"run_id": run_id, "execution": "", "process": os.getpid()}
    holder = take(store, mine, at_work)
    if holder is not None:
        raise UserError(f"{lake.root}: {describe(holder)} is at work; wait for it")
    try:
        yield run_id
    finally:
        release(store, mine)


def new_run(lake: Lake, as_of: date, kind: str) -> str:
    """Return the id of a new run, such as `run-2026-07-01-3`.

    The run is on record from its start, so that an interrupted one never lends its id to the next.
    """
    folder = lake.path("runs")
    before = [int(path.stem.rsplit("-", 1)[1]) for path in folder.glob(f"{kind}-{as_of}-*.json")]
    run_id = f"{kind}-{as_of}-{max(before, default=0) + 1}"
    record(lake, run_id, {"state": "started"})
    return run_id


def record(lake: Lake, run_id: str, told: dict[str, Any]) -> None:
    """Write what a run did to `runs/<run id>.json`."""
    lake.write_text(f"runs/{run_id}.json", json.dumps({"run_id": run_id, **told}, indent=1, default=str))
