"""The alarms that the figures of a rehearsed week would fire."""

from typing import Any

from monitoring.alarms import AlarmState, MetricKey, alarm_states, metric_key
from step_functions.rehearsal.rehearse import Rehearsal

ALARM = "ALARM"
WORST_FIRST = (ALARM, "INSUFFICIENT_DATA", "OK")


def fired(found: Rehearsal) -> list[AlarmState]:
    """Return the state that each deployed alarm would have, the worst first."""
    points: dict[MetricKey, list[Any]] = {}
    for metric in found.metrics:
        dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
        key = metric_key(metric.namespace, metric.name, dimensions)
        points.setdefault(key, []).append((metric.at, metric.value))
    at = max(metric.at for metric in found.metrics)
    return sorted(alarm_states(found.alarms, points, at), key=lambda each: WORST_FIRST.index(each.state))
