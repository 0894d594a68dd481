"""Tells people which state failed, why, and where its log is; or which trained models were not approved."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from step_functions.handlers import waiting
from step_functions.handlers.logs import execution_link, log_link, read_cause, said

SUBJECT_LENGTH = 99
"""SNS takes fewer than 100 characters of ASCII."""
CAUSE_LENGTH = 2000


@dataclass(frozen=True)
class Failure:
    """What failed: the innermost state, its error, its cause in one line, the address of its log."""

    state: str
    error: str
    cause: str
    log: str


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Publish a failure, or models that were not approved, to the topic of the environment (TOPIC_ARN).

    Returns the failure, or how many models there were. Without a topic nothing is published.
    """
    execution = event["execution"]
    if "waiting" in event:
        _publish(waiting.subject(event["waiting"]), waiting.message(event["waiting"], execution))
        return {"waiting": len(event["waiting"])}
    found = failure(event["failure"], event["functions"], execution["id"])
    _publish(subject(found), message(found, execution))
    return asdict(found)


def failure(caught: Mapping[str, str], functions: Mapping[str, str], execution: str) -> Failure:
    """Return what was caught, or what a branch of a Parallel state says failed inside it.

    Parameters
    ----------
    caught
        state, error and cause as a Catch saw them; a branch puts its own three into its cause as JSON.
    functions
        ARN of the function that a state calls, by state.
    execution
        ARN of the execution.
    """
    inner = read_cause(caught["cause"])
    if {"state", "error", "cause"} <= set(inner):
        return failure(inner, functions, execution)
    state, cause = caught["state"], caught["cause"]
    return Failure(
        state=state,
        error=caught["error"],
        cause=said(inner, cause)[:CAUSE_LENGTH],
        log=log_link(cause, functions.get(state), execution),
    )


def subject(found: Failure) -> str:
    """Return the subject of the message."""
    text = f"CLV run failed in {found.state}: {found.error}"
    return text.encode("ascii", "replace").decode()[:SUBJECT_LENGTH]


def message(found: Failure, execution: Mapping[str, str]) -> str:
    """Return the text of the message."""
    lines = [
        f"Run {execution['name']}, started {execution['started']}, failed.",
        f"State: {found.state}",
        f"Error: {found.error}",
        f"Cause: {found.cause}",
        f"Log: {found.log}",
        f"Execution: {execution_link(execution['id'])}",
        "Once the cause is removed, start a new execution with the same as_of: it skips what is committed.",
    ]
    return "\n".join(lines)


def _publish(about: str, text: str) -> None:
    topic = os.environ.get("TOPIC_ARN")  # noqa: TID251 - a Lambda's edge; a laptop has no topic
    if topic:
        import boto3  # noqa: PLC0415 - made per call, so that tests and the laptop choose the endpoint

        boto3.client("sns").publish(TopicArn=topic, Subject=about, Message=text)
