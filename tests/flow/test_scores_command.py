"""`clv scores`: from a lake on disk, and from the catalogue through Athena (moto answers what it is told to)."""

import json

import boto3
import numpy as np
import pandas as pd
import pytest
import requests

from app import scores
from app.scores import Athena, from_athena, from_lake, query
from clv.errors import UserError
from clv.lake import Lake
from clv.tables import SCORES
from tests.flow.conftest import AS_OF
from tests.flow.test_command_line import clv


@pytest.mark.parametrize(("name", "read"), [("s.csv", pd.read_csv), ("s.parquet", pd.read_parquet)])
def test_scores_of_a_lake_go_to_a_file(monkeypatch, capsys, tmp_path, scored, name, read):
    out = tmp_path / name
    code, said, _ = clv(monkeypatch, capsys, "scores", "--lake", scored[0].root, "--out", out, "--json")
    assert code == 0
    assert json.loads(said)["as_of"] == str(AS_OF)
    written, published = read(out), from_lake(scored[0], AS_OF)
    assert list(written.columns) == list(SCORES.names)
    assert written.customer_id.tolist() == published.customer_id.tolist()
    np.testing.assert_allclose(written.clv_eur, published.clv_eur, rtol=1e-12)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--lake DIR or --athena"),
        (["--lake", ".", "--athena"], "one of them"),
        (["--lake", "."], "no scores are published; start a weekly run first"),
        (["--lake", ".", "--as-of", "2025-01-01"], "no scores of 2025-01-01 are published"),
        (["--lake", ".", "--out", "scores.xlsx"], "end the name in .csv or .parquet"),
    ],
)
def test_what_cannot_be_shown_is_one_line(monkeypatch, capsys, tmp_path, words, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = clv(monkeypatch, capsys, "scores", *words)
    assert code == 2
    assert message in err


def test_without_awswrangler_the_make_target_is_named(monkeypatch):
    monkeypatch.setattr(scores, "find_spec", {}.get)
    with pytest.raises(UserError, match=r"make \.venv/\.aws"):
        from_athena(Athena("clv", "clv"), None)


@pytest.fixture
def asked(s3):
    """A database whose table `scores` has partitions of two weeks, and a workgroup, both of this test alone."""
    glue, name = boto3.client("glue"), f"clv-{s3.rpartition('/')[2]}"
    glue.create_database(DatabaseInput={"Name": name})
    place = {"Columns": [], "Location": f"{s3}/scores/"}
    key = {"Name": "as_of", "Type": "date"}
    glue.create_table(
        DatabaseName=name,
        TableInput={"Name": "scores", "PartitionKeys": [key], "StorageDescriptor": place},
    )
    for day in ("2026-07-06", "2026-07-13"):
        told = {"Values": [day], "StorageDescriptor": {**place, "Location": f"{s3}/scores/as_of={day}/"}}
        glue.create_partition(DatabaseName=name, TableName="scores", PartitionInput=told)
    boto3.client("athena").create_work_group(
        Name=name, Configuration={"ResultConfiguration": {"OutputLocation": f"{s3}/athena/"}}
    )
    return Athena(name, name)


def answer(server, rows):
    """Tell moto what the next query finds: all columns of the table as texts, dates as Athena writes them."""
    kinds = {"float64": "double", "int32": "integer", "int64": "bigint", "string": "varchar", "date": "date"}
    columns = [{"Name": column.name, "Type": kinds[column.type]} for column in SCORES.columns]
    told = [{"Data": [{"VarCharValue": value} for value in values]} for values in (list(SCORES.names), *rows)]
    results = {"results": [{"rows": told, "column_info": columns}]}
    where = f"{server}/moto-api/static/athena/query-results"
    body = {**results, "region": "eu-west-1"}
    assert requests.post(where, json=body, timeout=10).status_code == 201


def row(customer, as_of):
    """A row of an established customer, as text."""
    given = {"customer_id": customer, "as_of": as_of, "segment": "established", "model_version": "m@1"}
    given |= {"country": "DE", "acquisition_channel": "search", "device": "app"}
    return [given.get(column.name, "1") for column in SCORES.columns]


def test_the_newest_week_of_the_catalogue_is_asked_for(asked, s3_server):
    answer(s3_server, [row("a", "2026-07-13"), row("b", "2026-07-13")])
    found = from_athena(asked, None)
    assert found.customer_id.tolist() == ["a", "b"]
    assert found.clv_eur.tolist() == [1.0, 1.0]
    athena = boto3.client("athena")
    [execution] = athena.list_query_executions(WorkGroup=asked.workgroup)["QueryExecutionIds"]
    query_made = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
    assert query_made["Query"] == query("2026-07-13")
    assert query_made["QueryExecutionContext"]["Database"] == asked.database
    assert query_made["WorkGroup"] == asked.workgroup


def test_a_week_that_the_catalogue_does_not_list_is_named_with_those_it_does(asked):
    with pytest.raises(UserError, match=r"scores: no scores of 2025-07-01 .*2026-07-06, 2026-07-13"):
        from_athena(asked, AS_OF)


def test_what_aws_refuses_says_what_to_check(s3):
    with pytest.raises(UserError, match=r"Athena: .* check --database, --workgroup, region and credentials"):
        from_athena(Athena("not there", "clv"), None)


def test_a_lake_on_s3_is_read_through_athena(monkeypatch, capsys):
    code, _, err = clv(monkeypatch, capsys, "scores", "--lake", "s3://lake")
    assert code == 2
    assert "needs a lake on disk" in err


def test_an_older_week_can_be_asked_for(scored):
    with pytest.raises(UserError, match="there are those of 2025-07-01"):
        from_lake(Lake.at(scored[0].root), AS_OF.replace(year=2024))
