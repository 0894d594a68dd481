"""The verbs of the Glue job up to the training snapshots, on a lake of 1,000 customers."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from clv.closed_snapshots import SnapshotPlan
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, inputs_at, labels_at, priors_at, snapshots_at
from clv.settings import Settings
from clv.snapshots import snapshot
from glue_jobs import inputs
from glue_jobs.job import main
from tests.flow.conftest import silent
from tests.flow.glue_runs import AS_OF, FIRST, HORIZON, commits, features_of, job, told


def test_the_first_line_names_the_versions_that_run(built):
    assert all(name in built[1][0] for name in ("python 3.11", "duckdb 1", "ibis 12", "pandas ", "code "))


def test_a_second_call_of_each_verb_commits_nothing(built):
    lake, _ = built
    before = commits(lake)
    lines = [line for verb in FIRST for line in job(lake, verb, run_id="run-2")]
    assert commits(lake) == before
    assert any("ledger: stands" in line for line in lines)
    assert told(lake, "ledger", "run-2")["accounts"] == told(lake, "ledger")["accounts"]


def test_each_verb_leaves_a_record_with_seconds_rows_and_bytes(built):
    lake, _ = built
    record = told(lake, "features")
    assert (record["verb"], record["as_of"], record["horizon_days"]) == ("features", "2025-07-01", 180)
    assert record["seconds"] > 0
    features = record["partitions"][features_at(AS_OF)]
    assert features["rows"] == len(read_frame(lake.files(features_at(AS_OF))))
    assert features["bytes"] == sum(Path(file).stat().st_size for file in lake.files(features_at(AS_OF)))


def test_the_inputs_of_a_segment_are_its_features_and_priors_by_customer(built):
    lake, _ = built
    wanted = snapshot(lake, AS_OF, HORIZON, labelled=False)
    for segment in ("early", "established"):
        found = read_frame(lake.files(inputs_at(AS_OF, HORIZON), f"segment={segment}/"))
        rows = wanted[wanted.segment == segment].reset_index(drop=True)
        assert tuple(found.columns) == (*inputs.COLUMNS, inputs.EXPLAINED)
        assert found[inputs.EXPLAINED].sum() == min(len(found), Settings().explained_customers)
        # A column without nulls is read as plain booleans.
        told_columns = list(inputs.COLUMNS)
        pd.testing.assert_frame_equal(
            found[told_columns], rows[told_columns], check_exact=True, check_dtype=False
        )


def test_the_input_manifests_list_the_parquet_parts_and_nothing_else(built):
    lake, _ = built
    segments = json.loads(lake.committed_text(inputs_at(AS_OF, HORIZON), "segments.json"))
    for segment, said in segments.items():
        prefix, *names = json.loads(Path(said["manifest"]).read_text())
        folder = f"{lake.url(inputs_at(AS_OF, HORIZON))}/run=run-1/segment={segment}/"
        assert prefix == {"prefix": folder}
        assert names == sorted(path.name for path in Path(folder).glob("*.parquet"))
        rows = sum(pq.read_metadata(folder + name).num_rows for name in names)
        assert rows == said["customers"] > 0


def test_the_plan_names_closed_snapshots_and_judges_at_the_newest(built):
    lake, _ = built
    plan = SnapshotPlan.from_json(lake.committed_text(snapshots_at(AS_OF, HORIZON), "plan.json"))
    assert [str(day) for day in plan.training_as_ofs] == ["2024-12-01", "2025-01-01"]
    assert str(plan.evaluation_as_of) == "2025-01-01"
    assert [str(day) for day in plan.evaluation_training_as_ofs] == ["2024-06-01", "2024-07-01"]
    assert told(lake, "snapshots")["snapshots_written"] == 4


def test_the_files_of_the_snapshot_manifest_are_a_small_lake_of_their_own(built, tmp_path):
    lake, _ = built
    text = lake.committed_text(snapshots_at(AS_OF, HORIZON), "manifest.json")
    prefix, *names = json.loads(text)
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(prefix["prefix"] + name, tmp_path / name)
    small = Lake.at(tmp_path)
    plan = SnapshotPlan.from_json(small.committed_text(snapshots_at(AS_OF, HORIZON), "plan.json"))
    for day in plan.labelled_as_ofs:
        there, here = (snapshot(of, day, HORIZON, labelled=True) for of in (lake, small))
        pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert len(snapshot(small, AS_OF, HORIZON, labelled=False))
    assert small.current(labels_at(AS_OF, HORIZON)) is None


def test_replacing_builds_the_features_anew_once_in_a_run(copy):
    before = features_of(copy)
    job(copy, "features", "--replace", "true", run_id="run-2")
    pd.testing.assert_frame_equal(features_of(copy), before, check_exact=True)
    before = commits(copy)
    job(copy, "features", "--replace", "true", run_id="run-2")
    assert commits(copy) == before
    assert {copy.current(part).run_id for part in (features_at(AS_OF), priors_at(AS_OF, HORIZON))} == {
        "run-2"
    }


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["--verb", "features"], "--lake, --as-of, --run-id missing"),
        (["--verb", "dance", "--lake", "x", "--as-of", "2025-07-01", "--run-id", "r"], "--verb 'dance': must be one of"),
        (["--verb", "ledger", "--lake", "x", "--as-of", "1 July", "--run-id", "r"], "write a date as YYYY-MM-DD"),
        (["--verb", "publish", "--lake", "x", "--as-of", "2025-07-01", "--run-id", "r", "--packages", "{"], "--packages: not JSON"),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense_are_named(argv, what):
    with pytest.raises(UserError, match=what):
        main(argv, silent)
