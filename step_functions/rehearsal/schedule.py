"""Starts what a deployed schedule starts: its own target with its own input; moto fires none."""

import json
from collections.abc import Mapping
from typing import Any

from step_functions.laptop.cloud import client

WEEKLY, FRESHNESS = "clv-weekly", "clv-freshness"
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


def target(schedule: str, scheduled_time: str) -> tuple[str, dict[str, Any]]:
    """Return a schedule's target and input, the time for which it was planned filled in."""
    told = client("scheduler").get_schedule(Name=schedule)["Target"]
    return told["Arn"], json.loads(told["Input"].replace(SCHEDULED_TIME, scheduled_time))


def start(schedule: str, scheduled_time: str, name: str, more: Mapping[str, Any]) -> str:
    """Start a schedule's state machine and return the execution's ARN; `more` is added to its input."""
    machine, given = target(schedule, scheduled_time)
    started = client("stepfunctions").start_execution(
        stateMachineArn=machine, name=name, input=json.dumps({**given, **more})
    )
    return str(started["executionArn"])


def invoke(schedule: str, scheduled_time: str) -> Any:
    """Call a schedule's function and return its answer."""
    function, given = target(schedule, scheduled_time)
    told = client("lambda").invoke(FunctionName=function, Payload=json.dumps(given))
    answer = json.loads(told["Payload"].read())
    if "FunctionError" in told:
        raise RuntimeError(f"{schedule}: {answer['errorType']}: {answer['errorMessage']}")
    return answer
