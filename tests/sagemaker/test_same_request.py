"""`clv train --on sagemaker` asks for the training job that the weekly machine asks for."""

import json
import os
import subprocess
import urllib.request
from base64 import b64decode
from datetime import date

import boto3
import jsonata
import pytest

from clv.lake import Lake
from clv.partitions import model_at, snapshots_at
from clv.settings import Settings
from clv.timeline import Horizon
from infra.archives import CHECKOUT

PYTHON = CHECKOUT / ".venv-sagemaker" / "bin" / "python"
MACHINE = CHECKOUT / "step_functions" / "weekly.asl.json"
AS_OF, SEGMENT, SETTINGS = date(2026, 7, 1), "early", Settings(horizon_days=90)
CODE = "s3://assets/code/"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.2-0"
NAMES = {"TrainingJobName"}


@pytest.fixture
def role(s3):
    """The ARN of a role that SageMaker may take; the SDK looks it up."""
    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    try:
        made = iam.create_role(RoleName="training", AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        made = iam.get_role(RoleName="training")
    return made["Role"]["Arn"]


def commit_snapshots(url):
    with Lake.at(url).commit(snapshots_at(AS_OF, Horizon(90)), "r1") as draft:
        (draft.folder / "manifest.json").write_text("[]")


def by_hand(url, *more):
    """Run the command in the SDK's environment; it sees the server that this test talks to."""
    command = [PYTHON, "-m", "app", "train", "--on", "sagemaker", "--lake", url, "--as-of", str(AS_OF)]
    command += ["--segment", SEGMENT, "--horizon-days", "90", "--code", CODE, *more]
    # moto cannot simulate policies, by which the SDK judges the role.
    seen = {**os.environ, "SAGEMAKER_VALIDATE_ROLE": "false"}  # noqa: TID251 - the server's address is there
    return subprocess.run(command, cwd=CHECKOUT, env=seen, capture_output=True, text=True, check=False)


def recorded(server, what):
    with urllib.request.urlopen(f"{server}/moto-api/recorder/{what}", data=b"", timeout=60) as said:
        return said.read().decode()


@pytest.fixture
def recording(s3_server):
    """The address of the server, which writes down what it is asked."""
    recorded(s3_server, "reset-recording")  # of the test before
    recorded(s3_server, "start-recording")
    yield s3_server
    recorded(s3_server, "stop-recording")


def asked(server):
    """Return what the server was asked for under CreateTrainingJob."""
    lines = [json.loads(line) for line in recorded(server, "download-recording").splitlines() if line]
    bodies = [
        line["body"]
        for line in lines
        if dict(line["headers"]).get("X-Amz-Target") == "SageMaker.CreateTrainingJob"
    ]
    assert len(bodies) == 1
    return json.loads(b64decode(bodies[0]))


def by_machine(url, role):
    """Return the Arguments of the machine's state, its expressions evaluated as Step Functions does."""
    lake, horizon = url, Horizon(90)
    text = MACHINE.read_text()
    for name, value in {
        "TrainingRole": role, "ModelImage": IMAGE, "KmsKey": KEY, "CodeFolder": CODE, "TrainingInstance": "ml.m5.xlarge",
    }.items():  # fmt: skip
        text = text.replace(f"${{{name}}}", value)
    states = json.loads(text)["States"]
    plan = {
        "short_id": "r1", "run_id": "r1", "as_of": str(AS_OF), "hyperparameters": SETTINGS.hyperparameters(),
        "paths": {"models": {SEGMENT: f"{lake}/{model_at(SEGMENT, horizon)}"}},
    }  # fmt: skip
    manifest = f"{lake}/{snapshots_at(AS_OF, horizon)}/run=r1/manifest.json"
    bound = {
        "plan": plan,
        "snapshots": {"champions": {SEGMENT: []}},
        "states": {
            "context": {"Execution": {}, "State": {"RetryCount": 0}},
            "result": {"Payload": {"manifest": manifest}},
        },
    }
    bound["channels"] = evaluated(states["FindSnapshots"]["Assign"]["channels"], bound)
    early = states["Train"]["Branches"][0]
    return evaluated(early["States"][early["StartAt"]]["Arguments"], bound)


def evaluated(value, bound):
    if isinstance(value, dict):
        return {name: evaluated(inner, bound) for name, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(inner, bound) for inner in value]
    if isinstance(value, str) and value.startswith("{%"):
        expression = jsonata.Jsonata(value.removeprefix("{%").removesuffix("%}").strip())
        frame = expression.create_frame()
        for name, given in bound.items():
            frame.bind(name, given)
        return json.loads(json.dumps(expression.evaluate(None, frame)))
    return value


def comparable(request):
    """Return the request without its names; how output is packed is said only by the SDK, as by default."""
    kept = {name: value for name, value in request.items() if name not in NAMES}
    kept["Tags"] = [tag for tag in kept["Tags"] if tag["Key"] != "run"]
    kept["OutputDataConfig"] = {"CompressionType": "GZIP", **kept["OutputDataConfig"]}
    return kept


def test_request_of_the_command_is_the_machines_but_for_its_names(s3, recording, role):
    commit_snapshots(s3)
    done = by_hand(s3, "--role", role, "--image", IMAGE, "--kms-key", KEY, "--json")
    assert done.returncode == 0, done.stderr
    request = asked(recording)
    assert json.loads(done.stdout) == {"training_job": request["TrainingJobName"]}
    assert comparable(request) == comparable(by_machine(s3, role))


def test_image_is_awss_own_of_the_region_where_none_is_said(s3, recording, role):
    commit_snapshots(s3)
    done = by_hand(s3, "--role", role)
    assert done.returncode == 0, done.stderr
    assert asked(recording)["AlgorithmSpecification"]["TrainingImage"] == IMAGE


def test_t0_without_snapshots_is_one_clear_line(s3):
    done = by_hand(s3)
    assert done.returncode == 2
    assert "no snapshots of 90 days there; start the weekly machine" in done.stderr
