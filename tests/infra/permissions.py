"""Who may do what, action by action, and the statements of the templates that say so."""

import re
from collections.abc import Iterator
from typing import Any

STACKS = ("ClvData", "ClvPipeline")
LAKE = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"}
KEY = {"kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
METRICS = {"cloudwatch:PutMetricData"}
IMAGE = {
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
}
NEW_LOG = {"logs:CreateLogGroup", "logs:DescribeLogStreams"}
REGISTRY = {
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:DescribeModelPackage",
    "sagemaker:ListModelPackages",
}
READ_LAKE = {"s3:GetObject", "s3:ListBucket"}
JOB_OF_SAGEMAKER = LAKE | KEY | LOG | NEW_LOG | METRICS | IMAGE | {"kms:CreateGrant"}

MAY = {
    "clv-delivery": (LAKE - {"s3:GetObject"}) | KEY | LOG
    | {"s3:GetBucketLocation", "s3:ListBucketMultipartUploads"}
    | {"glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"},
    "clv-glue": LAKE | KEY | LOG | METRICS
    | {"s3:GetBucketLocation", "logs:AssociateKmsKey", "glue:GetDatabase", "glue:GetTable", "glue:GetTables"}
    | {"glue:GetPartition", "glue:GetPartitions", "glue:CreatePartition", "glue:UpdatePartition"}
    | {"glue:DeletePartition"},
    "clv-reader": READ_LAKE | {"kms:Decrypt"},
    "clv-training": JOB_OF_SAGEMAKER,
    "clv-transform": JOB_OF_SAGEMAKER,
    "clv-plan": READ_LAKE | REGISTRY | KEY | LOG,
    "clv-lock": READ_LAKE | KEY | LOG | {"s3:PutObject", "s3:DeleteObject", "states:DescribeExecution"},
    "clv-resolve": READ_LAKE | REGISTRY | KEY | LOG | {"sagemaker:DescribeModel"},
    "clv-verdict": LAKE | KEY | LOG,
    "clv-notify": KEY | LOG | {"sns:Publish"},
    "clv-freshness": READ_LAKE | KEY | LOG | METRICS,
    "clv-scheduler": {"states:StartExecution", "lambda:InvokeFunction", "sqs:SendMessage"},
    "clv-state-machine": KEY
    | {"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"}
    | {"sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"}
    | {"sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"}
    | {"sagemaker:CreateModel", "sagemaker:AddTags", "sagemaker:ListTags"}
    | {"sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "s3:GetObject"}
    | {"iam:PassRole", "kms:CreateGrant", "lambda:InvokeFunction"}
    | {"events:PutTargets", "events:PutRule", "events:DescribeRule"}
    | {"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"}
    | {"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"}
    | {"logs:DescribeLogGroups", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    | {"xray:GetSamplingRules", "xray:GetSamplingTargets"},
}  # fmt: skip

ON_EVERYTHING = {
    "clv-glue": METRICS,
    "clv-training": METRICS | {"ecr:GetAuthorizationToken"},
    "clv-transform": METRICS | {"ecr:GetAuthorizationToken"},
    "clv-freshness": METRICS,
    "clv-state-machine": {action for action in MAY["clv-state-machine"] if action.startswith("xray:")}
    | {
        action
        for action in MAY["clv-state-machine"]
        if re.fullmatch("logs:(.*LogDeliver.*|.*ResourcePolic.*|DescribeLogGroups)", action)
    },
}
"""Actions that AWS defines for no resource, or that a condition narrows; nothing else is granted on `*`."""


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def roles(stacks) -> dict[str, dict[str, Any]]:
    found = [stacks.named(stack, "AWS::IAM::Role", "RoleName") for stack in STACKS]
    return {name: told for each in found for name, told in each.items()}


def statements(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in told.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]
