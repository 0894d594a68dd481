import boto3
import pytest
from moto import mock_aws

from clv.catalogue import drop_removed, list_run, switch
from clv.lake import Lake

COLUMNS = [{"Name": "customer_id", "Type": "string"}]


@pytest.fixture
def glue(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("glue", region_name="eu-west-1")
        client.create_database(DatabaseInput={"Name": "clv"})
        for name, keys in {
            "scores": ["as_of"],
            "labels": ["horizon_days", "as_of"],
            "ledger": ["run"],
            "metrics": ["as_of"],
        }.items():
            client.create_table(
                DatabaseName="clv",
                TableInput={
                    "Name": name,
                    "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
                    "StorageDescriptor": {"Columns": COLUMNS, "Location": f"s3://lake/{name}/"},
                },
            )
        yield client


def commit(lake, partition, run_id):
    with lake.commit(partition, run_id) as draft:
        (draft.folder / "note.txt").write_text("rows")


def location(glue, table, *values):
    place = {"DatabaseName": "clv", "TableName": table, "PartitionValues": list(values)}
    return glue.get_partition(**place)["Partition"]["StorageDescriptor"]["Location"]


def test_a_partition_points_at_its_committed_run_and_follows_the_next_one(glue, tmp_path):
    lake, scores, labels = (
        Lake.at(tmp_path),
        "scores/as_of=2025-07-01",
        "labels/horizon_days=90/as_of=2025-01-01",
    )
    for partition in (scores, labels):
        commit(lake, partition, "run-1")
    assert switch(glue, "clv", lake, [scores, labels]) == 2
    assert location(glue, "scores", "2025-07-01") == f"{lake.url(scores)}/run=run-1/"
    assert location(glue, "labels", "90", "2025-01-01") == f"{lake.url(labels)}/run=run-1/"
    assert switch(glue, "clv", lake, [scores, labels]) == 0
    commit(lake, scores, "run-2")
    assert switch(glue, "clv", lake, [scores, labels]) == 1
    assert location(glue, "scores", "2025-07-01") == f"{lake.url(scores)}/run=run-2/"


def test_what_is_not_committed_or_not_a_table_is_left_out(glue, tmp_path):
    lake = Lake.at(tmp_path)
    commit(lake, "inputs/horizon_days=90/as_of=2025-07-01", "run-1")
    assert (
        switch(glue, "clv", lake, ["scores/as_of=2025-07-01", "inputs/horizon_days=90/as_of=2025-07-01"]) == 0
    )


def test_the_metrics_are_found_in_the_folder_of_monitoring(glue, tmp_path):
    lake, monitoring = Lake.at(tmp_path), "monitoring/as_of=2025-07-01"
    commit(lake, monitoring, "run-1")
    assert switch(glue, "clv", lake, [monitoring]) == 1
    assert location(glue, "metrics", "2025-07-01") == f"{lake.url(monitoring)}/run=run-1/metrics/"


def test_the_ledger_is_listed_by_its_committed_run_alone(glue, tmp_path):
    lake = Lake.at(tmp_path)
    assert not list_run(glue, "clv", lake, "ledger")
    for run_id in ("abc.run-1", "abc.run-2"):
        commit(lake, "ledger", run_id)
        assert list_run(glue, "clv", lake, "ledger")
        assert not list_run(glue, "clv", lake, "ledger")
        (found,) = glue.get_partitions(DatabaseName="clv", TableName="ledger")["Partitions"]
        assert found["Values"] == [run_id]
        assert found["StorageDescriptor"]["Location"] == f"{lake.url('ledger')}/run={run_id}/entries/"


def test_partitions_that_the_lake_removed_are_dropped_and_no_others(glue, tmp_path):
    lake = Lake.at(tmp_path)
    gone, kept = (f"labels/horizon_days=90/as_of=2025-0{month}-02" for month in (1, 2))
    for partition in (gone, kept, "scores/as_of=2025-01-02"):
        commit(lake, partition, "run-1")
    switch(glue, "clv", lake, [gone, kept, "scores/as_of=2025-01-02"])
    lake.remove(gone)
    lake.remove("scores/as_of=2025-01-02")
    assert drop_removed(glue, "clv", lake, ["labels", "inputs"]) == 1
    assert location(glue, "labels", "90", "2025-02-02") == f"{lake.url(kept)}/run=run-1/"
    assert location(glue, "scores", "2025-01-02")
    assert len(glue.get_partitions(DatabaseName="clv", TableName="labels")["Partitions"]) == 1
    assert drop_removed(glue, "clv", lake, ["labels", "inputs"]) == 0
