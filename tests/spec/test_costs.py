"""What work costs: billed seconds, minimum, free tiers, and how it grows with customers."""

import json
from pathlib import Path

import pytest

from clv.costs import (
    DAILY_RUNS_A_MONTH,
    GLUE_MINIMUM_SECONDS,
    WEEKS_A_MONTH,
    GlueJob,
    ModelJob,
    MonthUsage,
    RunUsage,
    free_eur,
    month_quantities,
    priced,
    run_quantities,
    total_eur,
)
from clv.errors import UserError
from clv.measured import (
    DAILY_CALLS,
    DAILY_STATES,
    TRAINING_CALLS,
    TRAINING_STATES,
    WEEKLY_CALLS,
    WEEKLY_STATES,
    daily_of,
    scaled,
    training_of,
    usage_of,
    weekly_of,
)
from clv.prices import Price, Prices, read_prices
from clv.sizes import Sizes, sizes_of

MACHINE = Path(__file__).parents[2] / "step_functions" / "weekly.asl.json"
SIZES = Sizes()
RECORDS = {
    "ledger": {"seconds": 10.0, "processor_seconds": 14.4, "engine": "duckdb"},
    "features": {"seconds": 20.0, "processor_seconds": 28.8, "engine": "duckdb"},
    "snapshots": {"seconds": 120.0, "processor_seconds": 518.4, "engine": "duckdb", "snapshots_written": 12},
    "publish": {"seconds": 5.0, "processor_seconds": 7.2, "engine": "duckdb"},
    "watch": {"seconds": 2.0, "rows": 73},
    "sagemaker": {
        "seconds": 90,
        "jobs": [
            {"kind": "training", "segment": "early", "seconds": 60},
            {"kind": "transform", "segment": "early", "seconds": 30},
        ],
    },
}
"""On two workers 14.4 s of DuckDB are 14.4 × 5 / (1 × 4 × 0.6) = 30 s of Glue, on four 518.4 s are 360 s."""


@pytest.fixture(autouse=True)
def five_to_one(monkeypatch):
    """Let Spark need five processor seconds for one of DuckDB."""
    monkeypatch.setattr("clv.measured.SPARK_FACTOR", 5.0)


def prices(**of):
    """Prices at 1.25 USD per EUR."""
    return Prices("nowhere", "2026-01-01", "", 1.25, "2026-01-01", "", of)


def seconds(jobs):
    return {job.verb if isinstance(job, GlueJob) else job.kind: round(job.seconds, 9) for job in jobs}


def test_a_glue_job_is_billed_by_worker_and_second_with_its_start():
    billed = run_quantities(RunUsage(glue=(GlueJob("ledger", 300, 4),)))
    assert billed["glue_dpu_hours"] == pytest.approx((300 + 60) * 4 / 3600)  # 0.4


@pytest.mark.parametrize(("start", "billed_seconds"), [(0, 60), (60, 62)])
def test_no_glue_job_is_billed_less_than_a_minute(monkeypatch, start, billed_seconds):
    monkeypatch.setattr("clv.costs.GLUE_START_SECONDS", start)
    assert GLUE_MINIMUM_SECONDS == 60
    billed = run_quantities(RunUsage(glue=(GlueJob("watch", 2, 2),)))
    assert billed["glue_dpu_hours"] == pytest.approx(billed_seconds * 2 / 3600)


def test_flex_has_a_price_of_its_own():
    billed = run_quantities(RunUsage(glue=(GlueJob("ledger", 300, 4, flex=True),)))
    assert billed["glue_flex_dpu_hours"] == pytest.approx(0.4)
    assert "glue_dpu_hours" not in billed


def test_model_jobs_are_billed_by_instance_and_a_training_for_its_disk():
    jobs = (ModelJob("training", 360, "ml.m5.xlarge"), ModelJob("transform", 120, "ml.m5.large"))
    billed = run_quantities(RunUsage(models=jobs))
    assert billed["ml.m5.xlarge"] == pytest.approx((360 + 240) / 3600)
    assert billed["ml.m5.large"] == pytest.approx((120 + 240) / 3600)
    assert billed["sagemaker_gb_months"] == pytest.approx(600 / 3600 / 730 * 30)


def test_money_is_units_times_price_in_eur_and_free_units_are_told_apart():
    found = priced(
        {"transitions": 5_000, "alarms": 14},
        prices(
            transitions=Price("Step Functions", "transition", 0.025, per=1_000, free_per_month=4_000),
            alarms=Price("CloudWatch", "alarm", 0.10),
        ),
    )
    by_name = {line.name: (round(line.eur, 6), round(line.free_eur, 6)) for line in found}
    assert by_name == {"alarms": (1.12, 0), "transitions": (0.1, 0.08)}
    assert [line.name for line in found] == ["alarms", "transitions"]  # most expensive first
    assert total_eur(found) == pytest.approx(1.22)
    assert free_eur(found) == pytest.approx(0.08)


def test_no_more_is_free_than_is_used():
    found = priced({"alarms": 3}, prices(alarms=Price("CloudWatch", "alarm", 0.10, free_per_month=10)))
    assert found[0].eur == found[0].free_eur == pytest.approx(0.24)


def test_an_instance_without_a_price_is_named():
    billed = run_quantities(RunUsage(models=(ModelJob("training", 60, "ml.p3.2xlarge"),)))
    with pytest.raises(UserError, match=r"ml\.p3\.2xlarge: no price in clv/prices\.json"):
        priced(billed, read_prices())


def test_a_month_is_its_runs_and_what_stands():
    weekly = RunUsage(glue=(GlueJob("publish", 40, 2),), transitions=20)
    training = RunUsage(models=(ModelJob("training", 120, "ml.m5.xlarge"),), transitions=9)
    daily = RunUsage(glue=(GlueJob("ledger", 30, 4),), transitions=8)
    billed = month_quantities(
        MonthUsage(
            weekly=weekly,
            training=training,
            daily=daily,
            trainings=2,
            stored_bytes=5e9,
            scanned_bytes=2e12,
            events=1_000_000,
            event_files=100,
            alarms=14,
        )
    )
    assert billed["glue_dpu_hours"] == pytest.approx(
        (WEEKS_A_MONTH * 100 * 2 + (DAILY_RUNS_A_MONTH * 90 + 2 * 96 * 365 / 12 * 0.05) * 4) / 3600
    )
    assert billed["ml.m5.xlarge"] == pytest.approx(2 * 360 / 3600)
    assert billed["transitions"] == pytest.approx(WEEKS_A_MONTH * 20 + 2 * 9 + DAILY_RUNS_A_MONTH * 8)
    assert billed["s3_gb_months"] == 5
    assert billed["athena_tb"] == 2
    assert billed["firehose_gb"] == pytest.approx(5)  # every event counts as 5 KB
    assert (billed["alarms"], billed["dashboards"], billed["kms_keys"]) == (14, 1, 1)


def test_a_weekly_metric_is_billed_for_the_hours_in_which_it_is_put():
    weekly = RunUsage(metrics=730)
    month = MonthUsage(weekly, RunUsage(), RunUsage(), 0, 0, 0, 0, 0, 0)
    freshness = 2 * 365 / 12 / 730
    assert month_quantities(month)["metric_months"] == pytest.approx(WEEKS_A_MONTH + freshness)


def test_the_work_of_duckdb_is_spread_over_the_workers_and_seconds_of_glue_count_as_they_are():
    spark = {name: {**record, "engine": "spark"} for name, record in RECORDS.items()}
    assert seconds(weekly_of(RECORDS, SIZES).glue) == {
        "ledger": 30,
        "features": 60,
        "publish": 15,
        "watch": 2,
    }
    assert seconds(daily_of(spark, SIZES).glue) == {"ledger": 10, "features": 20}


def test_a_run_is_billed_for_all_that_is_on_record():
    used = usage_of(RECORDS, SIZES)
    assert seconds(used.glue) == {"ledger": 30, "features": 60, "publish": 15, "watch": 2, "snapshots": 360}
    assert seconds(used.models) == {"training": 60, "transform": 30}
    assert used.metrics == 73
    assert usage_of({name: RECORDS[name] for name in ("ledger", "features")}, SIZES) == daily_of(
        RECORDS, SIZES
    )


def test_a_monthly_training_builds_the_snapshots_that_closed_not_those_of_the_first_run():
    assert seconds(training_of(RECORDS, SIZES, snapshots=1).glue) == {"snapshots": 30}
    built = {**RECORDS, "snapshots": {"seconds": 9.0, "engine": "spark", "snapshots_written": 0}}
    assert seconds(training_of(built, SIZES, snapshots=1).glue) == {"snapshots": 9}


def test_twice_the_customers_take_twice_as_long_but_the_watch_job():
    grown = scaled(usage_of(RECORDS, SIZES), customers=20_000, wanted=40_000, sampled=60_000)
    assert seconds(grown.glue) == {"ledger": 60, "features": 120, "publish": 30, "watch": 2, "snapshots": 720}
    assert seconds(grown.models) == {"training": 120, "transform": 60}


@pytest.mark.parametrize(("wanted", "training"), [(60_000, 180), (300_000, 180), (10_000, 30)])
def test_training_grows_until_a_snapshot_holds_what_is_drawn_of_it(wanted, training):
    grown = scaled(usage_of(RECORDS, SIZES), customers=20_000, wanted=wanted, sampled=60_000)
    assert seconds(grown.models)["training"] == training


def test_an_unknown_stage_is_named():
    with pytest.raises(UserError, match="stage live: unknown"):
        sizes_of("live")


def test_everything_that_is_billed_has_a_price():
    used = usage_of(RECORDS, SIZES)
    month = MonthUsage(used, used, used, 1, 1, 1, 1, 1, 1, 1)
    assert {line.service for line in priced(month_quantities(month), read_prices())} >= {
        "Glue",
        "SageMaker",
        "S3",
    }


def entered(name="Plan", choices=None):
    """The states that a run enters from one on, by the way that the choices take; branches one after the other."""
    states, found = json.loads(MACHINE.read_text(encoding="utf-8"))["States"], []
    return _walk(states, name, choices or {}, found)


def _walk(states, name, choices, found):
    while name:
        state = states[name]
        found.append((name, state.get("Resource", "")))
        for branch in state.get("Branches", []):
            _walk(branch["States"], branch["StartAt"], choices, found)
        name = choices.get(name, state["Default"]) if state["Type"] == "Choice" else state.get("Next")
    return found


@pytest.mark.parametrize(
    ("choices", "states", "calls"),
    [
        ({"FeaturesOnly?": "ReleaseLock"}, DAILY_STATES, DAILY_CALLS),
        ({"TrainingDue?": "ResolveModels"}, WEEKLY_STATES, WEEKLY_CALLS),
        ({"TrainingDue?": "BuildSnapshots"}, WEEKLY_STATES + TRAINING_STATES, WEEKLY_CALLS + TRAINING_CALLS),
    ],
)
def test_states_and_calls_are_those_of_the_machine(choices, states, calls):
    usual = {"AllApproved?": "ResolveModels", "WatchWanted?": "Watch"}
    found = entered(choices={**usual, **choices})
    assert len(found) == states
    assert sum(resource.endswith("lambda:invoke") for _, resource in found) == calls
