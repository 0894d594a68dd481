"""What a read-out says: the split, the deciding figure, harm, looks and the verdict."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from decisions.experiment import TREATMENT
from decisions.harm import Harm, judged, level, roi
from decisions.looks import boundaries, elapsed, level_now, spent
from decisions.readout import Look, readout
from decisions.sample_checks import balance, sample_ratio
from decisions.verdict import verdict, warnings
from tests.spec.experiment_members import DESIGN, seen

AFTER = Look(DESIGN.end, models_now=("m1",))


def told(members, design=DESIGN, look=AFTER):
    return readout(design, members, look, seed=1, resamples=200)


def test_a_published_split_is_a_mismatch():
    # Kohavi, Tang, Xu 2020, ch. 3: 821,588 in the control and 815,482 in the treatment, p = 1.8e-6.
    found = sample_ratio(821_588, 815_482, 0.5)
    assert found["p_value"] == pytest.approx(1.8e-6, rel=0.03)
    assert found["mismatch"]


@pytest.mark.parametrize(
    ("control", "treatment", "mismatch"), [(700, 300, False), (500, 500, True), (0, 0, True)]
)
def test_a_split_is_held_against_the_declared_shares(control, treatment, mismatch):
    assert sample_ratio(control, treatment, 0.3)["mismatch"] == mismatch


def test_balance_by_hand():
    # Means 2 and 4, variances 2 and 2: (4 − 2) / √2. Shares of DE 1/2 and 1, variances 1/2 and 0: 1/2 / √(1/4).
    frame = pd.DataFrame({"x": [1.0, 3.0, 3.0, 5.0], "country": ["DE", "FR", "DE", "DE"]})
    found = balance(frame, np.array([False, False, True, True]), ("x", "country"))
    assert [(row["column"], row["imbalanced"]) for row in found] == [
        ("x", True),
        ("country=DE", True),
        ("country=FR", True),
    ]
    assert not any(row["sure"] for row in found)  # of two and two customers
    assert [row["smd"] for row in found] == pytest.approx([np.sqrt(2), 1.0, -1.0])


@pytest.mark.parametrize(
    ("relative", "expected"),
    [
        (0.2, "none"),
        (-0.05, "none"),
        (-0.0501, "warning"),
        (-0.10, "warning"),
        (-0.1001, "harm"),
        (np.nan, "none"),
    ],
)
def test_harm_begins_beyond_its_limits(relative, expected):
    assert level(relative) == expected


def test_harm_is_sure_where_the_whole_interval_is_beyond_the_limit():
    found = Harm("roi", 1.0, 0.85, -0.15, -0.24, -0.06)
    assert (found.raw, found.sure) == ("harm", "warning")


def test_return_on_spend_by_hand():
    # 500 € of which 40 % are earned, for 50 €: (200 − 50) / 50.
    assert roi(500.0, 50.0, 0.4) == pytest.approx(3.0)
    assert np.isnan(roi(500.0, 0.0, 1.0))


def test_a_control_that_earns_nothing_has_no_relative_harm():
    found = judged("roi", (-0.2, 0.3), (np.array([-0.2]), np.array([0.3])), 0.05)
    assert np.isnan(found.relative)
    assert (found.raw, found.sure) == ("none", "none")


@pytest.mark.parametrize(
    "published", [[4.333, 2.963, 2.359, 2.014], [4.877, 3.357, 2.680, 2.290, 2.031], [1.960]]
)
def test_boundaries_are_the_published_ones(published):
    # Two-sided 5 %, equal steps, O'Brien-Fleming-like spending: bounds() of R's ldbounds, also rpact.
    shares = [(look + 1) / len(published) for look in range(len(published))]
    assert boundaries(0.05, shares) == pytest.approx(published, abs=1e-3)


def test_the_level_is_spent_as_published():
    assert [spent(0.05, share) for share in (0.25, 0.5, 0.75, 1.0)] == pytest.approx(
        [0.0000, 0.0031, 0.0193, 0.05], abs=5e-5
    )


def test_all_looks_together_have_the_level_of_one():
    days = [DESIGN.start + timedelta(days=7 * week) for week in range(1, 9)]
    levels = np.array([level_now(DESIGN, day, days[:place]) for place, day in enumerate(days)])
    steps = np.random.default_rng(7).normal(size=(100_000, 8))
    z = steps.cumsum(axis=1) / np.sqrt(np.arange(1, 9))
    found = (2 * stats.norm.sf(np.abs(z)) < levels).any(axis=1)
    assert found.mean() == pytest.approx(DESIGN.alpha, abs=0.003)  # 4 standard errors
    assert levels.tolist() == sorted(levels)


def test_before_the_start_there_is_nothing_to_spend():
    assert level_now(DESIGN, DESIGN.start, []) == 0.0


def test_a_look_after_the_end_can_be_repeated():
    later = DESIGN.end + timedelta(days=30)
    assert level_now(DESIGN, later, [DESIGN.end, DESIGN.end + timedelta(days=7)]) == pytest.approx(
        DESIGN.alpha
    )
    assert elapsed(DESIGN, later) == 1.0


def test_a_look_before_the_end_decides_nothing_and_says_so():
    look = Look(DESIGN.start + timedelta(days=28))
    found = told(seen(lift_eur=8.0), look=look)
    assert 0.0031 < found["primary"]["p_value"] < 0.05
    state, sentence = verdict(found)
    assert state == "early"
    assert str(DESIGN.end) in sentence
    assert any("peeking: 50% of the window has passed" in line for line in warnings(found))


def test_a_lift_of_all_is_found_at_the_end():
    found = told(seen(lift_eur=10.0))
    assert found["primary"]["difference"] == pytest.approx(10.0, abs=1.5)
    assert verdict(found)[0] == "better"
    assert found["level"] == pytest.approx(DESIGN.alpha)
    assert warnings(found) == []


def test_looks_before_the_end_are_counted_and_later_ones_are_not():
    earlier = [DESIGN.start + timedelta(days=28), DESIGN.end + timedelta(days=1)]
    found = told(seen(), look=Look(DESIGN.end + timedelta(days=9), earlier))
    assert warnings(found) == ["looks before the end: 1; they leave a level of 0.0490"]


def test_no_difference_is_no_verdict():
    assert verdict(told(seen()))[0] == "undecided"


def test_lost_customers_come_before_any_figure():
    members = seen(lift_eur=50.0)
    lost = members[(members["arm"] != TREATMENT) | (np.arange(len(members)) % 4 > 0)]
    state, sentence = verdict(told(lost))
    assert state == "broken"
    assert sentence.startswith("Do not use these figures")


def test_sure_harm_stops_an_experiment_before_its_end():
    look = Look(DESIGN.start + timedelta(days=14))
    found = told(seen(n=4_000, bought=0.5, bought_treated=0.4), look=look)
    assert [(row["figure"], row["raw"], row["sure"]) for row in found["harm"]][1] == (
        "conversion",
        "harm",
        "harm",
    )
    state, sentence = verdict(found)
    assert state == "harm"
    assert "conversion -20.0%" in sentence


def test_raw_harm_alone_is_a_note():
    found = told(seen(n=1_000, bought=0.2, bought_treated=0.176))
    conversion = found["harm"][1]
    assert (conversion["raw"], conversion["sure"]) == ("harm", "none")
    assert verdict(found)[0] == "undecided"
    assert any(line.startswith("conversion differs by -12.0%") for line in warnings(found))


def test_an_imbalance_beyond_luck_is_named():
    members = seen()
    moved = members.assign(recency_days=members["recency_days"] + 90 * (members["arm"] == TREATMENT))
    assert warnings(told(moved)) == ["imbalanced before the start: recency_days"]


def test_other_models_in_force_are_named():
    found = told(seen(), look=replace(AFTER, models_now=("m2",)))
    assert any("m2" in line for line in warnings(found))


def test_contacts_that_went_wrong_are_named():
    members = seen()
    wrong = members.assign(reached=~members["contacted"])
    assert sum("planned customers were contacted" in line for line in warnings(told(wrong))) == 2


def test_what_all_others_do_does_not_touch_a_design_that_decides_on_differing_customers():
    design = replace(DESIGN, decides="differing")
    members = seen(design)
    apart = members["named_by_control"] != members["named_by_treatment"]
    added = members.assign(
        revenue_eur=members["revenue_eur"] + 30.0 * (apart & (members["arm"] == TREATMENT))
    )
    found = told(added, design)
    part, whole = found["revenue_differing"], found["primary"]
    assert part["customers"] == apart.sum()
    assert whole["difference"] == pytest.approx(part["difference"] * apart.mean())
    assert whole["p_value"] == part["p_value"]
    assert whole["high"] - whole["low"] < found["revenue_adjusted"]["high"] - found["revenue_adjusted"]["low"]


def test_a_score_that_says_nothing_of_differing_customers_adds_no_noise_to_them():
    members = seen()
    apart = (members["named_by_control"] != members["named_by_treatment"]).to_numpy()
    aside = np.where(apart, 0.0, 3 * members["clv_eur"])  # of the others it explains nearly all
    found = told(members.assign(revenue_eur=members["revenue_eur"] + aside))["revenue_differing"]
    alone = told(members)["revenue_differing"]
    assert found["high"] - found["low"] == pytest.approx(alone["high"] - alone["low"])


def test_churn_is_told_once_ninety_days_have_passed():
    members = seen()
    assert told(members)["churn_high_value"] is None
    found = told(members.assign(orders_churn=members["orders"]))["churn_high_value"]
    high = members[members["value_band"] == "high"]
    assert found["customers"] == len(high)
    assert found["control"] == pytest.approx((high.loc[high["arm"] != TREATMENT, "orders"] == 0).mean())


def test_segments_are_those_declared_and_small_ones_stay_undefined():
    members = seen()
    rare = members.assign(country=np.where(np.arange(len(members)) < 60, "LU", members["country"]))
    found = told(rare, replace(DESIGN, segments=("country",)))["segments"]
    assert [row["value"] for row in found] == ["DE", "FR", "LU", "NL"]
    assert [np.isnan(row["p_holm"]) for row in found] == [False, False, True, False]
    assert all(row["p_holm"] >= row["p_value"] for row in found if row["value"] != "LU")


def test_a_read_out_does_not_depend_on_the_order_of_rows():
    members = seen(lift_eur=3.0)
    assert str(told(members)) == str(told(members.sample(frac=1, random_state=5)))
