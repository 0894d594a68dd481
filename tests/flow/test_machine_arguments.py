"""What each task asks of its service, judged by the service's own model in botocore."""

import json
import re

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from moto import mock_aws

from clv.settings import Settings
from tests.flow.machine import evaluate, load, states
from tests.flow.machine_walk import LAKE, WALK, Walk
from tests.handlers.trainings import VERDICT

STATES = states(load())
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
SERVICES = {"glue", "sagemaker", "lambda"}


@pytest.fixture(scope="module")
def walks():
    """A run with a champion in each group, and one without."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "CLV_SETTINGS", "CLV_PROCESS", "TOPIC_ARN"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        for champions in (True, False):
            with mock_aws():
                found[champions] = Walk({"train": "always", "until": "decided"}, champions=champions)
    return found


@pytest.fixture(scope="module")
def asked(walks):
    return walks[True].arguments


def operation(task):
    """Return the API operation of a task in botocore's model."""
    service, action = task["Resource"].removesuffix(".sync").split(":")[-2:]
    assert service in SERVICES
    model = get_session().get_service_model(service)
    return model.operation_model(action[0].upper() + action[1:])


def texts(shape, value, path=""):
    """Yield path, shape and text of every string below a value."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            yield from texts(shape.members[key], inner, f"{path}.{key}")
    elif shape.type_name == "list":
        for inner in value:
            yield from texts(shape.member, inner, path)
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from texts(shape.value, inner, f"{path}.{key}")
    elif shape.type_name == "string":
        yield path, shape, value


def misfits(shape, value):
    """Return the texts below a value that break their shape's pattern, enum or length: the service checks."""
    return [
        f"{path}: {text!r} is no {of.name}"
        for path, of, text in texts(shape, value)
        if not fits(of.metadata.get("pattern", ""), text)
        or (of.enum and text not in of.enum)
        or len(text) > of.metadata.get("max", len(text))
    ]


def fits(pattern, text):
    """Say whether a text fits; Java's classes of characters, which Python does not read, are not judged."""
    return not pattern or r"\p" in pattern or r"\u" in pattern or re.fullmatch(pattern, text, re.DOTALL)


def test_every_task_is_walked():
    assert set(WALK) == set(TASKS)


@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_service_takes_what_the_task_asks(walks, name):
    shape = operation(TASKS[name]).input_shape
    for walk in walks.values():
        given = dict(walk.arguments[name])
        if "Payload" in given:
            given["Payload"] = json.dumps(given["Payload"])
        report = ParamValidator().validate(given, shape)
        assert not report.has_errors(), report.generate_report()
        assert misfits(shape, given) == []


def test_the_judge_of_arguments_sees_a_bad_name_a_bad_enum_and_a_missing_key():
    shape = operation(TASKS["TransformEarly"]).input_shape
    assert misfits(shape, {"TransformJobName": "a_b"}) != []
    assert misfits(shape, {"BatchStrategy": "Both"}) != []
    assert ParamValidator().validate({"ModelName": "m"}, shape).has_errors()


def test_glue_jobs_get_texts_only_and_the_common_arguments(asked):
    for name in ("BuildLedger", "BuildFeatures", "BuildSnapshots", "PublishScores", "Watch", "Decide"):
        given = asked[name]["Arguments"]
        assert all(isinstance(value, str) for value in given.values())
        assert (given["--lake"], given["--as-of"], given["--run-id"]) == (LAKE, "2025-07-07", "run-a")
        assert Settings.from_json(given["--settings"]) == Settings()
        assert given["--replace"] == "false"


def test_publishing_and_watching_learn_package_versions_and_evaluations(asked):
    published = asked["PublishScores"]["Arguments"]
    packages = json.loads(published["--packages"])
    assert packages["early"]["version"] == "clv-early-365/2"
    assert packages["early"]["arn"].endswith(":model-package/clv-early-365/2")
    assert published["--transform"] == f"{LAKE}/transform/horizon_days=365/as_of=2025-07-07/run=run-a"
    watched = json.loads(asked["Watch"]["Arguments"]["--evaluations"])
    home = f"{LAKE}/models/horizon_days=365/segment=early/early-run-a-0-1"
    assert watched["early"] == f"{home}/evaluation.json"


def test_people_are_told_of_the_model_that_was_not_approved_and_of_no_other(asked):
    (told,) = asked["TellVerdicts"]["Payload"]["waiting"]
    assert (told["segment"], told["status"]) == ("early", "Rejected")
    assert told["package"].endswith(":model-package/clv-early-365/2")
    assert told["reason"] == VERDICT["reason"]


def test_hyperparameters_are_the_settings_and_the_toolkits_two(asked):
    given = dict(asked["TrainEarly"]["HyperParameters"])
    assert given.pop("sagemaker_program") == "train.py"
    assert given.pop("sagemaker_submit_directory") == "/opt/ml/input/data/code/sourcedir.tar.gz"
    assert (given.pop("segment"), given.pop("as_of")) == ("early", "2025-07-07")
    assert Settings.from_hyperparameters(given) == Settings()


@pytest.mark.parametrize(
    ("champions", "channels"),
    [(True, ["snapshots", "code", "champion", "leaderboard"]), (False, ["snapshots", "code"])],
)
def test_a_training_meets_the_champion_only_where_there_is_one(walks, champions, channels):
    for name in ("TrainEarly", "TrainEstablished"):
        given = walks[champions].arguments[name]["InputDataConfig"]
        assert [channel["ChannelName"] for channel in given] == channels


def test_jobs_are_encrypted_isolated_and_named_by_attempt(asked):
    for name, task in TASKS.items():
        if "createTrainingJob" in task["Resource"]:
            assert asked[name]["EnableNetworkIsolation"] is True
            assert asked[name]["OutputDataConfig"]["KmsKeyId"].startswith("arn:aws:kms")
            assert asked[name]["ResourceConfig"]["VolumeKmsKeyId"].startswith("arn:aws:kms")
            assert asked[name]["TrainingJobName"].endswith("-run-a-0-1")
        if "createTransformJob" in task["Resource"]:
            assert asked[name]["TransformOutput"]["KmsKeyId"].startswith("arn:aws:kms")
            assert asked[name]["TransformResources"]["VolumeKmsKeyId"].startswith("arn:aws:kms")
            assert asked[name]["TransformJobName"].endswith("-run-a-0-1")
    assert asked["CreateModelEarly"]["EnableNetworkIsolation"] is True


def test_a_redriven_execution_names_its_jobs_anew(walks):
    plan = walks[True].known["plan"]
    context = {"Execution": {"RedriveCount": 2}, "State": {"RetryCount": 0}}
    for name, key in (("TrainEarly", "TrainingJobName"), ("TransformEarly", "TransformJobName")):
        text = STATES[name]["Arguments"][key]
        named = evaluate(text, {"plan": plan, "states": {"context": context}})
        assert named == "early-run-a-2-0"


def test_batch_transform_reads_the_manifest_and_answers_parquet_by_segment(asked):
    for segment, name in (("early", "TransformEarly"), ("established", "TransformEstablished")):
        given = asked[name]
        source = given["TransformInput"]["DataSource"]["S3DataSource"]
        assert source["S3DataType"] == "ManifestFile"
        assert source["S3Uri"].endswith(f"/run=run-a/manifest-{segment}.json")
        assert given["TransformOutput"]["S3OutputPath"].endswith(f"/run=run-a/segment={segment}/")
        assert given["MaxConcurrentTransforms"] * given["MaxPayloadInMB"] <= 100
        assert given["ModelName"] == asked[name.replace("Transform", "CreateModel")]["ModelName"]
