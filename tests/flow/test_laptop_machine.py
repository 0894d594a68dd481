"""moto's interpreter with our plug-ins, on a small machine and jobs of the test's."""

import os
import time
from collections import Counter

import boto3
import pytest
from moto.stepfunctions.parser.asl.eval.states import States

from clv.errors import UserError
from step_functions.laptop import cloud
from step_functions.laptop.jobs import Jobs, Runners
from step_functions.laptop.looks import LONGEST_PAUSE_SECONDS
from step_functions.laptop.machine import execute
from tests.flow.small_machine import SMALL_MACHINE


class Work:
    """Runners that note what they were asked, and fail as told."""

    def __init__(self, fails=None, lock=None, approved=True):
        self.fails = dict(fails or {})
        self.answers = {"lock": {"held_by": lock}, "resolve": {"approved": approved}}
        self.asked, self.attempts = {}, Counter()
        self.jobs = Jobs(Runners(self.glue, self.training, self.transform, self.function))

    def note(self, kind, name, what):
        self.asked[name] = what
        self.attempts[kind] += 1
        if self.fails.get(kind, ()):
            raise self.fails[kind].pop(0)

    def glue(self, name, arguments):
        self.note(name, name, arguments)

    def training(self, request):
        self.note(request.hyperparameters["segment"], request.name, request)
        return {"gini": 0.5}

    def transform(self, request):
        self.note("transform", request.name, request)

    def function(self, name, event):
        self.note(name, name, event)
        return self.answers[name]


def run(work, root="/a lake/of 'mine'", heard=None, **given):
    with cloud.cloud(work.jobs, {"CLV_PROCESS": "7"}):
        role = cloud.role("everything")
        cloud.glue_job("build", role, {"--engine": "duckdb"})
        cloud.client("sagemaker").create_model_package_group(ModelPackageGroupName="clv-early-180")
        values = {
            "LakeRoot": root,
            "Role": role,
            "Lock": cloud.function("lock", role),
            "Resolve": cloud.function("resolve", role),
        }
        definition = cloud.substituted(SMALL_MACHINE, values)
        entered = [].append if heard is None else heard.append
        return execute(definition, role, "run-2025-07-01-1", {"as_of": "2025-07-01", **given}, entered)


@pytest.fixture(scope="module")
def happy():
    work, heard = Work(), []
    return work, heard, run(work, heard=heard)


def test_every_kind_of_task_is_done_and_its_output_arrives(happy):
    _, _, ended = happy
    assert ended.status == "SUCCEEDED", (ended.error, ended.cause)
    assert ended.output["package"].endswith(":model-package/clv-early-180/1")
    assert ended.output["hyper"]["quoted"] == 'a "quoted" \\ value'
    early, established = ended.output["trained"]
    assert (
        early["model"] == "/a lake/of 'mine'/models/early/train-early-run-2025-07-01-1-0/output/model.tar.gz"
    )
    assert established["metrics"][0]["Value"] == 0.5


def test_jobs_get_what_the_services_were_asked_for(happy):
    work, *_ = happy
    assert work.asked["build"] == {
        "--engine": "duckdb",
        "--lake": "/a lake/of 'mine'",
        "--run-id": "run-2025-07-01-1",
    }
    training = work.asked["train-early-run-2025-07-01-1-0"]
    assert training.hyperparameters["segment"] == "early"
    assert training.channels["snapshots"]["DataSource"]["S3DataSource"]["S3Uri"].endswith("/snapshots")
    assert training.metric_definitions == ({"Name": "gini", "Regex": "gini:([0-9.]+)"},)
    transform = work.asked["transform-early-run-2025-07-01-1-0"]
    assert transform.model_data == training.artifact
    assert transform.environment == {"A": "1"}


def test_progress_names_the_working_states(happy):
    _, heard, _ = happy
    assert [heard[0], heard[1], heard[-1]] == ["TakeLock", "Build", "Transform"]
    assert sorted(heard[2:4]) == ["TrainEarly", "TrainEstablished"]


@pytest.mark.parametrize("job", ["build", "early", "transform"])
def test_a_job_that_fails_once_is_tried_again_and_soon(job):
    work = Work(fails={job: [OSError("disk away")]})
    started = time.monotonic()
    ended = run(work)
    assert ended.status == "SUCCEEDED"
    assert work.attempts[job] == 2
    assert work.jobs.first_error() is None
    assert time.monotonic() - started < 15  # the machine says 30 s


@pytest.mark.parametrize(
    ("job", "state"),
    [("build", "Build"), ("established", "Train"), ("transform", "Transform"), ("resolve", "Resolve")],
)
def test_a_job_that_always_fails_ends_in_fail_with_its_own_error_at_hand(job, state):
    error = OSError("disk away")
    work = Work(fails={job: [error, error]})
    ended = run(work)
    assert (ended.status, ended.error) == ("FAILED", "WeeklyRunFailed")
    assert ended.cause.startswith(f"{state}: ")
    assert "disk away" in ended.cause
    assert ended.states[-1] == "Failed"
    assert work.jobs.first_error() is error
    assert error.__traceback__ is not None


def test_an_error_of_the_users_is_not_worked_on_twice():
    work = Work(fails={"build": [UserError("orders.csv: no column order_id")]})
    ended = run(work)
    assert ended.status == "FAILED"
    assert work.attempts["build"] == 1
    assert str(work.jobs.first_error()) == "orders.csv: no column order_id"


def test_a_held_lock_ends_the_run_cleanly():
    ended = run(Work(lock="run-x"))
    assert (ended.status, ended.output, ended.states[-1]) == (
        "SUCCEEDED",
        {"held_by": "run-x"},
        "AnotherRunIsAtWork",
    )


def test_an_execution_that_has_ended_tells_its_output_at_once(monkeypatch):
    real = States.get_input

    def slowly(self):
        time.sleep(1.5 * LONGEST_PAUSE_SECONDS)
        return real(self)

    monkeypatch.setattr(States, "get_input", slowly)
    assert run(Work(lock="run-x")).output == {"held_by": "run-x"}


def test_without_an_approved_model_nothing_is_scored():
    work = Work(approved=False)
    ended = run(work)
    assert (ended.error, ended.cause) == ("NoApprovedModel", "Resolve: no approved model of 180 days")
    assert work.attempts["transform"] == 0
    assert work.jobs.first_error() is None


def test_an_expression_that_gives_nothing_is_caught():
    work = Work()
    work.answers["resolve"] = {}
    ended = run(work)
    assert ended.status == "FAILED"
    assert "returned nothing" in ended.cause


def test_the_account_is_gone_afterwards_and_the_environment_as_before(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    environ = os.environ  # noqa: TID251 - it is what is tested
    before = dict(environ)
    client = boto3.client
    run(Work())
    assert dict(environ) == before
    assert boto3.client is client
