"""An execution of a state machine, followed to its end."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from step_functions.laptop.cloud import client
from step_functions.laptop.looks import looks
from step_functions.laptop.replaced import replaced

EVENTS = 1_000
WORK = HistoryEventType.TaskStateEntered
"""Of the states that a person waits for; choices and assignments take no time."""
_add_event_of_moto = EventManager.add_event


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
    with heard_by(entered):
        arn = states.start_execution(
            stateMachineArn=machine["stateMachineArn"], name=name, input=json.dumps(given)
        )["executionArn"]
        told = end_of(arn)
    return _ended(arn, told, states.get_execution_history(executionArn=arn, maxResults=EVENTS)["events"])


def end_of(arn: str) -> dict[str, Any]:
    """Wait for an execution's end and return what DescribeExecution tells."""
    states = client("stepfunctions")
    told = (states.describe_execution(executionArn=arn) for _ in looks())
    return dict(next(found for found in told if found["status"] != "RUNNING"))


@contextmanager
def heard_by(entered: Callable[[str], None]) -> Iterator[None]:
    """Let `entered` hear of each working state that the interpreter enters, for the length of a block."""

    def add_event(self: Any, context: Any, event_type: Any, **given: Any) -> Any:
        if event_type == WORK:
            entered(given["event_details"]["stateEnteredEventDetails"]["name"])
        return _add_event_of_moto(self, context, event_type, **given)

    with replaced(EventManager, "add_event", add_event):
        yield


def _ended(arn: str, told: dict[str, Any], events: list[dict[str, Any]]) -> Ended:
    names = [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]
    output = json.loads(told["output"]) if "output" in told else None
    return Ended(arn, told["status"], tuple(names), output, told.get("error"), told.get("cause"))
