"""The alarms, from the indicators that have a limit."""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clv.alarm_rules import Alarm
from clv.indicators import QUEUE, STATE_MACHINE, alarms
from infra import names


def deploy_alarms(scope: Construct, horizon_days: int, topic_arn: str) -> list[cloudwatch.CfnAlarm]:
    """Return the alarms of the models of one horizon, of the data and of the runs; all tell the topic."""
    of_stack = {STATE_MACHINE: names.state_machine_arn(Stack.of(scope)), QUEUE: names.DEAD_LETTERS}
    return [_alarm(scope, alarm, topic_arn) for alarm in alarms(horizon_days, of_stack)]


def _alarm(scope: Construct, of: Alarm, topic_arn: str) -> cloudwatch.CfnAlarm:
    dimension = cloudwatch.CfnAlarm.DimensionProperty
    return cloudwatch.CfnAlarm(
        scope,
        f"Alarm-{of.name}",
        alarm_name=f"{names.PREFIX}-{of.name}",
        alarm_description=of.description,
        namespace=of.indicator.namespace or names.METRIC_NAMESPACE,
        metric_name=of.indicator.name,
        dimensions=[dimension(name=name, value=value) for name, value in of.dimensions],
        statistic=of.rule.statistic,
        comparison_operator=of.rule.comparison,
        threshold=of.rule.limit,
        period=of.rule.period_seconds,
        evaluation_periods=of.rule.evaluation_periods,
        datapoints_to_alarm=of.rule.datapoints_to_alarm,
        treat_missing_data=of.rule.missing,
        actions_enabled=True,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
    )
