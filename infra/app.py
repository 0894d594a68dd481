"""The CDK app: three stacks of one stage."""

from dataclasses import dataclass

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra import names
from infra.archives import CHECKOUT
from infra.assets import Files
from infra.data_stack import DataStack
from infra.monitoring_stack import MonitoringStack
from infra.pipeline_stack import PipelineStack
from infra.stages import Stage

WHEELS = CHECKOUT / "build" / "glue-wheels.zip"
FLAGS = {
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/aws-iam:minimizePolicies": False,
    "@aws-cdk/core:defaultCrossStackReferences": "strong",
    "aws:cdk:disable-metadata-resource": True,
}
"""Access logs by bucket policy rather than by ACL; statements stay apart as they are written; a stack is
not deleted while another one uses its key or topic."""


@dataclass(frozen=True)
class Stacks:
    """The stacks in the order in which they deploy."""

    data: DataStack
    monitoring: MonitoringStack
    pipeline: PipelineStack


def build(app: App, stage: Stage, files: Files, alert_email: str = "") -> Stacks:
    """Return the stacks of one stage, judged by cdk-nag when they are synthesized.

    alert_email : who is told; it needs to confirm the subscription. Nobody where empty.
    """
    data = DataStack(app, "ClvData", stage=stage)
    monitoring = MonitoringStack(app, "ClvMonitoring", stage=stage, key=data.key, alert_email=alert_email)
    pipeline = PipelineStack(
        app, "ClvPipeline", stage=stage, key=data.key, topic=monitoring.topic, files=files
    )
    pipeline.add_stack_dependency(data)
    for name, value in (("project", names.PREFIX), ("stage", stage.name)):
        # moto, in which a deployment is rehearsed, fails at the tags of a key.
        Tags.of(app).add(name, value, exclude_resource_types=["AWS::KMS::Key"])
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return Stacks(data, monitoring, pipeline)
