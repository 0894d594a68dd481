import json
import shutil
from dataclasses import replace
from pathlib import Path

import boto3
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from app.importers.transactions import import_transactions
from app.rates import ensure_rates
from app.world.build import write_world
from clv.closed_snapshots import SnapshotPlan
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import CURRENT, Lake
from clv.partitions import (
    features_at,
    forecasts_at,
    inputs_at,
    labels_at,
    priors_at,
    scores_at,
    snapshots_at,
    transform_at,
)
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon, parse_as_of
from glue_jobs import inputs
from glue_jobs.job import main
from tests.flow.conftest import silent

AS_OF = parse_as_of("2025-07-01")
SETTINGS = Settings(horizon_days=180, training_snapshots=2)
HORIZON = Horizon(180)
PACKAGES = {
    segment: {"arn": "arn", "version": f"clv-{segment}-180/3"} for segment in ("early", "established")
}
FIRST = ("ledger", "features", "snapshots")
HEAD = ["customer_id", "clv_eur", "p_active", "model_version"]


def job(lake, verb, *more, run_id="run-1", as_of=AS_OF, settings=SETTINGS):
    """Run one verb as Glue would, with an argument of Glue's own among ours, and return its lines."""
    said = []
    argv = [
        "--JOB_NAME",
        "clv",
        "--verb",
        verb,
        "--lake",
        lake.root,
        "--as-of",
        str(as_of),
        "--run-id",
        run_id,
    ]
    main([*argv, "--settings", settings.to_json(), "--engine", "duckdb", *more], said.append)
    return said


def publish_arguments(place, packages=PACKAGES):
    return ["--transform", place, "--packages", json.dumps(packages)]


def told(lake, verb, run_id="run-1"):
    return json.loads(lake.read_text(f"runs/{run_id}/{verb}.json"))


def commits(lake):
    return {path: path.read_bytes() for path in Path(lake.root).rglob(CURRENT)}


def features_of(lake):
    return read_frame(lake.files(features_at(AS_OF))).sort_values("customer_id", ignore_index=True)


def answers(lake, run_id, as_of=AS_OF, horizon=HORIZON):
    """Answer every input part as Batch Transform does, and return the address of the answers."""
    place = lake.path(transform_at(as_of, horizon, run_id))
    for part in map(Path, lake.files(inputs_at(as_of, horizon))):
        if part.suffix == ".parquet":
            rows = pq.ParquetFile(part).read().to_pandas()
            said = rows[["customer_id"]].assign(
                clv_eur=rows.btyd_clv_eur, p_active=rows.btyd_p_active, model_version="m-1"
            )
            (place / part.parent.name).mkdir(parents=True, exist_ok=True)
            said.to_parquet(place / part.parent.name / f"{part.name}.out", index=False)
    return place


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A lake of 1,000 customers after ledger, features and snapshots, and the answers to its inputs."""
    lake = Lake.at(tmp_path_factory.mktemp("glue"))
    write_world(lake, 1_000, 7, replace=False, progress=silent)
    lines = [line for verb in FIRST for line in job(lake, verb)]
    answers(lake, "run-1")
    return lake, lines


@pytest.fixture
def copy(built, tmp_path):
    """A lake of its own for a test that changes it; the addresses in it are those of the copy."""
    lake = Lake.at(tmp_path / "copy")
    shutil.copytree(built[0].root, lake.root)
    return lake


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
        assert tuple(found.columns) == inputs.COLUMNS
        # A column without nulls is read as plain booleans.
        pd.testing.assert_frame_equal(found, rows[list(inputs.COLUMNS)], check_exact=True, check_dtype=False)


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


def test_published_scores_carry_the_package_and_cover_everybody_once(copy):
    place = answers(copy, "run-1")
    job(copy, "publish", *publish_arguments(str(place)))
    scores = read_frame(copy.files(scores_at(AS_OF)))
    assert sorted(scores.customer_id) == sorted(read_frame(copy.files(features_at(AS_OF))).customer_id)
    said = scores[scores.segment != "lead"].groupby("segment").model_version.unique().map(list).to_dict()
    assert said == {"early": ["m-1@clv-early-180/3"], "established": ["m-1@clv-established-180/3"]}
    forecasts = read_frame(copy.files(forecasts_at(AS_OF, HORIZON)))
    assert set(forecasts.horizon_days) == {180}
    assert set(forecasts.as_of) == {AS_OF}
    record = told(copy, "publish")
    assert sum(record["reconciled"].values()) == len(forecasts)
    assert {row["segment"]: row["customers"] for row in record["segments"]}["early"] == record["reconciled"][
        "early"
    ]


def test_publishing_again_leaves_what_stands_unless_it_is_to_be_replaced(copy):
    arguments = publish_arguments(str(answers(copy, "run-1")))
    job(copy, "publish", *arguments)
    before = commits(copy)
    assert "scores: published already" in job(copy, "publish", *arguments, run_id="run-2")
    assert commits(copy) == before
    job(copy, "publish", *arguments, "--replace", "true", run_id="run-3")
    assert copy.current(scores_at(AS_OF)).run_id == "run-3"
    job(copy, "publish", *arguments, "--replace", "true", run_id="run-3")
    assert copy.current(scores_at(AS_OF)).run_id == "run-3"


def test_scores_of_another_horizon_stop_the_run_before_any_work(copy):
    job(copy, "publish", *publish_arguments(str(answers(copy, "run-1"))))
    with pytest.raises(UserError, match="holds scores of 180 days; say --replace"):
        job(copy, "ledger", run_id="run-2", settings=replace(SETTINGS, horizon_days=90))


def drop_one(rows):
    return rows.iloc[1:]


def swap_one(rows):
    rows.loc[0, "customer_id"] = "nobody"
    return rows


def repeat_one(rows):
    rows.loc[0, "customer_id"] = rows.customer_id[1]
    return rows


def forget_one(rows):
    rows.loc[0, "customer_id"] = None
    return rows


def empty_one(rows):
    rows.loc[0, "clv_eur"] = np.nan
    return rows


def unsign_one(rows):
    rows.loc[0, "model_version"] = None
    return rows


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (drop_one, r"part-000.parquet.out: \d+ forecasts for \d+ customers given"),
        (swap_one, r"established outputs: 1 of \d+ customers asked for missing, 1 not among them"),
        (repeat_one, "established outputs: 1 customers more than once"),
        (forget_one, r"established outputs: 1 of \d+ rows without a customer_id"),
        (empty_one, r"1 of \d+ forecasts without a finite value"),
        (unsign_one, r"1 of \d+ forecasts without a finite value or a model's version"),
    ],
)
def test_answers_that_are_not_the_customers_asked_for_stop_before_anything_is_published(
    built, tmp_path, spoil, what
):
    lake, _ = built
    place = Path(lake.root) / "transform" / spoil.__name__
    shutil.copytree(lake.path(transform_at(AS_OF, HORIZON, "run-1")), place)
    file = place / "segment=established" / "part-000.parquet.out"
    spoil(pd.read_parquet(file)).to_parquet(file, index=False)
    with pytest.raises(UserError, match=what):
        job(lake, "publish", *publish_arguments(str(place)))
    assert lake.current(forecasts_at(AS_OF, HORIZON)) is None
    assert lake.current(scores_at(AS_OF)) is None


def test_a_missing_answer_and_one_too_many_are_named(copy):
    place = answers(copy, "run-1")
    (place / "segment=early" / "part-000.parquet.out").rename(
        place / "segment=early" / "part-009.parquet.out"
    )
    with pytest.raises(UserError, match=r"segment=early: .* \(part-000.parquet, part-009.parquet\)"):
        job(copy, "publish", *publish_arguments(str(place)))


def test_inputs_that_lost_a_customer_stop_the_publication(copy):
    (part,) = copy.files(inputs_at(AS_OF, HORIZON), "segment=early/")
    pq.write_table(pq.ParquetFile(part).read().slice(1), part)
    with pytest.raises(UserError, match=r"early inputs: 1 of \d+ customers of the features missing"):
        job(copy, "publish", *publish_arguments(str(answers(copy, "run-1"))))


def test_a_segment_without_a_package_is_not_published(copy):
    with pytest.raises(UserError, match="names no version for segment early"):
        packages = {"established": PACKAGES["established"]}
        job(copy, "publish", *publish_arguments(str(answers(copy, "run-1")), packages))


def test_publishing_points_the_catalogue_at_this_run_and_at_its_snapshots(copy, monkeypatch):
    for name, value in {
        "ACCESS_KEY_ID": "test",
        "SECRET_ACCESS_KEY": "test",
        "DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        glue = boto3.client("glue")
        glue.create_database(DatabaseInput={"Name": "clv"})
        for name, keys in {"scores": ["as_of"], "labels": ["horizon_days", "as_of"]}.items():
            keyed = [{"Name": key, "Type": "string"} for key in keys]
            told = {"Name": name, "PartitionKeys": keyed, "StorageDescriptor": {"Location": copy.url(name)}}
            glue.create_table(DatabaseName="clv", TableInput=told)
        job(copy, "publish", *publish_arguments(str(answers(copy, "run-1"))), "--catalogue", "clv")
        (scores,) = glue.get_partitions(DatabaseName="clv", TableName="scores")["Partitions"]
        labels = glue.get_partitions(DatabaseName="clv", TableName="labels")["Partitions"]
    assert scores["Values"] == [str(AS_OF)]
    assert scores["StorageDescriptor"]["Location"] == f"{copy.url(scores_at(AS_OF))}/run=run-1/"
    days = ["2024-06-01", "2024-07-01", "2024-12-01", "2025-01-01"]
    assert sorted(part["Values"] for part in labels) == [["180", day] for day in days]
    assert json.loads(copy.read_text("runs/run-1/publish.json"))["catalogue_moved"] == 5


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


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A lake of 400 customers over 120 days from 2024-01-01."""
    rng = np.random.default_rng(5)
    first = pd.Timestamp("2024-01-01")
    days = [rng.integers(0, 120, 2 + rng.poisson(1.0)) for _ in range(400)]
    rows = [
        (f"c{c:03d}", first + pd.Timedelta(days=int(day)), 20.0 + c % 7)
        for c, own in enumerate(days)
        for day in own
    ]
    folder = tmp_path_factory.mktemp("short")
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(folder / "log.csv", index=False)
    lake = Lake.at(folder / "lake")
    import_transactions(folder / "log.csv", lake, "EUR")
    ensure_rates(lake, silent)
    return lake


def test_without_any_closed_horizon_the_manifest_lists_what_a_label_free_model_needs(short):
    as_of, settings, horizon = parse_as_of("2024-04-20"), Settings(), Horizon(365)
    for verb in FIRST:
        job(short, verb, run_id="run-early", as_of=as_of, settings=settings)
    partition = snapshots_at(as_of, horizon)
    assert SnapshotPlan.from_json(short.committed_text(partition, "plan.json")) == SnapshotPlan((), None, ())
    _, *names = json.loads(short.committed_text(partition, "manifest.json"))
    assert {name.split("/")[0] for name in names} == {"features", "priors", "snapshots"}


def test_a_segment_without_customers_has_no_manifest_and_needs_no_answers(short):
    as_of, settings, horizon = parse_as_of("2024-09-01"), Settings(horizon_days=30), Horizon(30)
    for verb in ("ledger", "features"):
        job(short, verb, as_of=as_of, settings=settings)
    segments = json.loads(short.committed_text(inputs_at(as_of, horizon), "segments.json"))
    assert segments["early"] == {"customers": 0, "manifest": None}
    assert "the newest entry is of" in told(short, "ledger")["notes"][0]
    place = answers(short, "run-1", as_of, horizon)
    packages = {"established": {"arn": "arn", "version": "clv-established-30/1"}}
    job(short, "publish", *publish_arguments(str(place), packages), as_of=as_of, settings=settings)
    assert told(short, "publish")["reconciled"] == {
        "early": 0,
        "established": segments["established"]["customers"],
    }
    assert set(read_frame(short.files(scores_at(as_of))).segment) == {"established"}


def test_too_short_a_history_is_said_by_the_first_job(short):
    with pytest.raises(UserError, match=r"take --as-of 2024-0\d-\d\d or later"):
        job(short, "ledger", as_of=parse_as_of("2024-02-01"), settings=Settings())


def test_without_exchange_rates_the_ledger_job_says_what_is_missing(short, tmp_path):
    lake = Lake.at(tmp_path)
    shutil.copytree(short.path("raw"), lake.path("raw"))
    shutil.rmtree(lake.path("raw/fx_rates"))
    with pytest.raises(UserError, match="raw/fx_rates: no Parquet or CSV file there"):
        job(lake, "ledger")


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
