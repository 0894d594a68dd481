"""What the monitoring job says of scores published before, by the ledger since."""

import re

import boto3
import pandas as pd
import pytest

from clv.frames import read_frame
from clv.lake import Lake
from clv.monitoring_tables import HINDSIGHT, SEGMENT_REPORT
from clv.partitions import monitoring_at, scores_at
from monitoring.alarms import alarm_states
from tests.flow.deployed_alarms import deploy_alarms, points_put
from tests.flow.earlier_scores import CLOSED, CUSTOMERS, OPEN, with_earlier_scores
from tests.flow.test_watch import run, summary, told_by
from tests.flow.watched_lake import AS_OF


def table_of(lake, table):
    return read_frame(lake.files(monitoring_at(AS_OF), f"{table.name}/"))


def hindsight_of(lake):
    found = table_of(lake, HINDSIGHT)
    return found.set_index(["scored_as_of", "segment", "days"])


def test_what_was_said_is_held_against_what_came_by_the_accrual_of_last_year(any_lake):
    run(with_earlier_scores(any_lake))
    found = hindsight_of(any_lake)
    assert tuple(table_of(any_lake, HINDSIGHT).columns) == HINDSIGHT.names
    half = found.loc[(OPEN, "all", 90)]
    assert (half.said_eur, half.expected_share, half.came_eur) == (250 * 20, 0.25, 250 * 5)
    assert (half.ratio, half.years, half.sure) == (1.0, 1, False)
    assert (OPEN, "all", 180) not in found.index
    whole = found.loc[(CLOSED, "established", 365)]
    assert (whole.came_eur, whole.ratio) == (250 * 35, 1.0)
    assert found.loc[(CLOSED, "all", 30)][["ratio", "years"]].isna().all()  # no snapshot closed before it
    assert told_by(any_lake)["EarlyWarnings", "", ""] == 0


def test_scores_whose_horizon_closed_are_judged_by_segment_with_what_came(any_lake):
    run(with_earlier_scores(any_lake))
    found = table_of(any_lake, SEGMENT_REPORT)
    assert tuple(found.columns) == SEGMENT_REPORT.names
    assert not found.duplicated(list(SEGMENT_REPORT.key)).any()
    assert set(found["source"]) == {"evaluation", "matured"}
    closed = found[(found["source"] == "matured") & (found["dimension"] == "country")].iloc[0]
    assert (closed["judged_as_of"], closed["value"], closed["customers"]) == (CLOSED, "DE", 250)
    assert (closed["mean_predicted_eur"], closed["mean_actual_eur"], closed["wape"]) == (35, 35, 0)
    assert told_by(any_lake)["MaturedBreaches", "", ""] == 0


def test_only_the_newest_closed_scores_and_those_closed_since_the_last_run_are_judged(tmp_path_lake):
    lake = with_earlier_scores(tmp_path_lake)
    before = pd.to_datetime(CLOSED).date().replace(day=23)
    for day in (before, before.replace(day=16)):
        with lake.commit(scores_at(day), "older") as draft:
            read_frame(lake.files(scores_at(CLOSED))).to_parquet(draft.folder / "part-000.parquet")
    with lake.commit(monitoring_at(AS_OF.replace(month=6, day=20)), "a run") as draft:
        (draft.folder / "summary.json").write_text("{}")
    run(lake)
    found = table_of(lake, SEGMENT_REPORT).query("source == 'matured'")
    assert sorted(set(found["judged_as_of"])) == [before, CLOSED]


def test_scores_of_another_horizon_and_leads_are_left_out(tmp_path_lake):
    lake = with_earlier_scores(tmp_path_lake)
    rows = read_frame(lake.files(scores_at(OPEN)))
    with lake.commit(scores_at(CLOSED), "short") as draft:
        rows.assign(horizon_days=90).to_parquet(draft.folder / "part-000.parquet")
    lead = rows.head(1).assign(customer_id="nobody", segment="lead", clv_eur=None)
    with lake.commit(scores_at(OPEN), "lead") as draft:
        pd.concat([rows, lead.astype({"clv_eur": float})]).to_parquet(draft.folder / "part-000.parquet")
    run(lake)
    found = table_of(lake, HINDSIGHT)
    assert set(found["scored_as_of"]) == {OPEN}
    assert set(found["customers"]) == {len(CUSTOMERS)}


def test_forecasts_that_prove_wrong_raise_both_alarms_and_are_named(any_lake, cloudwatch):
    namespace = f"CLV/{any_lake.root[-12:]}"
    deploy_alarms(cloudwatch, namespace)
    run(with_earlier_scores(any_lake, closed_eur=70.0, open_eur=40.0), namespace=namespace)
    described = cloudwatch.describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"]
    points, at = points_put(cloudwatch, namespace)
    raised = {
        each.name.removeprefix(namespace)
        for each in alarm_states(described, points, at)
        if each.state == "ALARM"
    }
    assert raised == {"EarlyWarnings", "MaturedBreaches", "QuarantinedRowShare", "QuarantinedMoneyShare"}
    said = summary(any_lake)
    assert {(row["segment"], row["days"]) for row in said["early_warnings"]} == {
        (segment, days) for segment in ("all", "established") for days in (30, 90)
    }
    assert f"scores of {CLOSED}: CalibrationRatio of country=DE is 2.000; limit [0.8, 1.2]" in said["notes"]
    early = "0.500 of what should have come by day 90 came (0.500 to 0.500); limit [0.8, 1.2]"
    assert f"scores of {OPEN}, established: {early}" in said["notes"]


def test_the_page_shows_all_of_it_and_needs_nothing_else(any_lake):
    run(with_earlier_scores(any_lake, open_eur=40.0))
    page = any_lake.committed_text(monitoring_at(AS_OF), "monitoring.html")
    assert f"Scores of {CLOSED}, by what has come" in page
    assert "Model in force, early" in page
    assert "after 90 days: came / expected" in page
    assert f"came after {CLOSED}: Gini 0.000" in page
    assert "Have customers or scores changed?" in page
    assert "recency_days" in page
    assert page.count("<svg") == page.count("</svg>") >= 6
    assert not re.findall(r'(?:src|href)="|@import|url\(', page)
    assert f"scores of {OPEN}, all: 0.500" in page


def test_a_hostile_name_stays_text(tmp_path_lake):
    run(
        with_earlier_scores(tmp_path_lake),
        early={"DE": (9_000, 10.0), '"><script>alert(1)</script>': (900, 13.0)},
    )
    page = tmp_path_lake.committed_text(monitoring_at(AS_OF), "monitoring.html")
    assert "&quot;&gt;&lt;script&gt;" in page
    assert "<script" not in page


@pytest.fixture
def tmp_path_lake(tmp_path):
    return Lake.at(tmp_path / "lake")


@pytest.fixture
def cloudwatch(s3):
    client = boto3.client("cloudwatch")
    yield client
    client.close()
