"""The monitoring job on weeks that are as usual, drifted, emptied or not delivered."""

import json
from datetime import date, timedelta

import pytest

from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, monitoring_at, scores_at
from clv.tables import DRIFT
from clv.timeline import EPOCH
from monitoring.job import main
from tests.flow.test_watch import SOUND, arguments, summary, told_by
from tests.flow.watched_lake import (
    AS_OF,
    customers,
    evaluation,
    forecasts,
    usual_deliveries,
    usual_features,
    watched,
)

NEXT = AS_OF + timedelta(days=7)


@pytest.fixture
def lake(tmp_path):
    return Lake.at(tmp_path / "lake")


def watch(lake, trained: date = AS_OF - timedelta(days=21), **changes):
    """Watch a week with sound models; return figures by name and model."""
    urls = {
        segment: evaluation(lake, segment, forecasts(segment, **SOUND), trained)
        for segment in ("early", "established")
    }
    main(arguments(lake, urls, **changes))
    as_of = date.fromisoformat(changes.get("as-of", str(AS_OF)))
    return {(name, model): value for (name, model, _), value in told_by(lake, as_of).items()}


def advice(lake):
    return json.loads(lake.read_text("monitoring/advice.json"))


def test_a_usual_week_has_no_flag_and_needs_no_training_for_a_quarter(any_lake):
    found = watch(watched(any_lake))
    for segment in ("early-365", "established-365"):
        assert found["DriftedVariables", segment] == 0
        assert found["WorstFeaturePsi", segment] < 0.25
        assert found["ScorePsi", segment] == 0
    assert found["DataFaults", ""] == 0
    assert summary(any_lake)["drift"] == summary(any_lake)["data_faults"] == []
    assert (advice(any_lake)["retrain"], advice(any_lake)["rules"]) == ("quarterly", "quiet")


def test_the_table_has_a_row_for_every_variable_of_every_segment(lake):
    watch(watched(lake))
    frame = read_frame(lake.files(monitoring_at(AS_OF), "drift/"))
    assert tuple(frame.columns) == DRIFT.names
    assert not frame.duplicated(list(DRIFT.key)).any()
    assert set(frame.variable) == {"recency_days", "searches_30d", "country", "clv_eur"}
    assert set(frame.against) == {"model"}
    assert set(frame.kind) == set(DRIFT.column("kind").values)
    assert frame[frame.kind == "name"][["psi", "chi_square", "p_adjusted"]].notna().all(axis=None)
    assert frame[frame.kind != "name"][["psi", "ks_distance", "p_adjusted"]].notna().all(axis=None)


def test_a_drifted_feature_is_flagged_where_it_drifted_and_asks_for_weekly_training(lake):
    people = usual_features()
    people.loc[people.segment == "early", "searches_30d"] += 5
    found = watch(watched(lake, people))
    assert found["DriftedVariables", "early-365"] == 1
    assert found["DriftedVariables", "established-365"] == 0
    assert found["WorstFeaturePsi", "early-365"] > 1
    [flagged] = summary(lake)["drift"]
    assert (flagged["segment"], flagged["variable"], flagged["flag"]) == ("early", "searches_30d", "drifted")
    given = advice(lake)
    assert (given["retrain"], given["rules"]) == ("weekly", "some_drift")
    assert given["reason"] == "the early model meets some drift: searches_30d"


@pytest.mark.parametrize(("days", "retrain"), [(14, "now"), (13, "weekly")])
def test_drifted_scores_ask_for_training_now_once_the_model_is_two_weeks_old(lake, days, retrain):
    watched(lake)
    with lake.commit(scores_at(AS_OF), "other") as draft:
        people = customers()
        people["clv_eur"] *= 2
        people.to_parquet(draft.folder / "part-000.parquet", index=False)
    found = watch(lake, trained=AS_OF - timedelta(days=days))
    assert found["DriftedVariables", "early-365"] == 1
    assert found["ScorePsi", "early-365"] > 1 > found["WorstFeaturePsi", "early-365"]
    assert advice(lake)["retrain"] == retrain


def test_cells_that_are_empty_now_are_a_fault_of_the_data_and_no_reason_to_train(lake):
    people = usual_features()
    people.loc[people.index % 10 == 0, "recency_days"] = None
    people.loc[people.segment == "early", "searches_30d"] += 5
    found = watch(watched(lake, people))
    assert found["DataFaults", ""] == 1
    assert summary(lake)["data_faults"] == ["cells are empty that were not: recency_days"]
    assert (advice(lake)["retrain"], advice(lake)["rules"]) == ("monthly", "data_fault")


def test_a_missing_week_and_a_type_of_events_that_stopped_are_told(lake):
    late = usual_deliveries()
    late = late[(late.source == "orders") | (late.day < (AS_OF - EPOCH).days - 7)]
    found = watch(watched(lake, delivered=late))
    assert found["DataFaults", ""] == 1
    assert summary(lake)["data_faults"][0].startswith("web_events search: the newest event is of 2026-06-28")


def test_a_week_is_held_against_the_one_before(lake):
    watch(watched(lake))
    people = usual_features()
    people["recency_days"] += 60
    for place, frame in ((features_at(NEXT), people), (scores_at(NEXT), customers())):
        with lake.commit(place, "next") as draft:
            frame.to_parquet(draft.folder / "part-000.parquet", index=False)
    watch(lake, run_id="run-next", **{"as-of": str(NEXT)})
    frame = read_frame(lake.files(monitoring_at(NEXT), "drift/"))
    flagged = frame[frame.flag == "drifted"]
    assert set(flagged.variable) == {"recency_days"}
    assert sorted(flagged.against) == ["model", "model", "week_before", "week_before"]


def test_a_model_without_a_profile_is_named_and_the_week_before_still_counts(lake):
    url = evaluation(watched(lake), "early", forecasts("early", **SOUND))
    lake.storage.delete(["models/horizon_days=365/segment=early/train-1/baseline.json"])
    main(arguments(lake, {"early": url, "established": None}))
    assert not any(name == "DriftedVariables" for name, _, _ in told_by(lake))
    assert summary(lake)["notes"] == [
        "early: no profile lies beside the evaluation of the model in force; train anew"
    ]
    assert advice(lake)["retrain"] == "monthly"
