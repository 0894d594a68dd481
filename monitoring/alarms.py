"""What CloudWatch would make of alarms: their states over datapoints, by its M of N and missing data rules.

Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch Alarms", sections "Evaluating an Alarm" and
"How Alarm State is Evaluated When Data is Missing".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from clv.errors import UserError

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]
T = TypeVar("T")

MetricKey = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, dimensions."""
Points = Sequence[tuple[datetime, float]]
"""Values as they were put, each with its time."""

EXTRA_PERIODS = 2
"""Periods looked at beyond the evaluation periods: the guide's examples look at 5 for 3."""

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}
_STATISTIC: dict[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "Sum": sum,
    "SampleCount": len,
}


@dataclass(frozen=True)
class AlarmState:
    """The state an alarm would have, and why; `value` is the newest datapoint, None without one."""

    name: str
    state: State
    reason: str
    value: float | None = None


def metric_key(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> MetricKey:
    """Return the key of a metric, its dimensions as AWS writes them: `Name` and `Value`."""
    return namespace, name, frozenset((each["Name"], each["Value"]) for each in dimensions)


def alarm_states(
    alarms: Iterable[Mapping[str, Any]], points: Mapping[MetricKey, Points], at: datetime
) -> list[AlarmState]:
    """Return the state of each alarm at an instant.

    Parameters
    ----------
    alarms
        As `describe_alarms` returns them; their `StateValue` is the state before, which is kept where the
        rules say so.
    points
        By metric; periods end at `at` and before. Times and `at` are all naive or all aware.

    Raises
    ------
    UserError
        Where an alarm needs what is not evaluated here: metric mathematics, percentiles, anomaly bands.
    """
    return [_state(alarm, points, at) for alarm in alarms]


def decide(
    breaching: Sequence[bool | None], periods: int, to_alarm: int, missing: Missing, before: State
) -> State:
    """Return an alarm's state by the guide's rules.

    Parameters
    ----------
    breaching
        Of each period of the evaluation range, oldest first, whether its datapoint breaches; None if missing.
    periods, to_alarm
        N and M: M breaching ones of N datapoints are an alarm.
    missing
        What a missing datapoint counts as.
    before
        The state until now.

    Notes
    -----
    The newest N real datapoints decide where there are as many. Otherwise the real ones, filled up to N by
    `missing`, are counted. If missing ones count as nothing, fewer than M breaching and none good: the alarm
    keeps its state (`ignore`), or goes off if the oldest breaching one is at least M periods old
    (`missing`), so that an alarm neither waits for data for ever nor goes off too early.
    """
    real = [point for point in breaching if point is not None][-periods:]
    bad = sum(real)
    filled = periods - len(real) if missing == "breaching" else 0
    if bad + filled >= to_alarm:
        return "ALARM"
    if missing in {"breaching", "notBreaching"} or bad < len(real):
        return "OK"
    if missing == "ignore":
        return before
    age = next((len(breaching) - n for n, point in enumerate(breaching) if point), 0)
    return "ALARM" if age >= to_alarm else "INSUFFICIENT_DATA"


def _state(alarm: Mapping[str, Any], points: Mapping[MetricKey, Points], at: datetime) -> AlarmState:
    name, metric = alarm["AlarmName"], _metric(alarm)
    compare = _known(_COMPARE, alarm["ComparisonOperator"], name)
    statistic = _known(_STATISTIC, metric["Stat"], name)
    periods = alarm["EvaluationPeriods"]
    key = metric_key(metric["Namespace"], metric["MetricName"], metric["Dimensions"])
    values = _by_period(points.get(key, ()), at, timedelta(seconds=metric["Period"]), periods + EXTRA_PERIODS)
    found = [statistic(of_period) if of_period else None for of_period in values]
    breaching = [None if value is None else compare(value, alarm["Threshold"]) for value in found]
    to_alarm = alarm.get("DatapointsToAlarm") or periods
    missing = alarm.get("TreatMissingData", "missing")
    state = decide(breaching, periods, to_alarm, missing, alarm.get("StateValue", "INSUFFICIENT_DATA"))
    there = [value for value in found if value is not None]
    said = ", ".join(f"{value:g}" for value in there) or "none"
    rule = (
        f"{alarm['ComparisonOperator']} {alarm['Threshold']:g}, {to_alarm} of {periods}, missing: {missing}"
    )
    return AlarmState(name, state, f"{metric['MetricName']} {said} ({rule})", there[-1] if there else None)


def _metric(alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one metric of an alarm: namespace, name, dimensions, period and statistic."""
    queries = alarm.get("Metrics") or []
    if not queries:
        given = {name: alarm[name] for name in ("Namespace", "MetricName", "Period")}
        return {**given, "Dimensions": alarm.get("Dimensions") or [], "Stat": alarm.get("Statistic")}
    if len(queries) > 1 or "MetricStat" not in queries[0]:
        raise UserError(
            f"alarm {alarm['AlarmName']}: metric mathematics is not evaluated here; watch one metric"
        )
    stat = queries[0]["MetricStat"]
    metric = stat["Metric"]
    return {
        "Namespace": metric["Namespace"],
        "MetricName": metric["MetricName"],
        "Dimensions": metric.get("Dimensions") or [],
        "Period": stat["Period"],
        "Stat": stat["Stat"],
    }


def _by_period(points: Points, at: datetime, period: timedelta, count: int) -> list[list[float]]:
    """Return the values of each of the last `count` periods, oldest first; a period holds its end only."""
    found: list[list[float]] = [[] for _ in range(count)]
    for when, value in points:
        age = (at - when) // period
        if 0 <= age < count:
            found[count - 1 - age].append(value)
    return found


def _known(table: Mapping[str, T], name: str | None, alarm: str) -> T:
    if name is None or name not in table:
        raise UserError(f"alarm {alarm}: {name} is not evaluated here; known are {', '.join(table)}")
    return table[name]
