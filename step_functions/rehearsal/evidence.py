"""What a rehearsal leaves: how long each state took, which objects were written, which metrics and alarms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from step_functions.laptop.cloud import REGION, client
from step_functions.rehearsal.objects import listed

EVENTS = 1_000


@dataclass(frozen=True)
class StateTime:
    """A state that was entered, and the seconds until it was left."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Written:
    """Objects below one folder of the lake."""

    folder: str
    count: int
    bytes: int


@dataclass(frozen=True)
class Metric:
    """One figure as it was put."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    at: datetime


def history(execution: str) -> list[dict[str, Any]]:
    """Return the events of an execution in their order."""
    pages = client("stepfunctions").get_execution_history(executionArn=execution, maxResults=EVENTS)
    return list(pages["events"])


def state_times(events: Iterable[Mapping[str, Any]]) -> tuple[StateTime, ...]:
    """Return every state entered, in that order; one that was never left took until the last event."""
    entered: dict[str, datetime] = {}
    left: dict[str, datetime] = {}
    last = None
    for event in events:
        last = event["timestamp"]
        if "stateEnteredEventDetails" in event:
            entered.setdefault(event["stateEnteredEventDetails"]["name"], last)
        if "stateExitedEventDetails" in event:
            left[event["stateExitedEventDetails"]["name"]] = last
    return tuple(
        StateTime(name, round((left.get(name, last or begin) - begin).total_seconds(), 2))
        for name, begin in entered.items()
    )


def written(lake: str) -> tuple[Written, ...]:
    """Return the objects of a lake, counted by their first folder."""
    root = lake.removeprefix("s3://").partition("/")[2]
    sizes: dict[str, list[int]] = defaultdict(list)
    for key, size in listed(f"{lake}/"):
        sizes[key.removeprefix(f"{root}/" if root else "").split("/")[0]].append(size)
    return tuple(Written(folder, len(found), sum(found)) for folder, found in sorted(sizes.items()))


def metrics_put() -> int:
    """Return how many figures have been put to CloudWatch."""
    return len(cloudwatch_backends[DEFAULT_ACCOUNT_ID][REGION].metric_data)


def metrics(since: int) -> tuple[Metric, ...]:
    """Return every figure put to CloudWatch after so many.

    Read where moto keeps them, since no API tells them all.
    """
    put = cloudwatch_backends[DEFAULT_ACCOUNT_ID][REGION].metric_data[since:]
    return tuple(
        Metric(
            each.namespace,
            each.name,
            {dimension.name: dimension.value for dimension in each.dimensions},
            float(each.value),
            each.timestamp.replace(tzinfo=UTC) if each.timestamp.tzinfo is None else each.timestamp,
        )
        for each in put
    )


def own_metrics(machine: str, status: str, started: datetime, ended: datetime) -> Sequence[Metric]:
    """Return what Step Functions itself would put for an execution, which moto does not."""
    dimensions, outcome = {"StateMachineArn": machine}, f"Executions{status.replace('_', '').title()}"
    counted = (("ExecutionsStarted", started), (outcome.replace("Timedout", "TimedOut"), ended))
    return [Metric("AWS/States", name, dimensions, 1.0, at) for name, at in counted]


def alarms() -> list[dict[str, Any]]:
    """Return the deployed alarms as DescribeAlarms tells them, in the state that AWS gives to new ones."""
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate()
    told = [alarm for page in pages for alarm in page["MetricAlarms"]]
    return [{**alarm, "StateValue": "INSUFFICIENT_DATA"} for alarm in told]  # moto says OK and judges none


def messages() -> tuple[str, ...]:
    """Return the messages published to all topics, each with its subject on the first line."""
    topics = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
    sent = [each for topic in topics for each in topic.sent_notifications]
    return tuple(f"{subject}\n{text}" for _, text, subject, *_ in sent)
