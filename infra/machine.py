"""The weekly state machine, from the file that the laptop executes too."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from clv.segments import SCORED
from infra import grants, names
from infra.archives import CHECKOUT
from infra.assets import Asset
from infra.grants import Grant
from infra.log_groups import log_group
from infra.models import Models
from infra.stages import Stage

DEFINITION = CHECKOUT / "step_functions" / "weekly.asl.json"
LOGS = f"/aws/vendedlogs/states/{names.STATE_MACHINE}"
"""CloudWatch's resource policy for vended logs knows this prefix and does not grow by it."""

JOB_NAMES = SCORED
"""Training and transform jobs are named by their segment first."""


class Machine(Construct):
    """The state machine and what it may do: CDK grants nothing for a definition given as text."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        key: kms.IKey,
        functions: dict[str, lambda_.Function],
        models: Models,
        code: Asset,
    ) -> None:
        super().__init__(scope, name)
        self._stage, self._key, self._functions, self._models = stage, key, functions, models
        log = log_group(self, "Log", LOGS, stage, key)
        role = grants.role(self, "state-machine", "states.amazonaws.com", self._may())
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=names.STATE_MACHINE,
            definition_body=sfn.DefinitionBody.from_string(DEFINITION.read_text(encoding="utf-8")),
            definition_substitutions=self._substitutions(code),
            role=iam.Role.without_policy_updates(role),
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=True),
        )

    def _substitutions(self, code: Asset) -> dict[str, str]:
        """Return what the definition's placeholders stand for."""
        functions = {
            f"{handler.title()}Function": function.function_arn
            for handler, function in self._functions.items()
            if handler != "freshness"
        }
        jobs = {f"{verb.title()}Job": names.job(verb) for verb in names.VERBS}
        return {
            **functions,
            **jobs,
            "LakeRoot": names.lake_root(Stack.of(self)),
            "TrainingRole": self._models.training.role_arn,
            "TransformRole": self._models.transform.role_arn,
            "ModelImage": self._stage.image,
            "CodeFolder": code.folder,
            "KmsKey": self._key.key_arn,
            "TrainingInstance": self._stage.training_instance,
            "TransformInstance": self._stage.transform_instance,
            "RegistryPrefix": names.PREFIX,
            "CatalogueDatabase": names.DATABASE,
            "MetricNamespace": names.METRIC_NAMESPACE,
        }

    def _may(self) -> list[Grant]:
        return [
            *self._run_glue(),
            *self._run_sagemaker(),
            *self._register(),
            self._wait_for_jobs(),
            Grant(("lambda:InvokeFunction",), [f.function_arn for f in self._functions.values()]),
            *_log_and_trace(),
        ]

    def _run_glue(self) -> list[Grant]:
        actions = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
        jobs = [names.arn(Stack.of(self), "glue", f"job/{names.job(verb)}") for verb in names.VERBS]
        return [Grant(actions, jobs)]

    def _run_sagemaker(self) -> list[Grant]:
        """Return starting, following and stopping jobs, and passing their roles to SageMaker alone."""
        stack = Stack.of(self)
        training = [names.arn(stack, "sagemaker", f"training-job/{name}-*") for name in JOB_NAMES]
        transform = [names.arn(stack, "sagemaker", f"transform-job/{name}-*") for name in JOB_NAMES]
        models = [names.arn(stack, "sagemaker", f"model/{names.PREFIX}-*")]
        named = "The rest of the name is the run's and the attempt's, or the package version's."
        to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        roles = [self._models.training.role_arn, self._models.transform.role_arn]
        of = "sagemaker:"
        trained = (f"{of}CreateTrainingJob", f"{of}DescribeTrainingJob", f"{of}StopTrainingJob")
        scored = (f"{of}CreateTransformJob", f"{of}DescribeTransformJob", f"{of}StopTransformJob")
        return [
            Grant(trained, training, named),
            Grant(scored, transform, named),
            Grant((f"{of}CreateModel",), models, named),
            Grant((f"{of}AddTags", f"{of}ListTags"), [*training, *transform, *models], named),
            Grant(("iam:PassRole",), roles, conditions=to_sagemaker),
            grants.use_key(self._key.key_arn),
            grants.lend_key(self._key.key_arn),
        ]

    def _register(self) -> list[Grant]:
        """Return registering models: who registers an artefact must be able to read it."""
        stack = Stack.of(self)
        groups = [
            names.package_group(segment, horizon_days)
            for horizon_days in self._stage.horizons
            for segment in SCORED
        ]
        paths = [f"model-package-group/{group}" for group in groups]
        paths += [f"model-package/{group}/*" for group in groups]
        resources = [names.arn(stack, "sagemaker", path) for path in paths]
        actions = ("sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage")
        return [
            Grant(actions, resources, "Packages are numbered by version."),
            grants.read_lake(self, "models"),
        ]

    def _wait_for_jobs(self) -> Grant:
        """Return what `.sync` needs: Step Functions hears of a job's end by a rule of EventBridge."""
        kinds = ("Training", "Transform")
        rules = [f"rule/StepFunctionsGetEventsForSageMaker{kind}JobsRule" for kind in kinds]
        actions = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
        return Grant(actions, [names.arn(Stack.of(self), "events", rule) for rule in rules])


def _log_and_trace() -> list[Grant]:
    delivery = ("Create", "Get", "Update", "Delete")
    logs = [f"logs:{verb}LogDelivery" for verb in delivery]
    logs += ["logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"]
    logs += ["logs:DescribeLogGroups"]
    trace = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
    rules = ("xray:GetSamplingRules", "xray:GetSamplingTargets")
    return [
        Grant(logs, ("*",), "AWS defines these actions of vended logs for no resource."),
        Grant((*trace, *rules), ("*",), "X-Ray defines these actions for no resource."),
    ]
