"""The key that encrypts data, logs, messages and disks."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra import names
from infra.stages import Stage


def encryption_key(scope: Construct, stage: Stage) -> kms.Key:
    """Return the key, rotated every year; roles may use it by their own policies.

    Two services use it without a role of ours: CloudWatch Logs for the log groups and CloudWatch for the
    alarms that it sends to the topic.
    """
    stack = Stack.of(scope)
    key = kms.Key(
        scope,
        "Key",
        alias=f"alias/{names.PREFIX}",
        description="Data, logs, messages and disks of the CLV pipeline",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY,
    )
    key.add_to_resource_policy(_for_logs(stack))
    key.add_to_resource_policy(_for_alarms(stack))
    return key


def _for_logs(stack: Stack) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
        actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        resources=["*"],
        conditions={
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": names.arn(stack, "logs", "log-group:*")}
        },
    )


def _for_alarms(stack: Stack) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
    )
