"""Typed settings of each stage; an account has one stage."""

from dataclasses import dataclass, field

from clv.errors import UserError
from clv.settings import Settings
from clv.sizes import SIZES, TRAINING_INSTANCE, TRANSFORM_INSTANCE, WORKERS

IMAGE_TAG = "sagemaker-xgboost:3.2-0"
IMAGE_ACCOUNTS = {
    "eu-central-1": "492215442770",
    "eu-west-1": "141502667606",
    "us-east-1": "683313688378",
}
"""Who publishes AWS's XGBoost image in a region (`sagemaker.core.image_uris`)."""


@dataclass(frozen=True)
class Job:
    """Size of one Glue job: workers of 4 vCPU and 16 GB at most, two at least; minutes it may take."""

    workers: int
    timeout_minutes: int


@dataclass(frozen=True)
class Stage:
    """Everything in which two stages may differ."""

    name: str
    region: str = "eu-central-1"
    settings: Settings = field(default_factory=Settings)
    other_horizons: tuple[int, ...] = ()
    """Horizons besides that of the settings that models may be registered for."""
    jobs: dict[str, Job] = field(
        default_factory=lambda: {
            "ledger": Job(WORKERS["ledger"], 60),
            "features": Job(WORKERS["features"], 90),
            "snapshots": Job(WORKERS["snapshots"], 240),
            "publish": Job(WORKERS["publish"], 30),
            "watch": Job(WORKERS["watch"], 30),
            "decide": Job(WORKERS["decide"], 30),
        }
    )
    flex: bool = False
    """Glue's spare capacity: a third cheaper, and a run may wait for its start."""
    training_instance: str = TRAINING_INSTANCE
    transform_instance: str = TRANSFORM_INSTANCE
    model_image: str = ""
    """Own image of the model's container; AWS's XGBoost 3.2-0 where empty."""
    zone: str = "Europe/Berlin"
    weekly: str = "cron(0 3 ? * MON *)"
    daily: str = "cron(0 3 ? * TUE-SUN *)"
    """Ends after the features; on Mondays the weekly run builds them."""
    freshness: str = "cron(0 8,20 * * ? *)"
    """When the age of the scores is measured: twice a day, so that every day's window holds one."""
    schedules_on: bool = True
    athena_scan_limit_gb: int = 10
    log_days: int = 90
    model_logs: bool = True
    """Whether to make SageMaker's two log groups, the account's own: not where others train there too."""
    old_version_days: int = 30
    transform_days: int = 30
    query_result_days: int = 7
    event_stream: bool = False
    """Feed the deliveries from Kinesis streams, which cost by the hour, rather than by direct puts."""
    keep_data: bool = True
    """Whether the lake and its key outlive their stack."""

    @property
    def image(self) -> str:
        """Return the address of the model's container; UserError for a region whose account is unknown."""
        if self.model_image:
            return self.model_image
        return f"{self.image_account}.dkr.ecr.{self.region}.amazonaws.com/{IMAGE_TAG}"

    @property
    def image_account(self) -> str:
        """Return the account that publishes AWS's image; UserError for a region whose account is unknown."""
        account = IMAGE_ACCOUNTS.get(self.region)
        if account is None:
            raise UserError(
                f"stage {self.name}: no account of AWS's XGBoost image is known for {self.region};"
                " add it to IMAGE_ACCOUNTS in infra/stages.py or set model_image"
            )
        return account

    @property
    def horizons(self) -> tuple[int, ...]:
        """Return the horizons that the registry holds models of, in days."""
        return (self.settings.horizon_days, *self.other_horizons)


STAGES = {
    stage.name: stage
    for stage in (
        Stage("prod"),
        Stage(
            "dev",
            flex=SIZES["dev"].flex,
            schedules_on=False,
            athena_scan_limit_gb=1,
            log_days=30,
            old_version_days=7,
            keep_data=False,
        ),
    )
}


def stage_named(name: str) -> Stage:
    """Return a stage; UserError for an unknown one."""
    if name not in STAGES:
        raise UserError(f"stage {name}: unknown; take one of {', '.join(sorted(STAGES))} (-c stage=…)")
    return STAGES[name]
