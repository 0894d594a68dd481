"""Verb: one training on SageMaker, started by hand on the snapshots that the weekly machine built."""

from datetime import date
from importlib.util import find_spec

from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import model_at, snapshots_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon

SAGEMAKER = "sagemaker"


def require_sdk() -> None:
    """Raise UserError where the `sagemaker` SDK is not installed beside the command."""
    if find_spec("sagemaker") is None or find_spec("sagemaker.train") is None:
        raise UserError(
            "the sagemaker SDK has an environment of its own: `make .venv-sagemaker` builds it, and "
            "`.venv-sagemaker/bin/python -m app train …` trains from there"
        )


def train_on(service: str, lake: Lake, segment: str, as_of: date, settings: Settings, **options: str) -> str:
    """Start the training job of one segment and return its name.

    Parameters
    ----------
    service
        `sagemaker`, the only one there is.
    options
        `code_folder`, `role`, `image`, `kms_key` and `instance_type` of `app.sagemaker_job.Place`.

    Raises
    ------
    UserError
        If the service is unknown, the SDK missing, the lake not on S3, the segment none that is scored, or
        no snapshots are committed for this t₀ and horizon.
    """
    if service != SAGEMAKER:
        raise UserError(f"--on {service}: expected {SAGEMAKER}")
    require_sdk()
    if segment not in SCORED:
        raise UserError(f"segment {segment!r}: expected one of {', '.join(SCORED)}")
    if lake.is_local:
        raise UserError(f"{lake.root}: SageMaker reads from S3; give --lake s3://…")
    from app.sagemaker_job import Place, start_training  # noqa: PLC0415 - only its environment has the SDK

    horizon = Horizon(settings.horizon_days)
    place = Place(
        manifest=_manifest(lake, as_of, horizon),
        models=lake.url(model_at(segment, horizon)),
        **options,
    )
    return start_training(segment, as_of, settings, place)


def _manifest(lake: Lake, as_of: date, horizon: Horizon) -> str:
    partition = snapshots_at(as_of, horizon)
    commit = lake.current(partition)
    if commit is None:
        raise UserError(
            f"{lake.url(partition)}: no snapshots of {horizon.days} days there; "
            "start the weekly machine with train: always for this as_of first"
        )
    return lake.url(f"{partition}/run={commit.run_id}/manifest.json")
