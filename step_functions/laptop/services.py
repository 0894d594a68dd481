"""Glue, SageMaker and Lambda of moto with our jobs at work in them.

moto answers for these services and runs nothing; here a job run, a training job, a transform job and an
invocation do their work, and their state is that of the work.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.utils import utcnow
from moto.glue import models as glue
from moto.sagemaker import models as sagemaker

from step_functions.laptop.jobs import Jobs, Training, Transform, function_error
from step_functions.laptop.replaced import replaced

LONGEST_REASON = 1024
LOG_GROUP, GLUE_LOGS = "--custom-logGroup-prefix", "/aws-glue/jobs"
"""The argument that names a job's log groups, and their name without it."""


@contextmanager
def services(jobs: Jobs) -> Iterator[None]:
    """Let moto's services run jobs for the length of a block; afterwards wait for those still at work."""
    with ExitStack() as stack:
        stack.enter_context(replaced(glue, "FakeJobRun", _JobRun))
        stack.enter_context(replaced(glue.FakeJob, "start_job_run", _start_job_run(jobs)))
        stack.enter_context(replaced(sagemaker, "FakeTrainingJob", _done_by(jobs, _TrainingJob)))
        stack.enter_context(replaced(sagemaker, "FakeTransformJob", _done_by(jobs, _TransformJob)))
        stack.enter_context(replaced(LambdaSimpleBackend, "invoke", _invoke(jobs)))
        yield
        jobs.wait()


class _JobRun(glue.FakeJobRun):  # type: ignore[misc]
    """A Glue job run whose state is that of its work, not a count of how often it was looked at."""

    __module__ = "moto.glue.models"
    error: str | None = None

    @property
    def status(self) -> str | None:
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    def ended(self, _: Any, error: Exception | None) -> None:
        """Note how the work ended."""
        self.completed_on = self.modified_on = utcnow()
        if error is not None:
            self.error = f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        self.status = "SUCCEEDED" if error is None else "FAILED"

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = super().as_dict()
        told["LogGroupName"] = dict(self.arguments or {}).get(LOG_GROUP, GLUE_LOGS)
        told["ExecutionTime"] = int((self.completed_on - self.started_on).total_seconds())
        if self.error:
            told["ErrorMessage"] = self.error
        return told


_start_run_of_moto = glue.FakeJob.start_job_run


def _start_job_run(jobs: Jobs) -> Any:
    def start_job_run(self: Any, **given: Any) -> str:
        run_id: str = _start_run_of_moto(self, **given)
        run = next(run for run in self.job_runs if run.job_run_id == run_id)
        run.status = "RUNNING"
        jobs.start(f"job {self.name}", lambda: jobs.runners.glue(self.name, dict(run.arguments)), run.ended)
        return run_id

    return start_job_run


class _TrainingJob(sagemaker.FakeTrainingJob):  # type: ignore[misc]
    """A training job whose state is that of its work."""

    __module__ = "moto.sagemaker.models"
    jobs: Jobs
    """Set on the class: moto answers from all it finds in a job."""

    def __init__(self, **given: Any) -> None:
        definitions = tuple(given["algorithm_specification"].get("MetricDefinitions", ()))
        super().__init__(**given)
        self.algorithm_specification["MetricDefinitions"] = list(definitions)
        self.training_job_status, self.secondary_status = "InProgress", "Training"
        self.failure_reason: str | None = None  # set now: moto answers from all it finds
        self.final_metric_data_list: list[dict[str, Any]] = []
        request = Training(
            name=self.training_job_name,
            hyperparameters=dict(self.hyper_parameters or {}),
            channels={channel["ChannelName"]: channel for channel in self.input_data_config or []},
            artifact=self.model_artifacts["S3ModelArtifacts"],
            metric_definitions=definitions,
        )
        self.jobs.start(f"training {request.name}", lambda: self.jobs.runners.training(request), self._ended)

    def _ended(self, metrics: Mapping[str, float] | None, error: Exception | None) -> None:
        now = self.last_modified_time = self.training_end_time = utcnow()
        self.final_metric_data_list = [
            {"MetricName": name, "Value": value, "Timestamp": now} for name, value in (metrics or {}).items()
        ]
        if error is not None:
            self.failure_reason = _reason(error)
        self.secondary_status = "Completed" if error is None else "Failed"
        self.training_job_status = self.secondary_status


class _TransformJob(sagemaker.FakeTransformJob):  # type: ignore[misc]
    """A transform job whose state is that of its work."""

    __module__ = "moto.sagemaker.models"
    jobs: Jobs
    """Set on the class: moto answers from all it finds in a job."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.transform_job_status = "InProgress"
        self._account, self._region = given["account_id"], given["region_name"]
        request = self._request()
        self.jobs.start(
            f"transform {request.name}", lambda: self.jobs.runners.transform(request), self._ended
        )

    def _request(self) -> Transform:
        backend = sagemaker.sagemaker_backends[self._account][self._region]
        container = backend.describe_model(self.model_name).primary_container
        data, environment = _artifact(backend, container)
        return Transform(
            name=self.transform_job_name,
            model_data=data,
            environment={**environment, **(self.environment or {})},
            manifest=self.transform_input["DataSource"]["S3DataSource"]["S3Uri"],
            output=self.transform_output["S3OutputPath"],
            content_type=self.transform_input.get("ContentType", ""),
            accept=self.transform_output.get("Accept", ""),
        )

    def _ended(self, _: Any, error: Exception | None) -> None:
        self.last_modified_time = self.transform_end_time = utcnow()
        if error is not None:
            self.failure_reason = _reason(error)
        self.transform_job_status = "Completed" if error is None else "Failed"


def _done_by(jobs: Jobs, kind: type) -> type:
    """Return a class of jobs whose work these do."""
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "jobs": jobs})


def _artifact(backend: Any, container: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return artefact and environment of a model's container, its own or its package's."""
    if "ModelPackageName" in container:
        package = backend.describe_model_package(container["ModelPackageName"])
        container = package.inference_specification["Containers"][0]
    return container["ModelDataUrl"], dict(container.get("Environment", {}))


def _invoke(jobs: Jobs) -> Any:
    def invoke(
        self: Any, function_name: str, qualifier: Any, body: Any, _: Any, response_headers: dict[str, str]
    ) -> bytes:
        name = self.get_function(function_name, qualifier).function_name
        try:
            result = jobs.call(
                f"function {name}", lambda: jobs.runners.function(name, json.loads(body or "{}"))
            )
            return json.dumps(result).encode()
        except Exception as error:  # noqa: BLE001 - Lambda answers with the error; the machine catches it
            response_headers["x-amz-function-error"] = "Unhandled"
            return function_error(error).encode()

    return invoke


def _reason(error: Exception) -> str:
    return f"AlgorithmError: {type(error).__name__}: {error}"[:LONGEST_REASON]
