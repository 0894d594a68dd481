"""How old the newest scores are, measured whether a run took place or not."""

import boto3
import pytest
from moto import mock_aws

from step_functions.handlers.freshness import handler

MONDAY_MORNING = {"scheduled_time": "2026-07-06T06:00:00Z"}


@pytest.fixture
def lake(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("LAKE_ROOT", "s3://lake")
    monkeypatch.setenv("METRIC_NAMESPACE", "CLV")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield lambda key: s3.put_object(Bucket="lake", Key=key, Body=b"{}")


def figures() -> list[float]:
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="CLV", MetricName="DaysSinceLastPublish", StartTime="2000-01-01", EndTime="2100-01-01",
        Period=86_400 * 36_500, Statistics=["Maximum"],
    )  # fmt: skip
    return [point["Maximum"] for point in found["Datapoints"]]


def test_the_newest_committed_day_counts(lake):
    for day in ("2026-06-22", "2026-06-29"):
        lake(f"scores/as_of={day}/_current.json")
        lake(f"scores/as_of={day}/run=a/part-000.parquet")
    assert handler(MONDAY_MORNING, None) == {"newest": "2026-06-29", "days": 7}
    assert figures() == [7.0]


def test_files_without_a_commit_are_not_published(lake):
    lake("scores/as_of=2026-06-29/_current.json")
    lake("scores/as_of=2026-07-06/run=b/part-000.parquet")
    lake("scores/as_of=2026-07-06/run=b/_current.json")
    assert handler(MONDAY_MORNING, None)["days"] == 7


def test_a_lake_without_scores_puts_nothing_which_the_alarm_takes_for_missed(lake):
    assert handler(MONDAY_MORNING, None) == {"newest": None, "days": None}
    assert figures() == []
