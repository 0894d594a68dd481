"""The rehearsal: the stacks as they deploy and the code as it deploys, beside `clv run` on the same tables."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from app import rehearsal as command
from app.console import Console
from app.weekly import run_once
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings
from step_functions.rehearsal.firing import fired
from step_functions.rehearsal.rehearse import deployed
from tests.flow.committed_tables import committed, tables
from tests.flow.conftest import silent
from tests.rehearsal.rehearsed_weeks import AS_OF, SMALL, damaged, sound_week, told

EXPECTED = {"ledger", "quarantine", "excluded", "features", "priors", "labels", "inputs", "snapshots"} | {
    "forecasts", "scores", "explanations", "monitoring", "decisions",
}  # fmt: skip


@pytest.fixture(scope="module")
def rehearsed(assembly, raw, tmp_path_factory):
    """The weeks of one deployment, which ends before anything else begins."""
    with sound_week(assembly, raw, tmp_path_factory.mktemp("deployed")) as sound:
        sound.damaged = damaged(sound)
    return sound


@pytest.fixture(scope="module")
def on_the_laptop(rehearsed, raw, tmp_path_factory):
    """The lake of `clv run` on the same raw tables with the same settings."""
    lake = Lake.at(tmp_path_factory.mktemp("laptop"))
    shutil.copytree(raw, lake.path("raw"))
    run_once(lake, AS_OF, Settings(**SMALL), silent)
    return lake


def test_the_whole_week_goes_through_in_the_deployed_code(rehearsed):
    whole = rehearsed.whole
    assert whole.succeeded, (whole.error, whole.cause)
    entered = [state.name for state in whole.states]
    assert entered[0] == "Plan"
    assert entered[-1] == "Done"
    assert {"TrainEarly", "RegisterEstablished", "TransformEarly", "PublishScores", "Watch"} <= set(entered)
    assert whole.execution_seconds >= max(state.seconds for state in whole.states)
    assert whole.messages == ()


def test_the_jobs_run_the_deployed_code_and_not_the_checkout(rehearsed):
    versions = [line for line in rehearsed.log if re.match(r"clv-ledger: python .* duckdb ", line)]
    assert versions
    assert all(re.search(r"code [0-9a-f]{12}$", line) for line in versions), versions


def test_every_table_equals_that_of_clv_run_column_by_column(rehearsed, on_the_laptop):
    theirs, ours = tables(rehearsed.lake), tables(on_the_laptop)
    assert {name.split("/")[0].split(" ")[0] for name in committed(rehearsed.lake)} == EXPECTED
    assert sorted(theirs) == sorted(ours)
    for name, frame in theirs.items():
        assert list(frame) == list(ours[name]), name
        pd.testing.assert_frame_equal(frame, ours[name], check_exact=True, obj=name)
    scores = theirs[f"scores/as_of={AS_OF} ."]
    assert len(scores) == 2_000
    assert set(scores["model_version"].dropna().str.rsplit("@").str[-1]) == {
        "clv-early-365/1",
        "clv-established-365/1",
    }


def test_it_tells_what_was_written_and_put(rehearsed, on_the_laptop):
    sizes = {each.folder: each for each in rehearsed.whole.objects}
    assert {*EXPECTED, "raw", "models", "transform", "runs"} <= set(sizes)
    put = {metric.name: metric.value for metric in rehearsed.whole.metrics}
    summary = tables(on_the_laptop)[f"monitoring/as_of={AS_OF} metrics"]
    assert put["RowsScored"] == summary[summary["metric"] == "RowsScored"]["value"].item()
    assert put["DaysSinceLastPublish"] == 0
    assert put["ExecutionsSucceeded"] == 1
    assert np.isfinite(list(put.values())).all()


def test_it_tells_which_alarms_would_fire(rehearsed):
    states = {alarm.name: alarm.state for alarm in fired(rehearsed.whole)}
    assert states["clv-DaysSinceLastPublish"] == "OK"
    assert states["clv-ExecutionsFailed"] == "OK"
    assert states["clv-ReconciliationGap"] == "OK"
    assert states["clv-EarlyWarnings"] == states["clv-MaturedBreaches"] == "OK"
    counted = ("BreachedSegments", "HighRiskSegments")
    flagged = [metric.value for metric in rehearsed.whole.metrics if metric.name in counted]
    assert ("ALARM" in states.values()) == (max(flagged) > 0)
    failed = {alarm.name: alarm.state for alarm in fired(rehearsed.failed)}
    assert failed["clv-ExecutionsFailed"] == "ALARM"
    assert failed["clv-DaysSinceLastPublish"] == "ALARM"


def test_it_shows_states_objects_metrics_alarms_and_cost(rehearsed, capsys):
    bill = command.bill_of(rehearsed.lake.path(""), "prod")
    command.show(rehearsed.whole, bill, Console(quiet=True))
    text = capsys.readouterr().out
    for said in (
        "BuildLedger",
        "forecasts",
        "RowsScored",
        "clv-ModelAgeDays-early",
        "SageMaker",
        "SUCCEEDED",
    ):
        assert said in text
    command.show(rehearsed.whole, bill, Console(quiet=True, as_json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["cost_eur"]["run"] > 0
    assert told["states"][0]["name"] == "Plan"


def test_a_missing_table_is_told_by_the_job_and_the_lock_is_released(rehearsed):
    told(rehearsed.failed, "BuildLedger", "raw/orders: no Parquet or CSV file there")
    assert rehearsed.lock_after is None


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        ("lose", "the 0 answers are not those to the 1 input files"),
        ("cut_short", r"part-000\.parquet\.out: no whole Parquet file"),
    ],
)
def test_half_written_answers_are_refused_and_what_was_published_stays(rehearsed, damage, cause):
    week = rehearsed.damaged.weeks[damage]
    assert "TransformEarly" in [state.name for state in week.states]
    told(week, "PublishScores", cause)
    files, locations = rehearsed.damaged.published
    assert any(re.search(r"scores/.*\.parquet$", name) for name in files)
    assert len(locations) == 1
    assert rehearsed.damaged.published_after == rehearsed.damaged.published


def test_input_that_cannot_be_read_fails_the_transform_and_is_told(rehearsed):
    week = rehearsed.damaged.weeks["spoiled"]
    told(week, "TransformEarly", r"part-000\.parquet.*Parquet")
    assert "PublishScores" not in [state.name for state in week.states]


@pytest.mark.parametrize(
    ("archive", "state", "cause"),
    [
        ("glue-code", "BuildLedger", "'clv'|glue_jobs|zip"),
        ("training-code", "Train(Early|Established)", r"sourcedir\.tar\.gz: no whole tar\.gz"),
        ("plan-code", "Plan", r"step_functions\.handlers\.plan' has no attribute 'handler'"),
    ],
)
def test_a_corrupt_code_archive_fails_the_run_and_is_told(rehearsed, archive, state, cause):
    week = rehearsed.damaged.weeks[archive]
    told(week, re.fullmatch(rf"Clv\.({state})Failed", week.error)[1], cause)


def test_where_no_function_works_not_even_the_notice_the_alarm_tells(rehearsed):
    week = rehearsed.damaged.weeks["lambda-code"]
    assert (week.status, week.error, week.messages) == ("FAILED", "Clv.PlanFailed", ())
    assert "has no attribute 'handler'" in week.cause
    states = {alarm.name: alarm.state for alarm in fired(week)}
    assert states["clv-ExecutionsFailed"] == "ALARM"


def test_an_unknown_resource_type_is_refused_before_anything_is_deployed(assembly, tmp_path):
    folder = shutil.copytree(assembly, tmp_path / "cdk.out")
    file = folder / "ClvMonitoring.template.json"
    template = json.loads(file.read_text())
    template["Resources"]["Mine"] = {"Type": "AWS::Braket::Oracle"}
    file.write_text(json.dumps(template))
    with pytest.raises(UserError, match="AWS::Braket::Oracle: cannot be rehearsed"), deployed(folder, silent):
        pytest.fail("it was deployed")


def test_without_its_packages_it_names_the_make_target(monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "flask" else object())
    with pytest.raises(UserError, match=r"a rehearsal needs flask: run `make \.venv/\.aws`"):
        command.require_packages()


def test_settings_are_checked_before_anything_starts(tmp_path):
    with pytest.raises(UserError, match="unknown setting trees"):
        command.changed('{"trees": 3}')
