"""The rehearsal of a deployment: synthesized stacks on moto, and one weekly run of their schedule."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from step_functions.laptop.jobs import Jobs, Runners
from step_functions.laptop.machine import end_of, heard_by
from step_functions.rehearsal import evidence, objects, schedule
from step_functions.rehearsal.account import account, server
from step_functions.rehearsal.deploy import deploy
from step_functions.rehearsal.runners import FreshProcesses

Say = Callable[[str], None]
AT = "T01:00:00Z"
"""Monday 03:00 in Berlin, in summer."""


@dataclass(frozen=True)
class Deployed:
    """Stacks at work in moto's account; `jobs` does what their services are asked for."""

    lake: str
    machine: str
    seconds: float
    jobs: Jobs
    say: Say = field(repr=False)


@dataclass(frozen=True)
class Rehearsal:
    """How a weekly execution ended, and what it left; seconds are of this machine's clock.

    metrics : those put by this execution; alarms and objects are those of the deployment
    """

    status: str
    output: Any
    error: str | None
    cause: str | None
    deploy_seconds: float
    execution_seconds: float
    states: tuple[evidence.StateTime, ...]
    objects: tuple[evidence.Written, ...]
    metrics: tuple[evidence.Metric, ...]
    alarms: list[dict[str, Any]]
    messages: tuple[str, ...]

    @property
    def succeeded(self) -> bool:
        """Return whether the execution went through."""
        return self.status == "SUCCEEDED"


@contextmanager
def deployed(
    assembly: Path, say: Say, runners: Runners | None = None, retry_pace: float | None = None
) -> Iterator[Deployed]:
    """Deploy the stacks of a cloud assembly to an account of moto's for the length of a block.

    runners : what does the jobs' work; the deployed code in fresh processes where none are given.
    """
    with server() as endpoint, TemporaryDirectory(prefix="clv-rehearsal-") as spill:
        jobs = Jobs(runners or FreshProcesses(endpoint, Path(spill), say).runners())
        pace = {} if retry_pace is None else {"retry_pace": retry_pace}
        with account(endpoint, jobs, **pace):
            started = time.perf_counter()
            outputs = deploy(assembly, say)
            seconds = time.perf_counter() - started
            yield Deployed(outputs["LakeRoot"], outputs["StateMachine"], seconds, jobs, say)


def bring_raw(stacks: Deployed, raw: Path) -> None:
    """Put the raw tables of a lake on disk into the deployed lake, with what lies beside them."""
    count = objects.put_folder(raw, f"{stacks.lake}/raw")
    stacks.say(f"{stacks.lake}/raw: {count} objects")


def run_week(stacks: Deployed, as_of: date, name: str, more: Mapping[str, Any]) -> Rehearsal:
    """Start the weekly schedule's target for a day, wait for its end and look at what it left.

    Parameters
    ----------
    name
        Of the execution.
    more
        Added to the schedule's own input, such as settings for a smaller training.
    """
    planned, put = f"{as_of}{AT}", evidence.metrics_put()
    with heard_by(stacks.say):
        execution = schedule.start(schedule.WEEKLY, planned, name, more)
        told = end_of(execution)
    stacks.jobs.wait()
    if told["status"] == "SUCCEEDED":
        schedule.invoke(schedule.FRESHNESS, planned)
    return _looked_at(stacks, execution, told, put)


def copy_lake(stacks: Deployed, folder: Path) -> None:
    """Copy the whole deployed lake to a folder, where it can be read as a lake on disk."""
    objects.fetch_prefix(f"{stacks.lake}/", folder)


def _looked_at(stacks: Deployed, execution: str, told: Mapping[str, Any], put: int) -> Rehearsal:
    started, ended = told["startDate"], told["stopDate"]
    own = evidence.own_metrics(stacks.machine, told["status"], started, ended)
    return Rehearsal(
        status=told["status"],
        output=json.loads(told["output"]) if "output" in told else None,
        error=told.get("error"),
        cause=told.get("cause"),
        deploy_seconds=round(stacks.seconds, 2),
        execution_seconds=round((ended - started).total_seconds(), 2),
        states=evidence.state_times(evidence.history(execution)),
        objects=evidence.written(stacks.lake),
        metrics=(*evidence.metrics(put), *own),
        alarms=evidence.alarms(),
        messages=tuple(text for text in evidence.messages() if execution in text),
    )
