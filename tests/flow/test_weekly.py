import json
import os
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.backtests import backtest_once
from app.weekly import run_once
from clv.errors import UserError
from clv.frames import arrow_schema, read_frame
from clv.lake import Lake
from clv.partitions import features_at, scores_at
from clv.tables import SCORES
from step_functions.laptop.runners import GLUE
from tests.flow.conftest import AS_OF, SETTINGS, silent


def scores_of(lake):
    return read_frame(lake.files(scores_at(AS_OF)))


def test_every_customer_is_scored_once_and_leads_have_no_money(scored):
    lake, _ = scored
    scores, features = scores_of(lake), read_frame(lake.files(features_at(AS_OF)))
    assert sorted(scores.customer_id) == sorted(features.customer_id)
    leads = scores.segment == "lead"
    assert leads.any()
    assert (
        scores[leads][["clv_eur", "p_active", "decile", "baseline_last_year_eur", "model_version"]]
        .isna()
        .all(None)
    )
    assert scores[~leads][["clv_eur", "p_active", "decile", "model_version"]].notna().all(None)
    assert scores[~leads].p_active.between(0, 1).all()


def test_scores_are_written_with_the_types_of_their_contract(scored):
    lake, _ = scored
    (file,) = lake.files(scores_at(AS_OF))
    assert pq.ParquetFile(file).schema_arrow.remove_metadata() == arrow_schema(SCORES)


def test_deciles_are_equal_tenths_of_the_non_leads_ranked_by_clv(scored):
    scores = scores_of(scored[0])
    ranked = scores[scores.segment != "lead"]
    sizes = ranked.decile.value_counts()
    assert sizes.max() - sizes.min() <= 1
    worst_of_top = ranked[ranked.decile == 10].clv_eur.min()
    assert worst_of_top >= ranked[ranked.decile < 10].clv_eur.max()


def test_median_and_interval_of_a_customer_are_in_order_or_all_unknown(scored):
    scores = scores_of(scored[0])
    interval = scores[["clv_low_eur", "clv_median_eur", "clv_high_eur"]]
    known = interval.notna().all(axis=1)
    assert (known == (scores.segment != "lead")).all()
    assert (interval[known].diff(axis=1).iloc[:, 1:] >= 0).all(None)
    assert interval[~known].isna().all(None)


def test_each_segment_is_scored_by_one_model(scored):
    scores = scores_of(scored[0])
    versions = scores[scores.segment != "lead"].groupby("segment").model_version.nunique()
    assert versions.to_dict() == {"early": 1, "established": 1}
    for segment, rows in scores[scores.segment != "lead"].groupby("segment"):
        assert rows.model_version.iloc[0].endswith(f"@clv-{segment}-180/1")


def test_the_run_tells_its_three_accounts_and_stores_them(scored):
    lake, told = scored
    (stored,) = lake.path("ledger").rglob("accounts.json")
    assert told["accounts"] == json.loads(stored.read_text())
    assert {line["fate"] for line in told["accounts"]} == {"used", "quarantined", "excluded"}


def commits_of(lake):
    """What is committed in the lake, the watch apart: it looks again at every run."""
    found = {path: path.read_bytes() for path in lake.path("").rglob("_current.json")}
    return {path: text for path, text in found.items() if "monitoring" not in path.parts}


def test_a_second_run_does_nothing_again(scored):
    lake, told = scored
    before = commits_of(lake)
    again = run_once(lake, AS_OF, SETTINGS, silent)
    assert commits_of(lake) == before
    assert again["segments"] == told["segments"]
    assert again["accounts"] == told["accounts"]
    assert again["models"] == []


def test_scores_of_another_horizon_need_replace(scored):
    lake, _ = scored
    with pytest.raises(UserError, match="holds scores of 180 days; say --replace"):
        run_once(lake, AS_OF, replace(SETTINGS, horizon_days=90), silent)


def test_a_lock_of_a_living_process_stops_a_run_and_of_a_dead_one_does_not(scored):
    lake, _ = scored
    lock = lake.path("runs/lock.json")
    lock.write_text(json.dumps({"run_id": "run-x", "execution": "arn", "process": os.getppid()}))
    for start in (run_once, backtest_once):
        with pytest.raises(UserError, match=r"run run-x \(process \d+\) is at work"):
            start(lake, AS_OF, SETTINGS, silent)
    lock.write_text(json.dumps({"run_id": "run-x", "execution": "arn", "process": 2**22 + 1}))
    run_once(lake, AS_OF, SETTINGS, silent)
    assert not lock.exists()


def test_progress_names_the_machines_states_and_what_its_jobs_say(scored):
    said = []
    run_once(scored[0], AS_OF, SETTINGS, said.append)
    states = [line.partition(":")[0] for line in said]
    assert states[:3] == ["Plan", "TakeLock", "BuildLedger"]
    assert states[-1] == "ReleaseLock"
    assert "ledger: stands, made of the same raw tables" in said
    assert not any(line.startswith("python 3") for line in said)


def test_the_registry_lies_in_the_lake_with_every_training(scored):
    lake, told = scored
    registry = json.loads(lake.read_text("runs/registry.json"))
    assert {group: len(packages) for group, packages in registry.items()} == {
        "clv-early-180": 1,
        "clv-established-180": 1,
    }
    assert {model["package"] for model in told["models"]} == {"clv-early-180/1", "clv-established-180/1"}
    assert {model["status"] for model in told["models"]} == {"Approved"}
    assert lake.root not in json.dumps(registry)


@pytest.fixture
def copy(scored, tmp_path):
    """A lake of its own for a test that changes it."""
    lake = Lake.at(tmp_path / 'a "copy" of mine')
    shutil.copytree(scored[0].root, lake.root)
    return lake


def test_replacing_scores_anew_with_the_approved_models_of_a_lake_that_was_moved(scored, copy):
    before = scores_of(copy)
    told = run_once(copy, AS_OF, SETTINGS, silent, replace=True)
    assert told["models"] == []
    assert copy.current(scores_at(AS_OF)).run_id != scored[0].current(scores_at(AS_OF)).run_id
    pd.testing.assert_frame_equal(scores_of(copy), before, check_exact=True)


def test_a_training_meets_the_champion_and_is_registered_beside_it(copy):
    told = run_once(copy, AS_OF, SETTINGS, silent, train="always")
    assert sorted(model["package"] for model in told["models"]) == [
        "clv-early-180/2",
        "clv-established-180/2",
    ]
    assert not any("no champion" in model["reason"] for model in told["models"])


def test_without_an_approved_model_nothing_is_scored_and_the_reason_is_said(copy):
    registry = json.loads(copy.read_text("runs/registry.json"))
    registry["clv-early-180"][0]["ModelApprovalStatus"] = "Rejected"
    copy.write_text("runs/registry.json", json.dumps(registry))
    before = scores_of(copy)
    with pytest.raises(UserError, match="clv-early-180 has no approved model"):
        run_once(copy, AS_OF, SETTINGS, silent, train="never", replace=True)
    pd.testing.assert_frame_equal(scores_of(copy), before, check_exact=True)
    assert copy.read_text("runs/lock.json") is None


def test_a_failing_job_shows_its_own_error_and_gives_up_the_lock(copy, monkeypatch):
    def broken(argv, say):
        raise ZeroDivisionError("in the features")

    monkeypatch.setitem(GLUE, "features", broken)
    with pytest.raises(ZeroDivisionError, match="in the features"):
        run_once(copy, AS_OF, SETTINGS, silent)
    assert copy.read_text("runs/lock.json") is None


def test_a_lake_on_s3_names_the_command_that_starts_the_deployed_machine():
    with pytest.raises(UserError, match=r"aws stepfunctions start-execution .*\"as_of\": \"2025-07-01\""):
        run_once(Lake.at("s3://bucket/lake"), AS_OF, SETTINGS, silent)
