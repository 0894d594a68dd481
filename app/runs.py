"""Runs of a lake: their ids, their records in `runs/`, and the lock that lets one run at a time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from clv.errors import UserError
from clv.lake import Lake

LOCK = "lock.json"


@contextmanager
def one_run(lake: Lake, as_of: date, kind: str) -> Iterator[str]:
    """Yield the id of a new run and hold the lake's lock; the lock of a process that has ended is taken over.

    The run is on record from its start, so that an interrupted one never lends its id to the next.
    UserError where another process holds it.
    """
    folder = lake.path("runs")
    folder.mkdir(parents=True, exist_ok=True)
    run_id = _next_id(folder, as_of, kind)
    _take(folder / LOCK, run_id)
    record(lake, run_id, {"state": "started"})
    try:
        yield run_id
    finally:
        (folder / LOCK).unlink()


def record(lake: Lake, run_id: str, told: dict[str, Any]) -> None:
    """Write what a run did to `runs/<run id>.json`."""
    lake.write_text(f"runs/{run_id}.json", json.dumps({"run_id": run_id, **told}, indent=1, default=str))


def _next_id(folder: Path, as_of: date, kind: str) -> str:
    before = [int(path.stem.rsplit("-", 1)[1]) for path in folder.glob(f"{kind}-{as_of}-*.json")]
    return f"{kind}-{as_of}-{max(before, default=0) + 1}"


def _take(lock: Path, run_id: str) -> None:
    if lock.exists():
        held = json.loads(lock.read_text(encoding="utf-8"))
        if _alive(held["process"]):
            raise UserError(
                f"{lock}: run {held['run_id']} is at work (process {held['process']}); wait for it"
            )
        lock.unlink()
    try:
        with lock.open("x", encoding="utf-8") as file:
            json.dump({"run_id": run_id, "process": os.getpid()}, file)
    except FileExistsError:
        raise UserError(f"{lock}: another run has just started; wait for it") from None


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
