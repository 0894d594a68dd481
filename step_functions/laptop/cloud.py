"""An account of moto's in this process: no network, and credentials that open nothing."""

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
from moto import mock_aws

from step_functions.laptop.integrations import RETRY_PACE, integrations
from step_functions.laptop.jobs import Jobs
from step_functions.laptop.jsonata import jsonata_bound
from step_functions.laptop.services import services

REGION = "eu-central-1"
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
NO_CONFIGURATION: Mapping[str, str | None] = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_PROFILE": None,
    "AWS_DEFAULT_PROFILE": None,
    "AWS_SESSION_TOKEN": None,
}
"""The user's own account must not be reached, whatever is configured."""
MOTO = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}


@contextmanager
def cloud(jobs: Jobs, variables: Mapping[str, str], retry_pace: float = RETRY_PACE) -> Iterator[None]:
    """Put moto's account in the place of AWS for the length of a block, `jobs` at work in its services.

    `variables` are the environment of the Lambda functions, whose handlers run in this process.
    """
    with ExitStack() as stack:
        stack.enter_context(environment({**NO_CONFIGURATION, **variables}))
        stack.enter_context(mock_aws(config=MOTO))
        stack.enter_context(jsonata_bound())
        stack.enter_context(integrations(retry_pace))
        stack.enter_context(services(jobs))
        yield


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set (None: remove) environment variables for the length of a block."""
    environ = os.environ  # noqa: TID251 - handlers read their settings there, as on Lambda
    before = {name: environ.get(name) for name in variables}
    _set(environ, variables)
    try:
        yield
    finally:
        _set(environ, before)


def client(service: str) -> Any:
    """Return a client of the account."""
    return boto3.client(service, region_name=REGION)


def role(name: str) -> str:
    """Create a role and return its ARN."""
    made = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    return str(made["Role"]["Arn"])


def glue_job(name: str, role_arn: str, arguments: Mapping[str, str]) -> str:
    """Create a Glue job with default arguments and return its name."""
    client("glue").create_job(
        Name=name, Role=role_arn, Command={"Name": "glueetl"}, DefaultArguments=dict(arguments)
    )
    return name


def function(name: str, role_arn: str) -> str:
    """Create a Lambda function and return its ARN; its code is the handler that a runner calls."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "")
    made = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role_arn,
        Handler="handler.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return str(made["FunctionArn"])


def substituted(definition: str, values: Mapping[str, str]) -> str:
    """Return a definition with its `${Placeholders}` filled in, as CloudFormation would.

    KeyError names a placeholder that has no value.
    """
    return PLACEHOLDER.sub(lambda found: json.dumps(values[found[1]])[1:-1], definition)


def _set(environ: Any, variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
