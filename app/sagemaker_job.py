"""A training job as the `sagemaker` SDK starts it: what the weekly machine asks for, asked by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.training.configs import (
    Channel,
    Compute,
    DataSource,
    MetricDefinition,
    Networking,
    OutputDataConfig,
    S3DataSource,
    StoppingCondition,
    Tag,
)
from sagemaker.train import ModelTrainer

from clv.settings import Settings
from clv.training_metrics import METRIC_DEFINITIONS

IMAGE_VERSION = "3.2-0"
INSTANCE_TYPE = "ml.m5.xlarge"
VOLUME_GB = 30
MAX_SECONDS = 7200
CODE_ARCHIVE = "/opt/ml/input/data/code/sourcedir.tar.gz"
NO_TELEMETRY = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}


@dataclass(frozen=True)
class Place:
    """Where a job finds and puts things, all on S3: the snapshots' manifest, the code, the models.

    `role` and `image` may be empty: then the SDK takes the caller's role and AWS's own image of the region.
    """

    manifest: str
    code_folder: str
    models: str
    role: str
    image: str
    kms_key: str
    instance_type: str = INSTANCE_TYPE


def start_training(segment: str, as_of: date, settings: Settings, place: Place) -> str:
    """Start the job and return its name; errors of AWS and of the SDK pass through."""
    job = trainer(segment, as_of, settings, place)
    job.train(wait=False, logs=False)
    return str(job._latest_training_job.training_job_name)


def trainer(segment: str, as_of: date, settings: Settings, place: Place) -> ModelTrainer:
    """Return the trainer of one segment; it needs a region and credentials."""
    session = Session(sagemaker_config=NO_TELEMETRY)
    region = session.boto_region_name
    metrics = [MetricDefinition(name=each["Name"], regex=each["Regex"]) for each in METRIC_DEFINITIONS]
    return ModelTrainer(
        sagemaker_session=session,
        base_job_name=f"{segment}-{as_of:%Y%m%d}",
        role=place.role or None,
        training_image=place.image or image_uris.retrieve("xgboost", region, version=IMAGE_VERSION),
        hyperparameters=_hyperparameters(segment, as_of, settings),
        # Under network isolation pip finds no build tools but those of the image; the flag is inverted.
        environment={"PIP_NO_BUILD_ISOLATION": "0"},
        networking=Networking(enable_network_isolation=True),
        input_data_config=[
            _channel("snapshots", "ManifestFile", place.manifest),
            _channel("code", "S3Prefix", place.code_folder),
        ],
        output_data_config=OutputDataConfig(s3_output_path=place.models, **_key("kms_key_id", place)),
        compute=Compute(
            instance_type=place.instance_type,
            instance_count=1,
            volume_size_in_gb=VOLUME_GB,
            **_key("volume_kms_key_id", place),
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=MAX_SECONDS),
        tags=[Tag(key="project", value="clv"), Tag(key="run", value="by-hand")],
    ).with_metric_definitions(metrics)


def _hyperparameters(segment: str, as_of: date, settings: Settings) -> dict[str, str]:
    return {
        **settings.hyperparameters(),
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": CODE_ARCHIVE,
        "segment": segment,
        "as_of": as_of.isoformat(),
    }


def _channel(name: str, kind: str, url: str) -> Channel:
    source = S3DataSource(s3_data_type=kind, s3_uri=url, s3_data_distribution_type="FullyReplicated")
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=source))


def _key(name: str, place: Place) -> Mapping[str, Any]:
    return {name: place.kms_key} if place.kms_key else {}
