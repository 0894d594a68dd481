"""Publishing: the answers of the models must be those of the customers asked for, each once."""

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

from clv.errors import UserError
from clv.frames import read_frame
from clv.partitions import features_at, forecasts_at, inputs_at, scores_at, transform_at
from tests.flow.glue_runs import (
    AS_OF,
    HORIZON,
    PACKAGES,
    SETTINGS,
    answers,
    commits,
    job,
    publish_arguments,
    told,
)


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
