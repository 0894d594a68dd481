"""The small Lambda functions: one for each handler, each with a role of its own."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from clv.segments import SCORED
from infra import grants, names
from infra.assets import Files
from infra.grants import Grant
from infra.log_groups import log_group
from infra.stages import Stage

RUNTIME = lambda_.Runtime.PYTHON_3_14
MEMORY_MB = 512
MINUTES = 5
"""As long as the state machine waits for the slowest of them, the verdict, which unpacks an archive."""


class Functions(Construct):
    """The functions by the name of their handler, in `by_handler`."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, key: kms.IKey, topic: sns.ITopic, files: Files
    ) -> None:
        super().__init__(scope, name)
        self._stage, self._key = stage, key
        self._topic = topic
        self._environment = {
            "LAKE_ROOT": names.lake_root(Stack.of(self)),
            "CLV_SETTINGS": stage.settings.to_json(),
            "TOPIC_ARN": topic.topic_arn,
            "METRIC_NAMESPACE": names.METRIC_NAMESPACE,
        }
        code = lambda_.Code.from_asset(str(files.lambda_code))
        self.by_handler = {handler: self._function(handler, code) for handler in names.HANDLERS}

    def _function(self, handler: str, code: lambda_.AssetCode) -> lambda_.Function:
        name = names.function(handler)
        log = f"/aws/lambda/{name}"
        may = [*self._grants(handler), grants.use_key(self._key.key_arn), grants.write_logs(self, log)]
        role = grants.role(self, handler, "lambda.amazonaws.com", may)
        return lambda_.Function(
            self,
            f"Function-{handler}",
            function_name=name,
            runtime=RUNTIME,
            handler=f"step_functions.handlers.{handler}.handler",
            code=code,
            memory_size=MEMORY_MB,
            timeout=Duration.minutes(MINUTES),
            environment={key: self._environment[key] for key in ENVIRONMENT[handler]},
            environment_encryption=self._key,
            log_group=log_group(self, f"Log-{handler}", log, self._stage, self._key),
            role=iam.Role.without_policy_updates(role),
        )

    def _grants(self, handler: str) -> list[Grant]:
        """Return what a handler may do beside writing its log."""
        by_handler = {
            "plan": self._plan,
            "lock": self._lock,
            "resolve": self._resolve,
            "verdict": self._verdict,
            "notify": self._notify,
            "freshness": self._freshness,
        }
        return by_handler[handler]()

    def _plan(self) -> list[Grant]:
        published = ("scores", "monitoring/advice.json")
        return [
            grants.read_lake(self, *published),
            grants.list_lake(self),
            *self._registry(),
        ]

    def _lock(self) -> list[Grant]:
        lock = names.lake_arns(Stack.of(self), "runs/lock.json")
        execution = names.arn(Stack.of(self), "states", f"execution:{names.STATE_MACHINE}:*")
        return [
            Grant(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), lock),
            grants.list_lake(self),
            Grant(("states:DescribeExecution",), (execution,), "The holder may be any execution of ours."),
        ]

    def _resolve(self) -> list[Grant]:
        stack = Stack.of(self)
        models = names.arn(stack, "sagemaker", f"model/{names.PREFIX}-*")
        return [
            grants.read_lake(self, "inputs", "snapshots", "models"),
            grants.list_lake(self),
            *self._registry(),
            Grant(("sagemaker:DescribeModel",), (models,), "A model is named by its package version."),
        ]

    def _verdict(self) -> list[Grant]:
        return [
            grants.read_lake(self, "models"),
            grants.write_lake(self, "models"),
            grants.list_lake(self),
        ]

    def _notify(self) -> list[Grant]:
        return [Grant(("sns:Publish",), (self._topic.topic_arn,))]

    def _freshness(self) -> list[Grant]:
        return [
            grants.read_lake(self, "scores"),
            grants.list_lake(self),
            grants.put_metrics(names.METRIC_NAMESPACE),
        ]

    def _registry(self) -> list[Grant]:
        """Return reading the registry's groups of this pipeline and their packages."""
        stack = Stack.of(self)
        groups = [
            names.package_group(segment, horizon_days)
            for horizon_days in self._stage.horizons
            for segment in SCORED
        ]
        group_arns = [names.arn(stack, "sagemaker", f"model-package-group/{group}") for group in groups]
        packages = [names.arn(stack, "sagemaker", f"model-package/{group}/*") for group in groups]
        any_package = names.arn(stack, "sagemaker", "model-package/*")
        numbered = "Packages are numbered by version."
        listed = "AWS checks the listing of a group against packages at large."
        return [
            Grant(("sagemaker:DescribeModelPackageGroup",), group_arns),
            Grant(("sagemaker:DescribeModelPackage",), packages, numbered),
            Grant(("sagemaker:ListModelPackages",), [*group_arns, any_package], listed),
        ]


ENVIRONMENT = {
    "plan": ("CLV_SETTINGS",),
    "lock": (),
    "resolve": (),
    "verdict": (),
    "notify": ("TOPIC_ARN",),
    "freshness": ("LAKE_ROOT", "METRIC_NAMESPACE"),
}
"""What each handler reads of its environment."""
