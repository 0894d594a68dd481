"""What may be rebuilt at any time: jobs, functions, registry groups, state machine, schedules."""

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.assets import Files, upload
from infra.functions import Functions
from infra.jobs import Jobs
from infra.machine import Machine
from infra.models import Models
from infra.schedules import Schedules
from infra.stages import Stage


class PipelineStack(Stack):
    """The weekly cycle."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        key: kms.IKey,
        topic: sns.ITopic,
        files: Files,
    ) -> None:
        super().__init__(
            scope, name, env=Environment(region=stage.region), description="CLV: the weekly cycle"
        )
        Jobs(self, "Jobs", stage=stage, key=key, files=files)
        functions = Functions(self, "Functions", stage=stage, key=key, topic=topic, files=files).by_handler
        code = upload(self, files.source_folder)
        models = Models(self, "Models", stage=stage, key=key, code=code)
        machine = Machine(
            self, "Weekly", stage=stage, key=key, functions=functions, models=models, code=code
        ).machine
        Schedules(self, "Schedules", stage=stage, machine=machine, freshness=functions["freshness"])
        CfnOutput(self, "StateMachine", value=machine.state_machine_arn)
