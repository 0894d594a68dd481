"""The declared alarms in a CloudWatch, and what was put there."""

from datetime import timedelta

import pandas as pd

from clv.indicators import alarms
from monitoring.alarms import metric_key


def deploy_alarms(client, namespace):
    """Put every alarm of the models of 365 days, named by namespace and alarm."""
    for alarm in alarms(365, {"StateMachineArn": "arn", "QueueName": "dead-letters"}):
        rule = alarm.rule
        client.put_metric_alarm(
            AlarmName=f"{namespace}{alarm.name}",
            Namespace=alarm.indicator.namespace or namespace,
            MetricName=alarm.indicator.name,
            Dimensions=[{"Name": name, "Value": value} for name, value in alarm.dimensions],
            Statistic=rule.statistic,
            Period=rule.period_seconds,
            EvaluationPeriods=rule.evaluation_periods,
            DatapointsToAlarm=rule.datapoints_to_alarm,
            ComparisonOperator=rule.comparison,
            Threshold=rule.limit,
            TreatMissingData=rule.missing,
        )


def points_put(client, namespace):
    """Return the values put, each a second before the instant that is returned too."""
    at = pd.Timestamp.now(tz="UTC").to_pydatetime() + timedelta(minutes=1)
    found = {}
    for page in client.get_paginator("list_metrics").paginate(Namespace=namespace):
        for metric in page["Metrics"]:
            statistics = client.get_metric_statistics(
                Namespace=namespace,
                MetricName=metric["MetricName"],
                Dimensions=metric["Dimensions"],
                StartTime=at - timedelta(days=1),
                EndTime=at,
                Period=86_400,
                Statistics=["Maximum"],
            )["Datapoints"]
            key = metric_key(namespace, metric["MetricName"], metric["Dimensions"])
            found[key] = [(at - timedelta(seconds=1), point["Maximum"]) for point in statistics]
    return found, at
