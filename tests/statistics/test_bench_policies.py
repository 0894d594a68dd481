"""The comparison of policies on customers made up here: who is contacted, and what the truth counts."""

import numpy as np
import pandas as pd
import pytest

from bench.feedback_shop import ORDER_EUR
from bench.policies import BOTH, MARGIN, POLICIES, campaigns
from bench.policy_ground import SEEN, halves
from clv.deciles import decile
from tests.statistics.test_returns import people


@pytest.fixture(scope="module")
def shop():
    """2,000 customers; the longer they have been away, the likelier they answer, whatever their CLV."""
    rng = np.random.default_rng(3)
    found = people(clv_eur=rng.lognormal(4, 1, 2_000), recency_days=rng.integers(0, 300, 2_000))
    found["decile"] = decile(found["clv_eur"].to_numpy(), found["customer_id"].to_numpy())
    return found.assign(
        came_eur=rng.exponential(20, 2_000), kind="one_off", here=True,
        orders_180d=rng.integers(0, 4, 2_000), monetary_180d_eur=rng.exponential(150, 2_000),
    )  # fmt: skip


def test_the_experiment_holds_no_customer_of_the_campaign_and_measures_what_contacting_adds(shop):
    tests, half = halves(shop, SEEN, (1, 30), np.random.default_rng(1))
    assert not set(tests[1]["customer_id"]) & set(half.customers["customer_id"])
    assert len(tests[1]) + len(half.customers) == len(shop)
    big = tests[30]
    sides = big.groupby("contacted")["outcome_eur"].mean()
    assert sides[True] - sides[False] == pytest.approx(half.mail_eur.mean(), rel=0.15)


def test_who_knows_the_truth_is_best_and_learning_beats_ignorance_where_recency_decides(shop):
    found = (
        pd.DataFrame(list(campaigns(shop, SEEN, 1, redraws=3)))
        .groupby("policy")[["profit_eur", "contacts"]]
        .mean()
    )
    profit = found["profit_eur"]
    assert set(found.index) == set(POLICIES)
    assert profit.idxmax() == "knowing the truth"
    assert (
        profit["by band and recency, experiment 20 times as large"] > profit["optimised, one uplift for all"]
    )
    assert found.loc["by lot", "contacts"] == pytest.approx(100, rel=0.1)
    answer, cost = np.mean([0.02 * 60, 0.08 * 60, 0.2 * 120, 0.3 * 60]) * 4 / 300, BOTH[0].cost_eur
    expected = found.loc["by lot", "contacts"] * (MARGIN * answer * np.exp(0.5**2 / 2) * ORDER_EUR - cost)
    assert profit["by lot"] == pytest.approx(expected, rel=0.1)
