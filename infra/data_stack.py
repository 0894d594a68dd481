"""What must survive: the lake, its key, its catalogue, and the ways in for events and out for queries."""

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from infra import names
from infra.bucket import lake_bucket
from infra.database import database, workgroup
from infra.encryption import encryption_key
from infra.intake import Intake
from infra.reader import reader
from infra.stages import Stage


class DataStack(Stack):
    """The lake and everything that reads or fills it without a run."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            name,
            env=Environment(region=stage.region),
            description="CLV: lake, catalogue, event delivery",
            termination_protection=stage.keep_data,
        )
        self.key = encryption_key(self, stage)
        bucket = lake_bucket(self, stage, self.key)
        tables = database(self)
        workgroup(self, stage, self.key.key_arn)
        intake = Intake(self, "Intake", stage=stage, key=self.key, tables=tables)
        intake.node.add_dependency(bucket)
        CfnOutput(self, "Reader", value=reader(self, self.key.key_arn).role_arn)
        CfnOutput(self, "LakeRoot", value=names.lake_root(self))
