"""The model registry's groups, and the roles under which models are fitted and used."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from clv.segments import SCORED
from infra import grants, names
from infra.assets import Asset
from infra.log_groups import log_group
from infra.stages import Stage

SAGEMAKER = "sagemaker.amazonaws.com"
TRAINING_LOGS, TRANSFORM_LOGS = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs"
"""SageMaker writes to no others; made here, they are encrypted and not kept for ever."""
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")


class Models(Construct):
    """Registry groups, log groups, the training role and the transform role."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, key: kms.IKey, code: Asset) -> None:
        super().__init__(scope, name)
        self._stage, self._key_arn = stage, key.key_arn
        if stage.model_logs:
            log_group(self, "Log-training", TRAINING_LOGS, stage, key)
            log_group(self, "Log-transform", TRANSFORM_LOGS, stage, key)
        for horizon_days in stage.horizons:
            for segment in SCORED:
                self._group(segment, horizon_days)
        self.training = self._training_role(code)
        self.transform = self._transform_role()

    def _group(self, segment: str, horizon_days: int) -> None:
        sagemaker.CfnModelPackageGroup(
            self,
            f"Group-{segment}-{horizon_days}",
            model_package_group_name=names.package_group(segment, horizon_days),
            model_package_group_description=f"Models of {segment} customers, {horizon_days} days ahead",
        )

    def _training_role(self, code: Asset) -> iam.Role:
        stack = Stack.of(self)
        folder = code.arn(stack).rsplit("/", 1)[0]
        bucket = f"arn:{stack.partition}:s3:::{code.bucket}"
        within = {"StringLike": {"s3:prefix": [f"{code.key.rsplit('/', 1)[0]}*"]}}
        may = [
            grants.read_lake(self, "features", "labels", "weights", "priors", "snapshots", "models"),
            grants.write_lake(self, "models"),
            grants.list_lake(self, "features", "labels", "weights", "priors", "snapshots", "models"),
            grants.Grant(("s3:GetObject",), (f"{folder}/*",), "The code's folder holds the archive alone."),
            grants.Grant(("s3:ListBucket",), (bucket,), conditions=within),
            *self._of_every_job(TRAINING_LOGS),
        ]
        return grants.role(self, "training", SAGEMAKER, may)

    def _transform_role(self) -> iam.Role:
        may = [
            grants.read_lake(self, "inputs", "models"),
            grants.write_lake(self, "transform"),
            grants.list_lake(self, "inputs", "models", "transform"),
            *self._of_every_job(TRANSFORM_LOGS),
        ]
        return grants.role(self, "transform", SAGEMAKER, may)

    def _of_every_job(self, logs: str) -> list[grants.Grant]:
        return [
            grants.use_key(self._key_arn),
            grants.lend_key(self._key_arn),
            grants.write_logs(self, logs, create=True),
            grants.put_metrics(logs),
            grants.Grant(("ecr:GetAuthorizationToken",), ("*",), "A token to pull images knows no resource."),
            grants.Grant(PULL, (self._image_arn(),)),
        ]

    def _image_arn(self) -> str:
        registry, _, name = self._stage.image.partition("/")
        account = registry.split(".")[0]
        stack = Stack.of(self)
        return f"arn:{stack.partition}:ecr:{stack.region}:{account}:repository/{name.split(':')[0]}"
