"""What watches: the topic, the alarms, the dashboard."""

from aws_cdk import Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.alarms import deploy_alarms
from infra.dashboard import dashboard
from infra.stages import Stage
from infra.topic import alert_topic


class MonitoringStack(Stack):
    """Alarms and dashboard name what they watch, so that they stand before and after a rebuild of it."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, key: kms.IKey, alert_email: str) -> None:
        super().__init__(
            scope, name, env=Environment(region=stage.region), description="CLV: alerts, alarms, dashboard"
        )
        self.topic = alert_topic(self, key, alert_email)
        horizon_days = stage.settings.horizon_days
        alarms = deploy_alarms(self, horizon_days, self.topic.topic_arn)
        shown = [
            cloudwatch.Alarm.from_alarm_arn(self, f"Shown-{number}", alarm.attr_arn)
            for number, alarm in enumerate(alarms)
        ]
        dashboard(self, horizon_days, shown)
