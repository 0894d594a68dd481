"""Links into the AWS console: the log of what failed, and the execution."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

TRAINING_LOGS, TRANSFORM_LOGS = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs"
GLUE_LOGS = "/aws-glue/jobs"


def execution_link(execution: str) -> str:
    """Return the console's page of an execution."""
    region = _region(execution)
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution}"


def log_link(cause: str, function: str | None, execution: str) -> str:
    """Return the console's page of the log of a failed job or function, or of the execution without one.

    Parameters
    ----------
    cause
        The cause that Step Functions gives: the JSON of the Glue run, of the SageMaker job, or of a Lambda
        function's exception; anything else names no log.
    function
        ARN of the function, where the failing state calls one.
    execution
        ARN of the execution, which names the region.
    """
    told = read_cause(cause)
    region = _region(execution)
    if function is not None:
        return _filtered(region, f"/aws/lambda/{function.split(':')[6]}", told.get("requestId", ""))
    if "Id" in told and "JobName" in told:
        group = str(told.get("LogGroupName", GLUE_LOGS)).rstrip("/")
        return _streams(region, f"{group}/error", str(told["Id"]))
    for key, group in (("TrainingJobName", TRAINING_LOGS), ("TransformJobName", TRANSFORM_LOGS)):
        if key in told:
            return _streams(region, group, told[key])
    return execution_link(execution)


def read_cause(cause: str) -> dict[str, Any]:
    """Return the object that a cause holds, empty where it is plain text."""
    try:
        told = json.loads(cause)
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def said(told: Mapping[str, Any], cause: str) -> str:
    """Return what a cause says in one line: the exception's, the run's or the job's own message."""
    for key in ("errorMessage", "ErrorMessage", "FailureReason"):
        if told.get(key):
            return " ".join(str(told[key]).split())
    return " ".join(cause.split())


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _streams(region: str, group: str, stream: str) -> str:
    return f"{_group(region, group)}$3FlogStreamNameFilter$3D{_twice(stream)}"


def _filtered(region: str, group: str, request: str) -> str:
    wanted = f"$3FfilterPattern$3D{_twice(chr(34) + request + chr(34))}" if request else ""
    return f"{_group(region, group)}/log-events{wanted}"


def _group(region: str, group: str) -> str:
    home = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    return f"{home}#logsV2:log-groups/log-group/{_twice(group)}"


def _twice(text: str) -> str:
    """Return a text as the console's fragments want it: percent-encoded twice, with $ for the outer %."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")
