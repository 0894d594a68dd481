"""Who is contacted, by lot or for the value: sizes, strata, probabilities, and who never is."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clv.deciles import decile
from clv.errors import UserError
from decisions.audience import contactable
from decisions.exploration import Budget, assigned, systematic

DAY = date(2026, 6, 1)


def people(count, seed=1):
    rng = np.random.default_rng(seed)
    ids = [f"c{n:05}" for n in range(count)]
    value = np.round(rng.lognormal(3, 1.5, count), 2)
    stage = np.where(rng.random(count) < 0.2, "early", "established")
    return pd.DataFrame(
        {"customer_id": ids, "segment": stage, "decile": decile(value, ids), "clv_eur": value}
    )


def drawn(frame, seed=1, campaign="spring", **told):
    return assigned(frame, Budget(**{"budget_eur": 100, "cost_eur": 1} | told), campaign, DAY, seed)


@given(st.integers(1, 300), st.data())
def test_over_all_starts_a_systematic_sample_takes_each_place_equally_often(size, data):
    wanted = data.draw(st.integers(0, size))
    taken = np.array([systematic(size, wanted, start) for start in range(size)])
    assert (taken.sum(axis=1) == wanted).all()
    assert (taken.sum(axis=0) == wanted).all()


@given(st.integers(2, 400), st.floats(1, 500), st.floats(0.01, 0.9), st.floats(0, 0.9), st.integers(0, 2**32))
def test_every_contactable_customer_can_be_contacted_and_the_money_is_kept(count, budget, share, held, seed):
    frame, told = people(count), Budget(budget, 1.0, share, held)
    try:
        plan = assigned(frame, told, "spring", DAY, seed)
    except UserError:
        return  # too little for one contact by lot
    assert plan["customer_id"].tolist() == frame["customer_id"].tolist()
    assert plan["propensity"].between(0, 1, inclusive="right").all()
    assert plan["cost_eur"].sum() <= budget
    assert plan["propensity"].sum() == pytest.approx((plan["purpose"] != "holdout").sum())
    assert (plan.loc[plan["purpose"] == "holdout", "propensity"] < 1).all()
    by_lot = plan.loc[plan["rule"] == "random", "clv_eur"]
    assert by_lot.max() <= plan.loc[plan["rule"] == "top_clv", "clv_eur"].min()


def test_logged_propensities_are_the_frequencies_of_many_draws():
    frame = people(150)
    plans = [drawn(frame, seed, exploration_share=0.3, holdout_share=0.2) for seed in range(400)]
    contacted = np.mean([plan["purpose"] != "holdout" for plan in plans], axis=0)
    p = plans[0]["propensity"].to_numpy()
    assert len(set(p)) == 2
    z = (contacted - p) / np.sqrt(p * (1 - p) / len(plans))
    assert np.abs(z).max() < 4.2  # about one test in 250 of such a sample would exceed it
    assert np.mean(z**2) == pytest.approx(1, abs=0.35)


def test_money_for_the_lot_is_a_share_of_the_spend_converted_by_the_cost_of_a_contact():
    plan = drawn(people(1_000), budget_eur=80, cost_eur=0.4, exploration_share=0.1, holdout_share=0.05)
    assert (plan["purpose"] == "explore").sum() == 20
    assert (plan["purpose"] == "exploit").sum() == 180
    assert plan["cost_eur"].sum() == pytest.approx(80)
    of_the_best = plan[plan["rule"] == "top_clv"]
    assert len(of_the_best) == 190  # a twentieth of the candidates is held out, rounded up
    assert set(of_the_best["propensity"]) == {180 / 190}


def test_a_cost_that_binary_fractions_miss_loses_no_contact():
    plan = drawn(people(50), budget_eur=0.3, cost_eur=0.1, exploration_share=0, holdout_share=0)
    assert len(plan) == 3


def test_the_lot_falls_across_the_spectrum_in_proportion():
    plan = drawn(people(2_000), budget_eur=200, exploration_share=0.5, holdout_share=0)
    below = plan[plan["rule"] == "random"]
    expected = below.groupby("decile").size() * 100 / len(below)
    found = below[below["purpose"] == "explore"].groupby("decile").size()
    assert (found.reindex(expected.index, fill_value=0) - expected).abs().max() <= 1


def test_the_draw_follows_from_seed_campaign_and_day_and_not_from_the_order_of_rows():
    frame = people(300)
    shuffled = frame.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(drawn(frame), drawn(shuffled))
    assert not drawn(frame)["purpose"].equals(drawn(frame, campaign="autumn")["purpose"])
    assert not drawn(frame)["purpose"].equals(drawn(frame, seed=2)["purpose"])


def test_of_a_few_candidates_one_is_held_out():
    plan = drawn(people(200), budget_eur=20)
    assert (plan[plan["rule"] == "top_clv"]["purpose"] == "holdout").sum() == 1


def test_without_exploration_those_below_the_cut_are_not_in_the_plan():
    plan = drawn(people(300), exploration_share=0, holdout_share=0)
    assert set(plan["purpose"]) == {"exploit"}
    assert set(plan["propensity"]) == {1.0}
    assert len(plan) == 100


def test_a_budget_beyond_everybody_still_holds_customers_out():
    plan = drawn(people(100), budget_eur=10_000)
    assert (plan["purpose"] == "holdout").sum() == 5
    assert (plan["propensity"] < 1).all()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"budget_eur": 0}, "budget_eur is 0"),
        ({"cost_eur": float("nan")}, "cost_eur is nan"),
        ({"holdout_share": 1}, "holdout_share is 1"),
        ({"exploration_share": -0.1}, "exploration_share is -0.1"),
        ({"budget_eur": 5}, "0 of them by lot: give a larger budget"),
    ],
)
def test_what_cannot_be_done_is_refused(told, says):
    with pytest.raises(UserError, match=says):
        drawn(people(100), **told)


def test_only_scored_customers_who_consented_at_t0_and_still_do_may_be_contacted():
    scores = pd.DataFrame(
        {
            "customer_id": ["yes", "withdrew", "later", "unknown", "lead", "gone"],
            "segment": ["early", "early", "early", "early", "lead", "early"],
            "decile": [1, 2, 3, 4, None, 5],
            "clv_eur": [1.0, 2.0, 3.0, 4.0, None, 5.0],
        }
    )
    then = pd.DataFrame(
        {
            "customer_id": scores["customer_id"],
            "marketing_consent": [True, True, False, None, True, True],
        }
    )
    now = pd.DataFrame(
        {
            "customer_id": scores["customer_id"][:5],
            "marketing_consent": [True, False, True, True, True],
        }
    )
    assert contactable(scores, then, now)["customer_id"].tolist() == ["yes"]


def test_where_nobody_may_be_contacted_it_says_so():
    with pytest.raises(UserError, match="nobody may be contacted"):
        drawn(people(10).iloc[:0])
