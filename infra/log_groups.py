"""Log groups: encrypted, and not kept for ever."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.stages import Stage

RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}
"""Those of CloudWatch's retention periods that a stage may choose, by days."""


def log_group(scope: Construct, name: str, group: str, stage: Stage, key: kms.IKey) -> logs.LogGroup:
    """Return one log group, kept as long as the stage says; KeyError for days CloudWatch does not know."""
    return logs.LogGroup(
        scope,
        name,
        log_group_name=group,
        encryption_key=key,
        retention=RETENTION[stage.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )
