"""One training as SageMaker runs it: from a channel folder to model, evaluation and verdict."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from clv.closed_snapshots import SnapshotPlan
from clv.errors import UserError
from clv.lake import Lake
from clv.models.catalogue import load_model
from clv.segments import SCORED
from clv.snapshots import snapshot
from clv.timeline import Horizon, parse_as_of
from clv.training_metrics import METRIC_DEFINITIONS
from tests.flow.conftest import AS_OF
from tests.flow.trainings import HORIZON, Trained, write_plan
from training import job
from training.base import POOLED
from training.champion import open_champion
from training.choice import Choice
from training.leaderboard import OURS


def as_the_recipe_chose(judged, meeting):
    """Choose the recipe's own model: this shop is too small to show that it beats the classical one."""
    return Choice(OURS)


@pytest.fixture(scope="module")
def learned(channel, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "choose", as_the_recipe_chose)
        return {name: Trained(tmp_path_factory.mktemp(name), channel, name) for name in SCORED}


def test_what_was_judged_is_the_newest_closed_snapshot_taught_by_horizons_closed_before_it(learned):
    told = learned["established"].told("evaluation.json")
    assert told["evaluation_as_of"] == "2025-01-01"
    assert told["training_as_ofs"] == ["2024-11-01", "2024-12-01", "2025-01-01"]
    assert told["evaluation_training_as_ofs"] == ["2024-05-01", "2024-06-01", "2024-07-01"]
    assert told["evaluated_version"] != told["model_version"]


@pytest.mark.parametrize("segment", SCORED)
def test_every_rival_is_judged_on_the_customers_of_the_segment(channel, trained, segment):
    told = trained[segment].told("evaluation.json")
    frame = snapshot(Lake.at(channel), parse_as_of("2025-01-01"), HORIZON, labelled=True)
    customers = frame[frame.segment == segment]
    assert {row["model"] for row in told["rows"]} == {
        "ours",
        "12m",
        "rfm",
        "btyd-bgnbd-gg-all",
        "btyd-bgnbd-gg-repeat",
        "btyd-mbgnbd-gg-all",
        "btyd-mbgnbd-gg-repeat",
        "btyd-paretonbd-gg-all",
        "btyd-paretonbd-gg-repeat",
        "pooled",
        "btyd-paretonbd-gg-12m",
        "last-year-btyd-level",
    }
    assert {(row["segment"], row["n"]) for row in told["rows"]} == {(segment, len(customers))}
    [everybody] = [row for row in told["figures"] if row["dimension"] == "all"]
    assert everybody["actual_eur"] == pytest.approx(customers.label_eur.sum())
    [own] = [row for row in told["rows"] if row["model"] == told["headline"]]
    assert everybody["rmse"] == own["rmse"]
    listed = pd.read_parquet(trained[segment].output / "customers.parquet")
    assert sorted(listed.customer_id) == sorted(customers.customer_id)
    assert listed.clv_eur.sum() == pytest.approx(everybody["predicted_eur"])


@pytest.mark.parametrize("segment", SCORED)
def test_the_model_folder_loads_and_forecasts_todays_customers(channel, learned, segment):
    done = learned[segment]
    model = load_model(done.model, HORIZON.days)
    card = json.loads((done.model / "card.json").read_text())
    assert model.version == card["model_version"] == done.told("evaluation.json")["model_version"]
    assert card["trained_as_of"] == AS_OF.isoformat()
    assert card["population"]["all"]["rows"] > card["population"][segment]["rows"] > 0
    assert set(card["metrics"]) == {"ours", "12m"}
    frame = snapshot(Lake.at(channel), AS_OF, HORIZON, labelled=False)
    said = model.forecast(frame[frame.segment == segment])
    baseline = done.told("baseline.json")
    assert baseline["customers"] == len(said)
    quantiles = baseline["numeric"]["clv_eur"]["quantiles"]
    assert quantiles["0.5"] == np.quantile(said.clv_eur, 0.5, method="inverted_cdf")


def test_metrics_are_printed_as_their_definitions_find_them(trained):
    done = trained["established"]
    told = done.told("evaluation.json")
    [own] = [row for row in told["rows"] if row["model"] == told["headline"]]
    log = "\n".join(done.said)
    found = {d["Name"]: float(re.search(d["Regex"], log)[1]) for d in METRIC_DEFINITIONS}
    assert found == pytest.approx(
        {
            "validation-gini": own["gini_normalised"],
            "validation-calibration": own["calibration_ratio"],
            "validation-rmse": own["rmse"],
            "validation-mae": own["mae"],
        },
        abs=1e-6,
    )


def test_a_model_that_is_not_shown_to_beat_the_classical_one_is_passed_over_and_its_verdict_told(trained):
    done = trained["established"]
    [own, *_] = done.verdict["refused"]
    assert (own["candidate"], own["status"]) == ("ours", "PendingManualApproval")
    assert "beats_buy_till_you_die" in [rule["rule"] for rule in own["rules"] if not rule["passed"]]
    assert done.verdict["status"] == "Approved"
    told, model = done.told("evaluation.json"), load_model(done.model, HORIZON.days)
    assert told["headline"] == POOLED
    assert f"-{POOLED}-" in model.version
    everybody = [row for row in told["calibration"] if row["dimension"] == "all"]
    assert everybody[0]["low"] < everybody[0]["calibration_ratio"] < everybody[0]["high"]


@pytest.mark.parametrize("segment", SCORED)
def test_a_second_training_writes_the_same_bytes(channel, trained, segment, tmp_path):
    assert Trained(tmp_path, channel, segment).files() == trained[segment].files()


def test_a_champion_that_has_not_seen_the_label_is_judged_on_the_same_customers(channel, learned, tmp_path):
    packed = learned["established"].archive(tmp_path, trained_as_of="2025-01-01")
    done = Trained(tmp_path / "new", channel, "established", packed, learned["established"].output)
    told = done.told("evaluation.json")
    rows = {row["model"]: row for row in told["rows"]}
    assert "champion" in rows
    [rule] = [r for r in done.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    gap = rows[told["headline"]]["gini_normalised"] - rows["champion"]["gini_normalised"]
    assert rule["figure"] == pytest.approx(gap)
    assert "on the same customers of 2025-01-01" in rule["says"]


def test_a_champion_that_has_seen_the_label_is_compared_by_its_own_evaluation(
    channel, learned, tmp_path, monkeypatch
):
    monkeypatch.setattr(job, "choose", as_the_recipe_chose)
    done = learned["established"]
    again = Trained(tmp_path / "new", channel, "established", done.archive(tmp_path), done.output)
    assert "champion" not in {row["model"] for row in again.told("evaluation.json")["rows"]}
    [rule] = [r for r in again.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    assert (rule["figure"], rule["passed"]) == (0.0, True)
    told = done.told("evaluation.json") | {"evaluation_as_of": "2024-12-01"}
    (tmp_path / "evaluation.json").write_text(json.dumps(told))
    other = Trained(tmp_path / "other", channel, "established", tmp_path, tmp_path)
    [rule] = [r for r in other.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    assert (rule["figure"], rule["passed"]) == (None, True)
    assert "its last evaluation is of another t₀" in rule["says"]


def test_a_champion_of_another_horizon_is_refused(learned, tmp_path):
    packed = learned["early"].archive(tmp_path)
    with pytest.raises(UserError, match="forecasts 180 days, not 90"):
        open_champion(packed, Horizon(90))


def without_labels(channel, tmp_path, planned):
    folder = tmp_path / "channel"
    shutil.copytree(channel, folder)
    write_plan(folder, planned)
    return folder


@pytest.mark.parametrize("segment", SCORED)
def test_with_nothing_closed_the_label_free_model_is_approved_and_says_why(channel, segment, tmp_path):
    folder = without_labels(channel, tmp_path, SnapshotPlan((), None, ()))
    done = Trained(tmp_path / "done", folder, segment)
    assert done.verdict["status"] == "Approved"
    assert done.verdict["reason"].startswith("no snapshot has closed a horizon of 180 days")
    assert load_model(done.model, 180).version == "btyd-paretonbd-gg-12m"
    told = done.told("evaluation.json")
    assert (told["evaluation_as_of"], told["rows"], told["figures"]) == (None, [], [])
    assert not [line for line in done.said if line.startswith("validation-")]


def test_trees_that_nobody_could_judge_do_not_score(channel, tmp_path):
    closed = (parse_as_of("2024-07-01"),)
    folder = without_labels(channel, tmp_path, SnapshotPlan(closed, closed[0], ()))
    done = Trained(tmp_path / "done", folder, "established")
    model = load_model(done.model, 180)
    assert model.version.startswith("btyd-paretonbd-gg-12m-")
    assert model.taught.bands is not None  # the labels that closed teach the interval
    told = done.told("evaluation.json")
    assert told["evaluation_as_of"] == "2024-07-01"
    assert told["notes"][0].startswith("no trees could be judged at 2024-07-01")
    assert {row["model"] for row in told["rows"]} >= {"ours", "12m"}


def test_before_a_second_horizon_has_closed_trees_are_judged_on_the_other_half_and_say_so(
    channel, tmp_path, monkeypatch
):
    monkeypatch.setattr(job, "choose", as_the_recipe_chose)
    closed = tuple(map(parse_as_of, ("2024-05-01", "2024-06-01", "2024-07-01")))
    folder = without_labels(channel, tmp_path, SnapshotPlan(closed, closed[-1], ()))
    done = Trained(tmp_path / "done", folder, "established")
    told = done.told("evaluation.json")
    assert told["caveat"].startswith("not out of time")
    assert "not out of time" in done.verdict["reason"] + done.verdict["rules"][0]["says"]
    assert load_model(done.model, 180).version.startswith("xgb-tweedie_poisson-")
    frame = snapshot(Lake.at(folder), closed[-1], HORIZON, labelled=True)
    everybody = (frame.segment == "established").sum()
    assert told["customers"] == pytest.approx(everybody / 2, rel=0.15)


def test_a_label_free_model_that_was_not_judged_does_not_replace_trees(channel, learned, tmp_path):
    folder = without_labels(channel, tmp_path, SnapshotPlan((), None, ()))
    packed = learned["established"].archive(tmp_path)
    done = Trained(tmp_path / "done", folder, "established", packed)
    assert done.verdict["status"] == "PendingManualApproval"
    assert "may not replace xgb-tweedie_poisson-" in done.verdict["reason"]


@pytest.mark.parametrize("segment", SCORED)
def test_every_training_validates_itself_and_leaves_a_page_for_people(trained, segment):
    done = trained[segment]
    card = done.told("card.json")
    found = {row["check"]: row for row in card["validation"]["checks"]}
    everybody = next(row for row in done.told("evaluation.json")["figures"] if row["dimension"] == "all")
    assert found["revenue_accuracy"]["found"] == pytest.approx(everybody["calibration_ratio"])
    assert found["bootstrap_moved"]["verdict"] != "not judged"
    assert found["adjacent_moved"]["verdict"] == "not judged"  # there is no champion yet
    assert card["verdict"]["status"] == done.verdict["status"]
    assert any(line.startswith(f"validation: {card['validation']['verdict']}") for line in done.said)
    page = (done.output / "card.html").read_text()
    assert card["model_version"] in page
    assert all(name in page for name in ("revenue_accuracy", "Not for", "Known limits"))


def test_what_could_not_be_judged_is_said_on_its_card(channel, tmp_path):
    folder = shutil.copytree(channel, tmp_path / "channel")
    write_plan(folder, SnapshotPlan((), None, ()))
    done = Trained(tmp_path / "run", folder, "early")
    assert done.told("card.json")["validation"]["verdict"] == "not judged"
    assert "Nothing could be judged out of time" in (done.output / "card.html").read_text()
