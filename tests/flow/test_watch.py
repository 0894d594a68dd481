"""The monitoring job by its arguments, on a lake on disk and on S3."""

import json
from datetime import timedelta

import boto3
import pytest

from clv.drift_indicators import DRIFT_FIGURES
from clv.errors import UserError
from clv.frames import read_frame
from clv.indicators import MONITORED
from clv.lake import Lake
from clv.partitions import monitoring_at, scores_at
from clv.prices import read_prices
from clv.segment_figures import DIMENSIONS
from clv.tables import METRICS
from monitoring.alarms import alarm_states
from monitoring.job import main
from monitoring.metrics import Metric
from monitoring.put import BATCH, put_metrics
from tests.flow.deployed_alarms import deploy_alarms, points_put
from tests.flow.watched_lake import AS_OF, BEFORE, RUN, customers, evaluation, forecasts, watched

SOUND = {"DE": (9_800, 10.0), "FR": (200, 10.0)}


def arguments(lake, evaluations, run_id=RUN, **changes):
    told = {
        "verb": "watch",
        "lake": lake.root,
        "as-of": str(AS_OF),
        "run-id": run_id,
        "settings": "{}",
        "replace": "false",
        "evaluations": json.dumps(evaluations),
        "packages": json.dumps({segment: {"version": f"clv-{segment}-365/3"} for segment in evaluations}),
        "namespace": "",
        "JOB_NAME": "given by Glue",
    } | changes
    return [part for name, value in told.items() for part in (f"--{name}", value)]


def run(lake, early=SOUND, established=SOUND, **changes):
    evaluations = {
        "early": evaluation(lake, "early", forecasts("early", **early)),
        "established": evaluation(lake, "established", forecasts("established", **established)),
    }
    main(arguments(lake, evaluations, **changes))
    return told_by(lake)


def told_by(lake, as_of=AS_OF):
    frame = read_frame(lake.files(monitoring_at(as_of), "metrics/"))
    return {(row.metric, row.model, row.segment): row.value for row in frame.itertuples()}


def summary(lake):
    return json.loads(lake.committed_text(monitoring_at(AS_OF), "summary.json"))


def test_a_run_is_told_by_model_by_segment_by_data_and_by_work(any_lake):
    found = run(watched(any_lake), early={"DE": (9_800, 10.0), "FR": (200, 13.0)})
    assert found["BreachedSegments", "early-365", ""] == 1
    assert found["BreachedSegments", "established-365", ""] == 0
    assert found["BreachedSegments", "all-365", ""] == 1
    assert found["CalibrationRatio", "early-365", "country=FR"] == pytest.approx(1.3)
    assert found["Customers", "established-365", "all"] == 10_000
    assert found["QuarantinedRowShare", "", ""] == pytest.approx(0.03)
    assert found["ReconciliationGap", "", ""] == 0
    assert found["RowsScored", "", ""] == 600
    assert found["VolumeChange", "", ""] == 1.0  # 300 a week before
    assert found["RunSeconds", "", ""] == 42.5
    assert found["DaysSinceLastPublish", "", ""] == 0


def test_the_table_keeps_its_contract_and_the_summary_names_what_is_wrong(any_lake):
    run(watched(any_lake), early={"DE": (9_800, 10.0), "FR": (200, 13.0)})
    frame = read_frame(any_lake.files(monitoring_at(AS_OF), "metrics/"))
    assert tuple(frame.columns) == METRICS.names
    assert not frame.duplicated(list(METRICS.key)).any()
    said = summary(any_lake)
    assert said["models"]["early"]["package"] == {"version": "clv-early-365/3"}
    assert [breach["segment"] for breach in said["models"]["early"]["breaches"]] == ["country=FR"]
    assert said["notes"] == ["early: CalibrationRatio of country=FR is 1.300; limit [0.8, 1.2]"]
    record = json.loads(any_lake.read_text(f"runs/{RUN}/watch.json"))
    assert record["rows"] == len(frame)
    assert record["notes"] == said["notes"]


def test_the_cost_of_a_run_is_estimated_from_all_its_jobs_sagemakers_too(tmp_path_lake):
    own = run(watched(tmp_path_lake))
    trained = [{"segment": "early", "seconds": 360}]
    scored = [{"segment": "early", "seconds": 60}, {"segment": "established", "seconds": 120}]
    told = json.dumps({"training": trained, "transform": scored})
    found = run(tmp_path_lake, run_id=f"{RUN}-again", sagemaker=told)
    assert json.loads(tmp_path_lake.read_text(f"runs/{RUN}-again/sagemaker.json"))["seconds"] == 540
    assert found["RunSeconds", "", ""] == 540
    prices = read_prices()
    machines = 600 * prices.of("ml.m5.xlarge").usd / 3600 + 660 * prices.of("ml.m5.large").usd / 3600
    without_glue = found["CostEstimateEur", "", ""]
    assert without_glue > machines / prices.usd_per_eur
    # 42.5 s of the records and twice a minute of start, on four workers each, at least
    assert own["CostEstimateEur", "", ""] > (42.5 + 120) * 4 * prices.of("glue_dpu_hours").usd / 3600 / 1.2


def test_an_unknown_stage_stops_the_watch(tmp_path_lake):
    with pytest.raises(UserError, match="stage live: unknown"):
        run(watched(tmp_path_lake), stage="live")


@pytest.mark.parametrize(("customers_of_fr", "breached"), [(200, 1), (199, 0)])
def test_a_segment_is_judged_from_200_customers_and_2_percent_on(any_lake, customers_of_fr, breached):
    countries = {"DE": (10_000 - customers_of_fr, 10.0), "FR": (customers_of_fr, 13.0)}
    assert run(watched(any_lake), early=countries)["BreachedSegments", "early-365", ""] == breached


def test_two_hundred_customers_are_not_enough_among_many(tmp_path_lake):
    countries = {"DE": (10_001, 10.0), "FR": (200, 13.0)}  # 1.96 % of customers and of revenue
    assert run(watched(tmp_path_lake), early=countries)["BreachedSegments", "early-365", ""] == 0


def test_monitored_dimensions_are_those_that_are_judged():
    assert tuple(DIMENSIONS) == MONITORED


def test_a_model_that_was_not_judged_is_named_and_ages(tmp_path_lake):
    lake = watched(tmp_path_lake)
    url = evaluation(lake, "early", None, trained=AS_OF - timedelta(days=50))
    main(arguments(lake, {"early": url, "established": None}))
    found = told_by(lake)
    drift = {figure.name for figure in DRIFT_FIGURES}
    assert {name for name, model, _ in found if model == "early-365"} == {"ModelAgeDays", *drift}
    assert found["ModelAgeDays", "early-365", ""] == 50
    assert not any(model == "established-365" for _, model, _ in found)
    assert "no snapshot has closed" in summary(lake)["notes"][0]


def test_watching_twice_is_watching_once_and_another_run_replaces_it(tmp_path_lake):
    lake = watched(tmp_path_lake)
    first = run(lake)
    place = monitoring_at(AS_OF)
    files = lake.files(place)
    run(lake)
    assert lake.files(place) == files
    assert told_by(lake) == first
    run(lake, run_id="run-2026-07-06-2")
    assert lake.current(place).run_id == "run-2026-07-06-2"


def test_scores_changed_after_publishing_are_noticed(tmp_path_lake):
    lake = watched(tmp_path_lake)
    with lake.commit(scores_at(AS_OF), "by-hand") as draft:
        customers().iloc[2:].to_parquet(draft.folder / "part-000.parquet", index=False)
    assert run(lake)["ReconciliationGap", "", ""] == 2


def test_advice_to_train_is_for_the_next_plan_and_no_older_t0_takes_it_back(tmp_path_lake):
    lake = watched(tmp_path_lake)
    bad = forecasts("early", DE=(1_000, 20.0))
    url = evaluation(lake, "early", bad, trained=AS_OF - timedelta(days=20))
    main(arguments(lake, {"early": url}))
    given = json.loads(lake.read_text("monitoring/advice.json"))
    assert given["retrain"] == "now"
    assert "early" in given["reason"]
    with lake.commit(f"features/as_of={BEFORE}", RUN) as draft:
        customers().to_parquet(draft.folder / "part-000.parquet", index=False)
    sound = evaluation(lake, "early", forecasts("early", **SOUND), trained=BEFORE)
    main(arguments(lake, {"early": sound}, run_id="late", **{"as-of": str(BEFORE)}))
    assert json.loads(lake.read_text("monitoring/advice.json")) == given


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verb": "ledger"}, "knows only watch"),
        ({"as-of": "yesterday"}, "as_of 'yesterday'"),
        ({"evaluations": "["}, "--evaluations: not JSON"),
        ({"evaluations": '{"early": "nowhere/evaluation.json"}'}, "nowhere/evaluation.json: no evaluation"),
        ({"lake": ""}, "--lake missing"),
        ({"as-of": "2020-01-01"}, "scores/as_of=2020-01-01"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_one_line(tmp_path_lake, changes, message):
    with pytest.raises(UserError, match=message):
        main(
            [
                *arguments(watched(tmp_path_lake), {}),
                *(part for name, value in changes.items() for part in (f"--{name}", value)),
            ]
        )


def test_an_evaluation_of_the_other_model_is_refused(tmp_path_lake):
    lake = watched(tmp_path_lake)
    url = evaluation(lake, "established", forecasts("established", **SOUND))
    with pytest.raises(UserError, match="is of the established model, not of early"):
        main(arguments(lake, {"early": url}))


def test_metrics_reach_cloudwatch_in_batches_with_their_dimensions(cloudwatch):
    many = [Metric("Customers", float(n), "early-365", f"country=C{n:04}") for n in range(2 * BATCH + 300)]
    assert put_metrics(cloudwatch, "CLV/batches", many) == 3
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="CLV/batches")
    listed = [metric for page in pages for metric in page["Metrics"]]
    assert len(listed) == len(many)
    assert {d["Name"] for d in listed[0]["Dimensions"]} == {"Model", "Segment"}


def test_a_breach_in_one_model_raises_the_alarm_of_that_model_alone(any_lake, cloudwatch):
    namespace = f"CLV/{any_lake.root[-12:]}"
    deploy_alarms(cloudwatch, namespace)
    run(watched(any_lake), early={"DE": (9_800, 10.0), "FR": (200, 13.0)}, namespace=namespace)
    described = cloudwatch.describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"]
    points, at = points_put(cloudwatch, namespace)
    states = {
        found.name.removeprefix(namespace): found.state for found in alarm_states(described, points, at)
    }
    raised = {name for name, state in states.items() if state == "ALARM"}
    assert raised == {
        "BreachedSegments-early",
        "QuarantinedRowShare",
        "QuarantinedMoneyShare",
    }  # 3 % of orders
    assert states["BreachedSegments-established"] == "OK"


@pytest.fixture
def tmp_path_lake(tmp_path):
    return Lake.at(tmp_path / "lake")


@pytest.fixture
def cloudwatch(s3):
    client = boto3.client("cloudwatch")
    yield client
    client.close()
