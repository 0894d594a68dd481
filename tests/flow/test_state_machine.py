"""The weekly machine's file: sound by itself, readable in its table, right for the services it calls."""

import json
import re
from pathlib import Path

from jsonata.jsonata import Jsonata
from statelint.linter import Linter

from clv.training_metrics import METRIC_DEFINITIONS
from tests.flow.machine import (
    FILE,
    SUBSTITUTED,
    assigned,
    evaluate,
    expressions,
    follow,
    load,
    machines,
    states,
    variables,
)

MACHINE = load()
STATES = states(MACHINE)
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
JOBS = {name: task for name, task in TASKS.items() if task["Resource"].endswith(".sync")}
PAGE = Path(__file__).parents[2] / "docs" / "state-machine.md"
SERVICES = {
    "glue:startJobRun.sync": "Glue",
    "sagemaker:createTrainingJob.sync": "SageMaker training",
    "sagemaker:createTransformJob.sync": "SageMaker Batch Transform",
    "sagemaker:createModel": "SageMaker",
    "aws-sdk:sagemaker:createModelPackage": "SageMaker",
    "lambda:invoke": "Lambda",
}
AFTER_A_FAILURE = {"Notify", "ReleaseLockAfterFailure"}
MAY_BE_LOST = {"TellVerdicts": "ResolveModels"}
"""A message that stops no scoring, and the state after it."""


def service(task):
    return task["Resource"].removeprefix("arn:aws:states:::")


def test_statelint_finds_nothing():
    assert Linter.validate(str(FILE)) == []
    assert Linter.validate({"StartAt": "A", "States": {}}) != []


def test_names_of_states_are_unique_in_the_whole_file():
    names = [name for machine, _ in machines(MACHINE) for name in machine["States"]]
    assert len(names) == len(set(names))


def test_every_state_is_reached_and_says_what_it_is_for():
    for machine, _ in machines(MACHINE):
        reached, ahead = set(), {machine["StartAt"]}
        while ahead:
            reached |= ahead
            ahead = {name for state in ahead for name in follow(machine["States"][state])} - reached
        assert reached == set(machine["States"])
    assert [name for name, state in STATES.items() if not state.get("Comment")] == []


def test_every_expression_is_jsonata_and_ends_where_it_should():
    found = list(expressions(MACHINE)) + [e for s in STATES.values() for e in expressions(s)]
    assert len(found) > 100
    for _, text in found:
        Jsonata(text)
    assert len(re.findall(r"\{%", FILE.read_text())) == len(re.findall(r'%\}"', FILE.read_text()))


def test_every_variable_is_known_where_it_is_read():
    for machine, outer in machines(MACHINE):
        known = {*outer, *assigned(machine), "states"}
        for name, state in machine["States"].items():
            for path, text in expressions(state):
                assert variables(text) <= known, f"{name}{path}: {variables(text) - known}"


def test_the_check_of_variables_sees_an_unknown_one():
    assert variables("$plan.x & $nope[0].y & '$quoted' & $string($plan)") == {"plan", "nope"}


def test_no_branch_sets_a_variable_of_the_outside_and_no_output_reads_its_own_assign():
    for machine, outer in machines(MACHINE):
        assert not assigned(machine) & outer
        for name, state in machine["States"].items():
            own = set(state.get("Assign", {}))
            read = {v for _, text in expressions(state.get("Output", "")) for v in variables(text)}
            assert not own & read, name


def test_results_and_errors_are_read_only_where_they_exist():
    for name, state in STATES.items():
        for path, text in expressions(state):
            assert "errorOutput" not in text or path.startswith(".Catch"), name
            assert "states.result" not in text or path.startswith((".Assign", ".Output")), name


def test_every_task_has_a_timeout_retries_with_jitter_and_catches_everything():
    assert len(TASKS) > 15
    for name, task in TASKS.items():
        assert 0 < task["TimeoutSeconds"] <= 14400, name
        assert task["Retry"], name
        assert all(retrier["JitterStrategy"] == "FULL" for retrier in task["Retry"]), name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
    for name in ("Train", "Score"):
        assert STATES[name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_jobs_are_tried_twice_and_nothing_else_has_a_blanket_retry():
    for name, task in TASKS.items():
        blanket = [r["MaxAttempts"] for r in task["Retry"] if "States.TaskFailed" in r["ErrorEquals"]]
        assert blanket == ([1] if name in JOBS else []), name
        assert not any("States.ALL" in retrier["ErrorEquals"] for retrier in task["Retry"]), name


def test_every_way_out_of_a_failure_leads_to_the_notice_and_then_to_failed():
    for name, task in TASKS.items():
        if name in AFTER_A_FAILURE or name in MAY_BE_LOST:
            continue
        after = task["Catch"][-1]["Next"]
        if after in STATES and STATES[after]["Type"] == "Fail":
            continue
        assert after in {"ReleaseLockAfterFailure", "Notify"}, name
    assert follow(STATES["ReleaseLockAfterFailure"]) == {"Notify"}
    assert follow(STATES["Notify"]) == {"Failed"}
    assert {name: follow(STATES[name]) for name in MAY_BE_LOST} == {n: {to} for n, to in MAY_BE_LOST.items()}


def test_no_error_is_named_like_one_of_step_functions_own():
    for state in STATES.values():
        if state["Type"] == "Fail":
            named = evaluate(state["Error"], {"problem": {"state": "X"}, "failure": {"state": "X"}})
            assert named == "Clv.XFailed"


def test_training_jobs_report_the_figures_that_training_prints():
    for name in ("TrainEarly", "TrainEstablished"):
        told = STATES[name]["Arguments"]["AlgorithmSpecification"]["MetricDefinitions"]
        assert told == [dict(definition) for definition in METRIC_DEFINITIONS]


def test_both_segments_are_treated_alike():
    for parallel in (STATES["Train"], STATES["Score"]):
        early, established = map(json.dumps, parallel["Branches"])
        assert early == established.replace("Established", "Early").replace("established", "early")


def test_placeholders_are_those_that_the_stack_and_the_laptop_fill_in():
    assert set(SUBSTITUTED.findall(FILE.read_text())) == {
        "LakeRoot", "RegistryPrefix", "CatalogueDatabase", "MetricNamespace",
        "PlanFunction", "LockFunction", "ResolveFunction", "VerdictFunction", "NotifyFunction",
        "LedgerJob", "FeaturesJob", "SnapshotsJob", "PublishJob", "WatchJob", "DecideJob",
        "TrainingRole", "TransformRole", "ModelImage", "CodeFolder", "KmsKey",
        "TrainingInstance", "TransformInstance",
    }  # fmt: skip


def test_the_page_lists_every_state_and_no_other_with_its_service():
    rows = re.findall(r"^\| (\w+\??) \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    listed = {name: text.strip() for name, text in rows if name[0].isupper()}
    assert list(listed) == list(STATES_IN_ORDER)
    for name, state in STATES.items():
        assert listed[name] == (SERVICES[service(state)] if name in TASKS else "–"), name


def in_order(machine):
    for name, state in machine["States"].items():
        yield name
        for branch in state.get("Branches", []):
            yield from in_order(branch)


STATES_IN_ORDER = list(in_order(MACHINE))
