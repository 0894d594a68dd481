"""An execution of a state machine, followed to its end."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from step_functions.laptop.cloud import client

LOOK_EVERY_SECONDS = 0.1
EVENTS = 1_000
WORK = ("TaskStateEntered",)
"""The states that a person waits for; choices and assignments take no time."""


@dataclass(frozen=True)
class Ended:
    """How an execution ended.

    states : names in the order of their entering
    output : of a success, JSON
    error, cause : of a failure
    """

    arn: str
    status: str
    states: tuple[str, ...]
    output: Any = None
    error: str | None = None
    cause: str | None = None


def execute(
    definition: str, role_arn: str, name: str, given: dict[str, Any], entered: Callable[[str], None]
) -> Ended:
    """Create the machine, run one execution called `name` and return how it ended.

    `entered` hears the name of each working state as it begins. The definition is complete: no placeholders.
    """
    states = client("stepfunctions")
    machine = states.create_state_machine(name="clv-weekly", definition=definition, roleArn=role_arn)
    arn = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], name=name, input=json.dumps(given)
    )["executionArn"]
    heard = 0
    while True:
        told = states.describe_execution(executionArn=arn)
        events = states.get_execution_history(executionArn=arn, maxResults=EVENTS)["events"]
        for event in events[heard:]:
            if event["type"] in WORK:
                entered(event["stateEnteredEventDetails"]["name"])
        heard = len(events)
        if told["status"] != "RUNNING":
            return _ended(arn, told, events)
        time.sleep(LOOK_EVERY_SECONDS)


def _ended(arn: str, told: dict[str, Any], events: list[dict[str, Any]]) -> Ended:
    names = [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]
    output = json.loads(told["output"]) if "output" in told else None
    return Ended(arn, told["status"], tuple(names), output, told.get("error"), told.get("cause"))
