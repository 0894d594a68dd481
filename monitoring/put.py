"""Verb: put metrics to CloudWatch."""

from collections.abc import Sequence
from typing import Any

from clv.alarm_rules import MODEL, SEGMENT
from clv.indicators import BY_NAME
from monitoring.metrics import Metric

BATCH = 1_000
"""Metrics that one request of PutMetricData takes at most."""


def put_metrics(client: Any, namespace: str, metrics: Sequence[Metric]) -> int:
    """Put metrics in batches, dated by CloudWatch, and return the number of requests.

    client : of boto3, for `cloudwatch`; its errors are left to the caller
    """
    data = [_datum(metric) for metric in metrics]
    batches = [data[start : start + BATCH] for start in range(0, len(data), BATCH)]
    for batch in batches:
        client.put_metric_data(Namespace=namespace, MetricData=batch)
    return len(batches)


def _datum(metric: Metric) -> dict[str, Any]:
    indicator = BY_NAME[metric.name]
    values = {MODEL: metric.model, SEGMENT: metric.segment}
    dimensions = [{"Name": name, "Value": values[name]} for name in indicator.dimensions]
    return {
        "MetricName": metric.name,
        "Dimensions": dimensions,
        "Value": metric.value,
        "Unit": indicator.unit,
    }
