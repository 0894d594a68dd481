"""The frontier and its bound against trying every plan, and against the best of all weights of draws."""

from itertools import product

import numpy as np
import pytest

from decisions.actions import Action, AssumedUplift, Assumptions
from decisions.frontier import AVERSIONS, frontier, most_profit
from decisions.highs import worst_mix
from decisions.programme import NOTHING
from decisions.risk import draw, exposure, figures, outcomes
from decisions.spend import AtLeast
from tests.statistics.test_returns import people, returns_of

ACTIONS = (Action("mail", 1.0), Action("call", 3.0))
LINES = (
    AssumedUplift("mail", 0.05, -0.02, 0.12, recency_below_days=50),
    AssumedUplift("mail", 0.08, -0.1, 0.26),
    AssumedUplift("call", 0.12, -0.05, 0.29, band="high"),
)
BUDGET_EUR = 6.0


@pytest.fixture(scope="module", params=[1, 2])
def tiny(request):
    """Six customers who bring exactly what is expected of them, so that no luck is left out."""
    rng = np.random.default_rng(request.param)
    clv = rng.uniform(20, 120, 6)
    customers = people(
        clv_eur=clv, clv_low_eur=clv, clv_high_eur=clv, recency_days=rng.integers(0, 100, 6),
        value_band=rng.choice(["high", "low"], 6),
    )  # fmt: skip
    found = returns_of(customers, Assumptions(ACTIONS, LINES, margin=0.5, shared_error=0.2))
    return found, draw(found.uplifts.lines, 0.1, 200, request.param)


def every_plan(found, draws, budget_eur=BUDGET_EUR):
    """Profit and CVaR of all plans that the budget pays for."""
    ways = [[NOTHING, *np.flatnonzero(own)] for own in found.possible]
    plans = (exposure(found, np.array(choice)) for choice in product(*ways))
    told = [
        (plan.expected_eur, figures(outcomes(plan, draws))["cvar_eur"])
        for plan in plans
        if plan.cost_eur <= budget_eur + 1e-9
    ]
    return np.array(told)


def test_no_plan_exceeds_the_bound_and_the_frontier_is_of_the_best_there_are(tiny):
    found, draws = tiny
    points = frontier(found, BUDGET_EUR, (), draws)
    profit, cvar = every_plan(found, draws).T
    for own_profit, own_cvar, bound in points[["profit_eur", "cvar_eur", "profit_bound_eur"]].to_numpy():
        best = profit[cvar <= own_cvar + 1e-9].max()
        assert own_profit <= best + 1e-6
        assert best <= bound + 1e-6
    # The most profitable and, among six customers, nearly the best for each weight of risk.
    assert points["profit_eur"].max() == pytest.approx(profit.max())
    first = points[points["aversion"].isin(AVERSIONS)]
    for weight, own_profit, own_cvar in first[["aversion", "profit_eur", "cvar_eur"]].to_numpy():
        best = ((1 - weight) * profit - weight * cvar).max()
        assert (1 - weight) * own_profit - weight * own_cvar >= best - 0.1 * profit.max()


def test_with_many_customers_hardly_anything_is_left_between_plans_and_bound():
    rng = np.random.default_rng(5)
    customers = people(clv_eur=rng.lognormal(4, 0.5, 2_000), recency_days=rng.integers(0, 100, 2_000))
    customers[["clv_low_eur", "clv_high_eur"]] = customers[["clv_eur", "clv_eur"]].to_numpy()
    found = returns_of(customers, Assumptions(ACTIONS[:1], LINES[:2], margin=0.5, shared_error=0.2))
    points = frontier(found, 300.0, (), draw(found.uplifts.lines, 0.1, 1_000, 1))
    kept = points[points["efficient"] & (points["profit_eur"] > 0)]
    missing = 1 - kept["profit_eur"] / kept["profit_bound_eur"]
    assert len(kept) >= 4
    assert (missing < 0.05).all()
    assert (missing > -1e-9).all()


def test_a_minimum_spend_is_kept_however_great_the_fear():
    customers = people(clv_eur=[40.0] * 30, country=["DE"] * 15 + ["FR"] * 15)
    found = returns_of(customers, Assumptions(ACTIONS[:1], LINES[1:2], margin=0.5))
    draws = draw(found.uplifts.lines, 0.1, 400, 1)
    points = frontier(found, 20.0, [AtLeast("country", "FR", 5.0)], draws)
    assert (points["spent_eur"] >= 5).all()


def test_the_worst_draws_of_a_mix_by_hand():
    """Two plans that lose in different draws: half of each loses least, 1 on average of the worst draw."""
    profit = np.array([[-4.0, 2.0], [2.0, -4.0]])
    worth, tail, shares = worst_mix(np.zeros(2), profit, 1.0, 1.0)
    assert worth == pytest.approx(-1)
    assert tail == pytest.approx([0.5, 0.5])
    assert shares == pytest.approx([0.5, 0.5])


def test_the_tightest_weight_counts_and_one_that_minds_risk_alone_says_nothing_of_profit():
    weight, bound = np.array([0.0, 0.5, 1.0]), np.array([100.0, 30.0, 0.0])
    assert most_profit(weight, bound, np.array([0.0, 20.0, 90.0])).tolist() == [60.0, 80.0, 100.0]
