"""One run at a time: `runs/lock.json` names the run at work; the lock of one that has ended is taken over."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from clv.errors import UserError
from step_functions.handlers.store import Store, store_at

LOCK = "runs/lock.json"
ATTEMPTS = 5
"""Rounds against others who take or release at the same instant."""

Holder = dict[str, Any]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Take or release the lock for an execution: `{"held": false}`, or who holds it."""
    store = store_at(event["lake"])
    mine: Holder = {"run_id": event["run_id"], "execution": event["execution"]}
    process = os.environ.get("CLV_PROCESS")  # noqa: TID251 - a Lambda's edge; only a laptop sets it
    if process:
        mine["process"] = int(process)
    if event["action"] == "release":
        release(store, mine)
        return {"held": False}
    holder = take(store, mine, at_work)
    return {"held": False} if holder is None else {"held": True, "holder": describe(holder)}


def take(store: Store, mine: Holder, is_at_work: Callable[[Holder, Holder], bool]) -> Holder | None:
    """Take the lock and return None, or return who holds it.

    Taking twice is taking once, so that a repeated call does no harm. UserError if the lock changes hands
    five times while we look.
    """
    text = json.dumps(mine, indent=1)
    for _ in range(ATTEMPTS):
        if store.create(LOCK, text):
            return None
        found = store.read(LOCK)
        if found is None:
            continue
        holder: Holder = json.loads(found)
        if holder == mine:
            return None
        if is_at_work(holder, mine):
            return holder
        if store.replace(LOCK, found, text):
            return None
    raise UserError(f"{store.root}/{LOCK}: changes hands all the time; start the run again")


def release(store: Store, mine: Holder) -> None:
    """Remove the lock if it is this run's own; another's stays."""
    found = store.read(LOCK)
    if found is not None and json.loads(found) == mine:
        store.remove(LOCK)


def at_work(holder: Holder, mine: Holder) -> bool:
    """Say whether a lock's run is still at work: its process lives, or its execution runs.

    A laptop's executions die with their process, so the process is asked first; an execution of this very
    process, and one on AWS, are asked of Step Functions.
    """
    process = holder.get("process")
    if process is not None and process != mine.get("process"):
        return _alive(process)
    return not holder.get("execution") or _running(holder["execution"])


def describe(holder: Holder) -> str:
    """Return who holds the lock, for people."""
    where = f"process {holder['process']}" if "process" in holder else holder["execution"]
    return f"run {holder['run_id']} ({where})"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _running(execution: str) -> bool:
    import boto3  # noqa: PLC0415 - made per call, so that tests and the laptop choose the endpoint

    client = boto3.client("stepfunctions")
    try:
        status = client.describe_execution(executionArn=execution)["status"]
    except client.exceptions.ExecutionDoesNotExist:
        return False
    return bool(status in {"RUNNING", "PENDING_REDRIVE"})
