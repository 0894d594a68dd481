"""What the deployed machine does about faults: one deployed stack, jobs that fail as told, real functions."""

import json
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from moto.core.exceptions import JsonRESTError
from moto.glue.models import GlueBackend
from moto.sagemaker.models import SageMakerModelBackend

from step_functions.handlers.store import store_at
from step_functions.laptop.cloud import client, environment
from step_functions.laptop.machine import end_of
from step_functions.rehearsal import evidence, schedule
from step_functions.rehearsal.processes import JobFailed
from step_functions.rehearsal.rehearse import deployed, run_week
from tests.flow.faulty_week import MONDAYS, check_told, lock_of, names, refusing, run, sagemaker_error
from tests.flow.stub_jobs import Gate, StubJobs
from tests.handlers.trainings import REPORTS

BEFORE_ALL = date(2020, 1, 6)
JOBS = {
    "ledger": "BuildLedger",
    "features": "BuildFeatures",
    "snapshots": "BuildSnapshots",
    "train-early": "TrainEarly",
    "train-established": "TrainEstablished",
    "transform-early": "TransformEarly",
    "transform-established": "TransformEstablished",
    "publish": "PublishScores",
    "watch": "Watch",
    "decide": "Decide",
}
"""The state of each job."""
FUNCTIONS = {"plan": "Plan", "lock": "TakeLock", "resolve": "FindSnapshots", "verdict": "JudgeEarly"}
LOGS = {"train": "TrainingJobs", "transform": "TransformJobs"}


def silent(line):
    """Drop the progress."""


@pytest.fixture(scope="module")
def stacks(assembly):
    """The deployed stacks; every test puts jobs of its own to work in them."""
    with deployed(assembly, silent, StubJobs().runners(), retry_pace=0.0005) as made:
        functions = [
            client("lambda").get_function_configuration(FunctionName=f"clv-{name}")
            for name in ("plan", "notify")
        ]
        variables = {k: v for told in functions for k, v in told["Environment"]["Variables"].items()}
        with environment(variables):
            yield made


@pytest.fixture
def jobs(stacks):
    stubs = StubJobs()
    stacks.jobs.runners = stubs.runners()
    return stubs


def test_a_job_that_fails_once_is_tried_again_and_the_run_succeeds(stacks, jobs):
    for job in JOBS:
        jobs.fails[job] = [JobFailed("a machine went away")]
    found = run(stacks)
    assert found.succeeded, (found.error, found.cause)
    assert {job: jobs.attempts[job] for job in JOBS} == dict.fromkeys(JOBS, 2)
    assert found.messages == ()
    assert lock_of(stacks) is None


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_always_fails_is_told_with_its_log_and_ends_the_run(stacks, jobs, job):
    jobs.fails[job] = [JobFailed("no column order_id")] * 9
    message = check_told(stacks, run(stacks), JOBS[job], "no column order_id")
    assert jobs.attempts[job] == 2
    assert LOGS.get(job.split("-")[0], "aws-glue") in message


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_fails_is_told_with_its_log_and_ends_the_run(stacks, jobs, function):
    jobs.fails[function] = [ValueError("no such thing")]
    found = run(stacks)
    state = found.error.removeprefix("Clv.").removesuffix("Failed")
    assert state.replace("Established", "Early") == FUNCTIONS[function]
    assert f"clv-{function}" in check_told(stacks, found, state, "no such thing")


def test_scores_are_published_by_none_of_the_runs_that_fail_before(stacks, jobs):
    day = next(MONDAYS)
    jobs.fails["publish"] = [JobFailed("inputs and outputs differ")] * 2
    assert not run(stacks, day).succeeded
    assert store_at(stacks.lake).read(f"scores/as_of={day}/_current.json") is None


def test_a_plan_that_fails_leaves_the_scores_published_and_the_next_run_makes_it(stacks, jobs):
    day = next(MONDAYS)
    jobs.fails["decide"] = [JobFailed("minimum spends cannot be kept")] * 2
    check_told(stacks, run(stacks, day), "Decide", "minimum spends cannot be kept")
    assert store_at(stacks.lake).read(f"scores/as_of={day}/_current.json") is not None
    assert run_week(stacks, day, f"run-{day}-2", {}).succeeded
    assert (jobs.attempts["publish"], jobs.attempts["decide"]) == (1, 3)


@pytest.mark.parametrize(
    ("of_glue", "of_sagemaker"),
    [
        ("ThrottlingException", "ThrottlingException"),
        ("ConcurrentRunsExceededException", "ResourceLimitExceeded"),
    ],
)
def test_a_service_that_refuses_for_a_while_is_asked_again(stacks, jobs, of_glue, of_sagemaker):
    calls = [
        refusing(GlueBackend, "start_job_run", JsonRESTError(of_glue, "try later"), 2),
        refusing(SageMakerModelBackend, "create_training_job", sagemaker_error(of_sagemaker), 2),
        refusing(SageMakerModelBackend, "create_transform_job", sagemaker_error(of_sagemaker), 2),
    ]
    with ExitStack() as stack:
        for context, _ in calls:
            stack.enter_context(context)
        found = run(stacks)
    assert found.succeeded, (found.error, found.cause)
    assert [sum(refused.values()) for _, refused in calls] == [2, 2, 2]
    assert {job: jobs.attempts[job] for job in JOBS} == dict.fromkeys(JOBS, 1)


def test_a_limit_that_stays_is_told(stacks, jobs):
    context, refused = refusing(
        SageMakerModelBackend, "create_training_job", sagemaker_error("ResourceLimitExceeded"), 99
    )
    with context:
        found = run(stacks)
    state = found.error.removeprefix("Clv.").removesuffix("Failed")
    assert state in {"TrainEarly", "TrainEstablished"}
    check_told(stacks, found, state, "try later")
    assert sum(refused.values()) >= 4


def test_a_second_start_ends_cleanly_and_names_the_run_at_work(stacks, jobs):
    day, jobs.gate = next(MONDAYS), Gate()
    planned = f"{day}T01:00:00Z"
    first = schedule.start(schedule.WEEKLY, planned, f"run-{day}-first", {"train": "always"})
    assert jobs.gate.arrived.wait(30)
    second = schedule.start(schedule.WEEKLY, planned, f"run-{day}-second", {})
    told = end_of(second)
    output = json.loads(told["output"])
    assert (told["status"], output["outcome"]) == ("SUCCEEDED", "another run is at work")
    assert f"run-{day}-first" in output["holder"]
    assert first in output["holder"]
    entered = [state.name for state in evidence.state_times(evidence.history(second))]
    assert entered[-1] == "AnotherRunIsAtWork"
    assert json.loads(lock_of(stacks))["execution"] == first
    jobs.gate.opened.set()
    assert end_of(first)["status"] == "SUCCEEDED"
    assert lock_of(stacks) is None


def test_without_an_approved_model_nothing_is_scored(stacks, jobs):
    found = run(stacks, BEFORE_ALL, train="never")
    message = check_told(
        stacks, found, "ResolveModels", "clv-early-365 has no model trained as of 2020-01-06"
    )
    assert "clv-established-365" in message
    assert "Score" not in names(found)


def test_a_rejected_model_is_registered_and_does_not_score(stacks, jobs):
    jobs.verdict = "Rejected"
    found = run(stacks, BEFORE_ALL + timedelta(weeks=1))
    check_told(stacks, found, "ResolveModels", "has no approved model")
    listed = client("sagemaker").list_model_packages(
        ModelPackageGroupName="clv-early-365", ModelApprovalStatus="Rejected"
    )
    assert listed["ModelPackageSummaryList"]


def test_while_a_champion_scores_people_are_told_of_models_that_were_not_approved(stacks, jobs):
    assert run(stacks).succeeded
    jobs.verdict = "PendingManualApproval"
    found = run(stacks)
    assert found.succeeded, (found.error, found.cause)
    (message,) = found.messages
    assert message.startswith("CLV models: early pending, established pending\n")
    assert message.count(f"Reason: {REPORTS['verdict']['reason']}") == 2
    assert "clv-established-365/" in message


def test_a_message_of_verdicts_that_is_lost_stops_no_scoring(stacks, jobs):
    assert run(stacks).succeeded
    jobs.verdict, jobs.fails["notify"] = "Rejected", [ValueError("no such topic")]
    found = run(stacks)
    assert found.succeeded, (found.error, found.cause)
    assert found.messages == ()
    assert "TellVerdicts" in names(found)


def test_a_segment_without_customers_needs_no_model(stacks, jobs):
    jobs.customers["early"] = 0
    found = run(stacks)
    assert found.succeeded, (found.error, found.cause)
    assert "NoEarlyCustomers" in names(found)
    assert jobs.attempts["transform-early"] == 0
    assert jobs.attempts["transform-established"] == 1


def test_the_daily_schedule_ends_after_the_features(stacks, jobs):
    day = next(MONDAYS)
    execution = schedule.start("clv-daily", f"{day}T01:00:00Z", f"daily-{day}", {})
    told = end_of(execution)
    assert told["status"] == "SUCCEEDED"
    assert jobs.attempts == {"plan": 1, "lock": 2, "ledger": 1, "features": 1}


def test_a_second_run_of_the_week_does_not_score_again(stacks, jobs):
    day = next(MONDAYS)
    assert run(stacks, day).succeeded
    jobs.attempts.clear()
    found = run_week(stacks, day, f"run-{day}-2", {})
    assert found.output["already_published"]
    assert jobs.attempts["transform-early"] == jobs.attempts["publish"] == 0
