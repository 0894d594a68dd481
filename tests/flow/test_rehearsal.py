"""The rehearsal: the stacks as they deploy and the code as it deploys, beside `clv run` on the same tables."""

import json
import re
import shutil
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from app import rehearsal as command
from app.console import Console
from app.rates import ensure_rates
from app.weekly import run_once
from app.world.build import write_world
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings
from step_functions.handlers.store import store_at
from step_functions.laptop.cloud import client
from step_functions.rehearsal import objects
from step_functions.rehearsal.rehearse import bring_raw, copy_lake, deployed, run_week

AS_OF = date(2026, 7, 1)
SMALL = {"training_snapshots": 3, "bootstrap_resamples": 20}
"""A small training; the horizon is the deployed one."""
BY_THE_CLOCK = {"RunSeconds", "CostEstimateEur"}
LOCK = "runs/lock.json"
EXPECTED = {"ledger", "quarantine", "excluded", "features", "priors", "labels", "inputs", "snapshots"} | {
    "forecasts", "scores", "monitoring",
}  # fmt: skip


def silent(line):
    """Drop the progress."""


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """The raw tables of a marketplace of 2,000 customers."""
    lake = Lake.at(tmp_path_factory.mktemp("marketplace"))
    write_world(lake, 2_000, 7, replace=False, progress=silent)
    ensure_rates(lake, silent)
    return lake.path("raw")


@pytest.fixture(scope="module")
def rehearsed(assembly, raw, tmp_path_factory):
    """One deployment with three runs: a table is missing, all is well, an asset is corrupt."""
    lake, log = tmp_path_factory.mktemp("deployed"), []
    with deployed(assembly, log.append) as stacks:
        bring_raw(stacks, raw)
        orders = [
            f"s3://{objects.split(stacks.lake)[0]}/{key}"
            for key, _ in objects.listed(f"{stacks.lake}/raw/orders/")
        ]
        for url in orders:
            bucket, key = objects.split(url)
            client("s3").delete_object(Bucket=bucket, Key=key)
        missing = run_week(stacks, AS_OF, "run-without-orders", {"settings": SMALL})
        lock_after = store_at(stacks.lake).read(LOCK)
        bring_raw(stacks, raw)
        whole = run_week(stacks, AS_OF, f"run-{AS_OF}-1", {"settings": SMALL})
        copy_lake(stacks, lake)
        arguments = client("glue").get_job(JobName="clv-ledger")["Job"]["DefaultArguments"]
        bucket, key = objects.split(arguments["--extra-py-files"])
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"PK\x03\x04 cut off")
        corrupt = run_week(stacks, AS_OF, f"run-{AS_OF}-2", {"replace": True})
    return SimpleNamespace(
        lake=Lake.at(lake), missing=missing, lock_after=lock_after, whole=whole, corrupt=corrupt, log=log
    )


@pytest.fixture(scope="module")
def on_the_laptop(rehearsed, raw, tmp_path_factory):
    """The lake of `clv run` on the same raw tables with the same settings."""
    lake = Lake.at(tmp_path_factory.mktemp("laptop"))
    shutil.copytree(raw, lake.path("raw"))
    run_once(lake, AS_OF, Settings(**SMALL), silent)
    return lake


def committed(lake):
    """Return each committed partition and the folder of its run."""
    root = lake.path("")
    return {
        file.parent.relative_to(root).as_posix(): file.parent
        / f"run={json.loads(file.read_text())['run_id']}"
        for file in root.rglob("_current.json")
    }


def tables(lake):
    """Return each committed table, its rows in the order of all its columns."""
    found = {}
    for partition, home in committed(lake).items():
        for folder in sorted({file.parent for file in home.rglob("*.parquet")}):
            frame = pq.read_table(folder, partitioning=None).to_pandas()
            if partition.startswith("monitoring/"):
                frame = frame[~frame["metric"].isin(BY_THE_CLOCK)]
            name = f"{partition} {folder.relative_to(home).as_posix()}"
            found[name] = frame.sort_values(list(frame)).reset_index(drop=True)
    return found


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
    states = {alarm.name: alarm.state for alarm in command.fired(rehearsed.whole)}
    assert states["clv-DaysSinceLastPublish"] == "OK"
    assert states["clv-ExecutionsFailed"] == "OK"
    assert states["clv-ReconciliationGap"] == "OK"
    breached = [m.value for m in rehearsed.whole.metrics if m.name == "BreachedSegments"]
    assert ("ALARM" in states.values()) == (max(breached) > 0)
    failed = {alarm.name: alarm.state for alarm in command.fired(rehearsed.missing)}
    assert failed["clv-ExecutionsFailed"] == "ALARM"
    assert failed["clv-DaysSinceLastPublish"] == "ALARM"


def test_it_shows_states_objects_metrics_alarms_and_cost(rehearsed, capsys):
    bill = command.bill_of(rehearsed.lake.path(""), "prod")
    command.show(rehearsed.whole, bill, Console(quiet=True))
    text = capsys.readouterr().out
    for said in (
        "BuildLedger",
        "forecasts",
        "CLV: RowsScored",
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
    missing = rehearsed.missing
    assert (missing.status, missing.error) == ("FAILED", "Clv.BuildLedgerFailed")
    assert "raw/orders: no Parquet or CSV file there" in missing.cause
    (message,) = missing.messages
    assert "State: BuildLedger" in message
    assert "raw/orders" in message
    assert "Log: https://" in message
    assert rehearsed.lock_after is None


def test_a_corrupt_asset_fails_the_rehearsal(rehearsed):
    corrupt = rehearsed.corrupt
    assert (corrupt.status, corrupt.error) == ("FAILED", "Clv.BuildLedgerFailed")
    assert "glue_jobs" in corrupt.cause or "zip" in corrupt.cause.lower()


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
