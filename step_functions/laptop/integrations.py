"""The service integrations of moto's interpreter that the weekly machine needs and moto lacks.

`.sync` of Glue and SageMaker waits by polling, outputs become plain JSON, errors bear AWS's names, `States.*`
errors reach the Catch of a Parallel, a retry waits a fraction of its interval, an execution ends in one step.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_unsupported import (  # noqa: E501 - its name
    StateTaskServiceUnsupported,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend import execution_worker
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication

from step_functions.laptop.looks import looks
from step_functions.laptop.made_once import made_once
from step_functions.laptop.replaced import replaced

RETRY_PACE = 0.01
"""Share of a retry's interval that the laptop waits: nothing here is throttled, a job only failed."""
SERVICES_BY_NAME = {
    "sagemaker": "SageMaker",
    "dynamodb": "DynamoDb",
    "sfn": "Sfn",
    "cloudwatch": "CloudWatch",
}
"""How AWS spells a service in the error names of `aws-sdk` tasks, where it is not its name with a capital."""
JOBS = {
    "create_training_job": ("TrainingJobName", "describe_training_job", "TrainingJobStatus"),
    "create_transform_job": ("TransformJobName", "describe_transform_job", "TransformJobStatus"),
}


@contextmanager
def integrations(retry_pace: float = RETRY_PACE) -> Iterator[None]:
    """Let moto's interpreter call the services as AWS does, for the length of a block.

    `retry_pace` is the share of a retry's interval that is waited.
    """
    paced = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * retry_pace))
    # For good: its threads outlive an interrupted run and complain of it.
    logging.getLogger("moto.stepfunctions.parser").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        stack.enter_context(made_once())
        stack.enter_context(replaced(state_task_factory, "state_task_service_for", _service_for))
        stack.enter_context(replaced(branches_decl, "CustomErrorName", _branch_error))
        stack.enter_context(replaced(execution_worker, "ExecutionData", _execution_data))
        stack.enter_context(replaced(BaseExecutionWorkerCommunication, REFLECT, _reflect_execution_status))
        stack.enter_context(replaced(retrier_decl, "time", paced))
        stack.enter_context(replaced(Preprocessor, "_inner_string_of", staticmethod(_inner_string_of)))
        yield


def plain(value: Any, *, epoch_millis: bool) -> Any:
    """Return a boto3 response as JSON: times as epoch milliseconds (`.sync`) or ISO text (`aws-sdk`)."""
    if isinstance(value, dict):
        return {name: plain(item, epoch_millis=epoch_millis) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, epoch_millis=epoch_millis) for item in value]
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000) if epoch_millis else value.isoformat()
    if hasattr(value, "read"):
        return value.read().decode()
    return value


class _Polled:
    """Waits for a job by asking for its state; moto's own waiting needs a task token that these lack."""

    def _eval_integration_pattern(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        ask: Callable[[], Any] = self._build_sync_resolver(  # type: ignore[attr-defined]
            env=env,
            resource_runtime_part=resource_runtime_part,
            normalised_parameters=normalised_parameters,
            state_credentials=state_credentials,
        )
        for _ in looks():
            if not env.is_running():
                return
            output = ask()
            if output is not None:
                env.stack.append(output)
                return


class _Glue(_Polled, StateTaskServiceGlue):  # type: ignore[misc]
    """`glue:startJobRun.sync`."""

    def _build_sync_resolver(self, **given: Any) -> Callable[[], Any]:
        ask = super()._build_sync_resolver(**given)
        return lambda: plain(ask(), epoch_millis=True)


class _SageMaker(_Polled, StateTaskServiceUnsupported):  # type: ignore[misc]
    """`.sync` of training and transform jobs, and plain calls such as `sagemaker:createModel`."""

    def __init__(self) -> None:
        super().__init__()
        self._supported_integration_patterns = {ResourceCondition.Sync}

    def _log_unsupported_warning(self) -> None:
        """Say nothing: these are supported here."""

    def _normalise_response(self, response: Any, *_: Any, **__: Any) -> None:
        _make_plain(response, epoch_millis=True)

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if not isinstance(ex, ClientError):
            return super()._from_error(env=env, ex=ex)
        said = ex.response["Error"]
        return self._failure(env, CustomErrorName(f"SageMaker.{said['Code']}"), said["Message"])

    def _build_sync_resolver(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> Callable[[], Any]:
        env.stack.pop()
        name, describe, status = JOBS[self._get_boto_service_action()]
        client = boto_client_for(
            service="sagemaker", region=resource_runtime_part.region, state_credentials=state_credentials
        )

        def ask() -> Any:
            job = getattr(client, describe)(**{name: normalised_parameters[name]})
            if job[status] in {"InProgress", "Stopping"}:
                return None
            job.pop("ResponseMetadata", None)
            job = plain(job, epoch_millis=True)
            if job[status] == "Completed":
                return job
            failed = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
            raise FailureEventException(self._failure(env, failed, to_json_str(job)))

        return ask

    def _failure(self, env: Any, name: ErrorName, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
            error=name.error_name,
            cause=cause,
        )
        return FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )


class _AwsSdk(StateTaskServiceAwsSdk):  # type: ignore[misc]
    """`aws-sdk:…` tasks with plain outputs and AWS's error names."""

    def _normalise_response(self, response: Any, *_: Any, **__: Any) -> None:
        _make_plain(response, epoch_millis=False)

    @staticmethod
    def _normalise_service_error_name(service_name: str) -> str:
        return SERVICES_BY_NAME.get(service_name.lower(), service_name[:1].upper() + service_name[1:])


OURS = {"glue": _Glue, "sagemaker": _SageMaker, "aws-sdk": _AwsSdk}
_service_of_moto = state_task_factory.state_task_service_for
_inner_string_of_moto: Callable[[Any], str | None] = Preprocessor._inner_string_of
_execution_data_of_moto = execution_worker.ExecutionData
REFLECT = "_reflect_execution_status"
_reflect_of_moto = BaseExecutionWorkerCommunication._reflect_execution_status


def _service_for(service_name: str) -> Any:
    return OURS[service_name]() if service_name in OURS else _service_of_moto(service_name)


def _branch_error(error_name: str | None = None) -> ErrorName:
    """Return the error that ended a branch; moto refuses those of the interpreter itself."""
    if error_name is not None and error_name.startswith("States."):
        return ErrorName(error_name=error_name)
    return CustomErrorName(error_name=error_name)


def _inner_string_of(parser_rule_context: Any) -> str | None:
    """Return a literal of the definition read as JSON; moto keeps its escapes (a quote, a Windows path)."""
    found = _inner_string_of_moto(parser_rule_context)
    if found is None or "\\" not in found:
        return found
    return str(json.loads(f'"{found}"'))


def _execution_data(**given: Any) -> Any:
    """Return the `Execution` of the context object, its start as text: moto leaves a datetime there."""
    start = given.get("StartTime")
    if isinstance(start, datetime):
        given["StartTime"] = start.isoformat().replace("+00:00", "Z")
    return _execution_data_of_moto(**given)


def _reflect_execution_status(self: Any) -> None:
    """Note how an execution ended, its status last: moto sets it first, and output or error only then."""
    ended = SimpleNamespace(exec_worker=self.execution.exec_worker)
    _reflect_of_moto(SimpleNamespace(execution=ended))
    status = vars(ended).pop("exec_status")
    vars(self.execution).update(vars(ended))
    self.execution.exec_status = status


def _make_plain(response: Any, *, epoch_millis: bool) -> None:
    if isinstance(response, dict):
        made = plain(response, epoch_millis=epoch_millis)
        response.clear()
        response.update(made)
