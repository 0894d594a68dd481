"""The verdict: what is refused, what a person must look at, what may score."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.models.baselines import classic_btyd, last_year
from clv.models.label_free import LabelFree
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.buyers import CDNOW, features_of
from training.champion import Champion, meet
from training.evaluation import evidence
from training.fit import FittedSegment
from training.out_of_time import OutOfTime
from training.promotion import Contest, Estimate, Evidence, verdict

SETTINGS = Settings(bootstrap_resamples=100)
TREES = "xgb-1", False
GOOD = Evidence(
    model_is_label_free=False,
    customers=5_000,
    unjudged="",
    same_kind=True,
    versus_last_year=Estimate(0.03, 0.01, 0.05),
    versus_champion=Contest(*TREES, Estimate(0.0, -0.01, 0.01), "on the same customers"),
    calibration=Estimate(0.9, 0.8, 1.0),
)


def contest(*difference):
    return Contest(*TREES, Estimate(*difference), "on the same customers")


CASES = {
    "all is well": ({}, "Approved", None),
    "12m ranks better beyond luck": (
        {"versus_last_year": Estimate(-0.02, -0.03, -0.001)},
        "Rejected",
        "ranks_no_worse_than_last_year",
    ),
    "12m ranks better within luck": ({"versus_last_year": Estimate(-0.02, -0.05, 0.001)}, "Approved", None),
    "ranking undefined": ({"versus_last_year": Estimate(None)}, "Approved", None),
    "champion better beyond margin and luck": (
        {"versus_champion": contest(-0.02, -0.03, -0.001)},
        "Rejected",
        "ranks_no_worse_than_the_champion",
    ),
    "champion better beyond luck, within the margin": (
        {"versus_champion": contest(-0.01, -0.012, -0.001)},
        "Approved",
        None,
    ),
    "champion better beyond the margin, within luck": (
        {"versus_champion": contest(-0.02, -0.05, 0.0)},
        "Approved",
        None,
    ),
    "champion's record better beyond the margin": (
        {"versus_champion": contest(-0.011)},
        "Rejected",
        "ranks_no_worse_than_the_champion",
    ),
    "no champion": ({"versus_champion": None}, "Approved", None),
    "not comparable": ({"versus_champion": Contest(*TREES, None, "other t₀")}, "Approved", None),
    "far too low": ({"calibration": Estimate(0.4, 0.3, 0.499)}, "PendingManualApproval", "calibrated"),
    "just not too low": ({"calibration": Estimate(0.45, 0.3, 0.5)}, "Approved", None),
    "far too high": ({"calibration": Estimate(2.4, 2.001, 3)}, "PendingManualApproval", "calibrated"),
    "just not too high": ({"calibration": Estimate(2.0, 1.5, 3)}, "Approved", None),
    "judged on one customer": ({"calibration": Estimate(3.0)}, "PendingManualApproval", "calibrated"),
    "calibration undefined": ({"calibration": Estimate(None)}, "PendingManualApproval", "calibrated"),
    "another kind was judged": ({"same_kind": False}, "PendingManualApproval", "judged_before_it_scores"),
}


@pytest.mark.parametrize(("changed", "status", "broken"), CASES.values(), ids=CASES)
def test_status_and_the_rule_that_decides_it(changed, status, broken):
    found = verdict(replace(GOOD, **changed))
    assert found["status"] == status
    assert [rule["rule"] for rule in found["rules"] if not rule["passed"]] == ([broken] if broken else [])
    assert found["reason"]
    assert all({"rule", "figure", "limit", "passed"} <= set(rule) for rule in found["rules"])


def test_a_rejection_outweighs_a_question_and_is_the_reason():
    found = verdict(
        replace(GOOD, calibration=Estimate(3, 2.5, 4), versus_last_year=Estimate(-0.1, -0.2, -0.05))
    )
    assert found["status"] == "Rejected"
    assert found["reason"] == "normalised Gini below that of 12m: -0.1 (-0.2 to -0.05)"


NOTHING = Evidence(model_is_label_free=True, customers=0, unjudged="nothing has closed", same_kind=False)


def test_unjudged_models_score_only_if_they_are_label_free_and_replace_no_trees():
    assert verdict(NOTHING)["status"] == "Approved"
    assert verdict(replace(NOTHING, model_is_label_free=False))["status"] == "PendingManualApproval"
    trees, free = (Contest("v", kind, None, "nothing was judged") for kind in (False, True))
    assert verdict(replace(NOTHING, versus_champion=trees))["status"] == "PendingManualApproval"
    assert verdict(replace(NOTHING, versus_champion=free))["status"] == "Approved"


def world(n=3_000, seed=3):
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.7, 100.0, n)
    names = ("monetary_365d_eur", "btyd_clv_eur")
    frame = pd.DataFrame({name: mean * rng.gamma(8.0, 1 / 8, n) for name in names})
    return frame.assign(
        customer_id=[f"c{k:05d}" for k in range(n)],
        segment="established",
        country="DE",
        acquisition_channel=None,
        device="app",
        btyd_p_active=0.5,
        trailing_clv_eur=frame["btyd_clv_eur"],
        label_eur=mean * rng.gamma(2.0, 0.5, n),
    )


def judged(frame, said, as_of=date(2023, 1, 1)):
    model = LabelFree(365)
    forecasts = {
        "ours": pd.DataFrame({"clv_eur": said, "p_active": 0.5}, index=frame.index),
        "12m": last_year(frame, 365),
    }
    fitted = FittedSegment("established", model, model, "")
    return OutOfTime(as_of, "established", 365, fitted, frame, forecasts, SETTINGS)


def decide(found, fight=None):
    return verdict(evidence(found.fitted.model, found, fight, Horizon(365)))


def test_noise_is_rejected_and_truth_approved_where_last_years_revenue_ranks_well():
    frame = world()
    noise = np.random.default_rng(9).permutation(frame.btyd_clv_eur)
    assert decide(judged(frame, noise))["status"] == "Rejected"
    assert decide(judged(frame, frame.btyd_clv_eur.to_numpy()))["status"] == "Approved"


def test_a_worse_model_than_the_champion_is_rejected_by_the_champions_forecast_of_the_same_customers():
    frame = world()
    worse = frame.btyd_clv_eur * np.random.default_rng(5).gamma(0.4, 1 / 0.4, len(frame))
    rival = judged(frame.assign(monetary_365d_eur=1.0), worse)
    champion = Champion(LabelFree(365), trained_as_of=date(2023, 12, 31))
    both, fight = meet(rival, champion, None)
    found = decide(both, fight)
    assert [r["rule"] for r in found["rules"] if not r["passed"]] == ["ranks_no_worse_than_the_champion"]
    assert found["status"] == "Rejected"
    assert "had learned from earlier snapshots whose horizons reach into this one" in found["reason"]
    closed = Champion(LabelFree(365), trained_as_of=date(2024, 1, 1))
    both, fight = meet(rival, closed, None)
    assert fight.difference is None
    assert decide(both, fight)["status"] == "Approved"


def test_a_champion_that_cannot_read_todays_features_is_not_comparable():
    frame = world().drop(columns="btyd_clv_eur")
    rival = judged(frame, frame.monetary_365d_eur.to_numpy())
    _, fight = meet(rival, Champion(LabelFree(365), date(2022, 6, 1)), None)
    assert fight.difference is None
    assert "it cannot read today's features" in fight.note


def test_on_cdnow_the_classic_model_is_refused_because_past_spend_ranks_better():
    if not CDNOW.exists():
        pytest.skip("needs ../shared/data/cdnow, which is not here")
    orders = pd.read_parquet(CDNOW)
    orders = orders.rename(columns={next(c for c in orders if "amount" in c): "amount"})
    orders["date"] = pd.to_datetime(orders["date"])
    start = pd.Timestamp("1997-10-01")
    frame = features_of(orders, start)
    came = orders[(orders.date >= start) & (orders.date < start + pd.Timedelta(days=273))]
    frame["label_eur"] = came.groupby("customer_id")["amount"].sum().reindex(frame.index).fillna(0.0)
    frame["monetary_365d_eur"] = frame["monetary_all_eur"]
    statuses = {}
    for which in ("repeat", "all"):
        found = judged(frame, classic_btyd(frame, 273, which, "paretonbd")["clv_eur"].to_numpy())
        statuses[which] = decide(found)["status"]
    assert statuses == {"repeat": "Rejected", "all": "Approved"}
