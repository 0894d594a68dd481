"""`docs/deploy.md` names what the stacks make and commands that exist."""

import json
import re
import shlex
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from clv.contracts import RAW_TABLES, WEB_EVENT_TYPES
from infra import names
from infra.intake import EVENT_TABLES
from infra.stages import STAGES
from step_functions.handlers.request import read_request

PAGE = Path(__file__).parents[2] / "docs" / "deploy.md"
ROOT = PAGE.parents[1]
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
STAMPS = {".venv/.aws", ".venv/.dashboard"}
OF_EVERY_COMMAND = {"query", "output", "cli-binary-format"}
HIGH_LEVEL = {("s3", "sync"), ("s3", "cp"), ("logs", "tail"), ("configure", "set")}
HIGH_LEVEL |= {("configure", "export-credentials")}
"""Commands of the AWS command line itself, which are no operation of a service."""


def commands(program):
    """The words of each command of a program, without what the shell adds around it."""
    joined = "\n".join(BLOCKS).replace("\\\n", " ")
    found = re.findall(
        rf"(?:^|\$\(|; |then ){re.escape(program)} (.*?)(?:\)$|; fi$|\); do$|; do$| +#.*$|$)",
        joined,
        re.MULTILINE,
    )
    return [shlex.split(words) for words in found]


def of_services():
    return [words for words in commands("aws") if tuple(words[:2]) not in HIGH_LEVEL]


def options(words):
    return {word[2:] for word in words if word.startswith("--")}


def test_every_kind_of_command_is_found():
    assert len(of_services()) >= 15
    assert len(commands(".venv/bin/clv")) >= 4
    assert len(commands("make")) >= 4


@pytest.mark.parametrize("words", of_services(), ids=lambda words: "-".join(words[:2]))
def test_an_aws_command_is_an_operation_with_these_options(words):
    service, command, *rest = words
    model = botocore.session.get_session().get_service_model({"s3api": "s3"}.get(service, service))
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[command]).input_shape
    known = {xform_name(name, "-") for name in shape.members} if shape else set()
    given = {option.removeprefix("no-") for option in options(rest)} - OF_EVERY_COMMAND
    assert given <= known
    assert {xform_name(name, "-") for name in (shape.required_members if shape else [])} <= given


def test_make_targets_are_there():
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    for words in commands("make"):
        for target in (word for word in words if "=" not in word):
            assert re.search(rf"^{re.escape(target)}:", made, re.MULTILINE) or target in STAMPS


def test_inputs_of_executions_are_taken_by_the_machine():
    asked = [json.loads(text) for text in re.findall(r"--input '(.*?)'", TEXT)]
    assert len(asked) >= 4
    for given in asked:
        read_request(given, "2026-07-06T09:00:00Z", {})


def test_names_are_those_of_the_stacks():
    for name in (names.STATE_MACHINE, names.WORKGROUP, names.DASHBOARD, names.GLUE_LOGS, names.PREFIX):
        assert name in TEXT
    groups = {names.package_group(s, STAGES["prod"].settings.horizon_days) for s in ("early", "established")}
    assert set(re.findall(r"clv-(?:early|established)-\d+", TEXT)) == groups
    streams = {f"{names.PREFIX}-{table.replace('_', '-')}" for table in EVENT_TABLES}
    assert set(re.findall(r"clv-\w+-events", TEXT)) <= streams
    assert f"AWS_REGION={STAGES['prod'].region}" in TEXT
    bucket = f"{names.PREFIX}-lake-$ACCOUNT-$AWS_REGION"
    assert f"LAKE=s3://{bucket}" in TEXT
    for stack in re.findall(r"--stack-name (\w+)", TEXT):
        assert stack in (ROOT / "infra" / "app.py").read_text(encoding="utf-8")


def test_instances_whose_quota_is_asked_for_are_those_deployed():
    stage = STAGES["prod"]
    assert f"{stage.training_instance} for training job usage" in TEXT
    assert f"{stage.transform_instance} for transform job usage" in TEXT
    assert f"| {max(job.workers for job in stage.jobs.values())}: the largest job" in TEXT


def test_tables_brought_are_raw_tables_and_the_event_fits_its_contract():
    listed = re.search(r"for table in (.*?);", TEXT).group(1).split()
    assert set(listed) <= set(RAW_TABLES)
    [record] = json.loads(re.search(r"--records '(.*?)'\n", TEXT).group(1))
    table = RAW_TABLES["web_events"]
    given = json.loads(record["Data"])
    assert set(given) <= set(table.names)
    assert given["type"] in WEB_EVENT_TYPES
    assert {column.name for column in table.columns if column.required and not column.nullable} <= set(given)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (PAGE.parent / target).exists(), target
