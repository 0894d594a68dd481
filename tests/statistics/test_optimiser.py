"""The budget problem against all choices there are, and against what a second method finds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from clv.errors import UserError
from decisions.duality import best_prices, priced
from decisions.optimiser import GREEDY, HIGHS, best_plan
from decisions.programme import NOTHING, MinimumSpend, Programme


def drawn(seed, customers=6):
    """A random small problem: some actions not for some, some caps, perhaps a minimum spend."""
    rng = np.random.default_rng(seed)
    actions = int(rng.integers(1, 4))
    value = rng.normal(2, 4, (customers, actions)).round(2)
    value[rng.random(value.shape) < 0.2] = -np.inf
    cost = rng.uniform(0.5, 3, value.shape).round(2)
    most = np.where(rng.random(actions) < 0.5, rng.integers(0, 4, actions), np.inf).astype(float)
    group = MinimumSpend("country DE", rng.random(customers) < 0.5, round(float(rng.uniform(0, 1.5)), 2))
    return value, cost, float(rng.uniform(1, 8)), most, [group] if rng.random() < 0.5 else []


def fits(problem, choice):
    used, (low, high) = problem.use(choice), problem.limits()
    return bool((used >= low - 1e-6).all() and (used <= high + 1e-6).all())


def best_of_all(problem):
    """Try every choice of every customer."""
    customers, actions = problem.value_eur.shape
    choices = (np.array(c) for c in itertools.product(range(NOTHING, actions), repeat=customers))
    return max((problem.of(c, problem.value_eur).sum() for c in choices if fits(problem, c)), default=-np.inf)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_it_finds_what_trying_everything_finds(seed):
    try:
        problem = Programme(*drawn(seed))
    except UserError:
        return  # a minimum spend that no choice can reach
    best = best_of_all(problem)
    if best == -np.inf:
        with pytest.raises(UserError, match="no plan keeps"):
            best_plan(problem)
        return
    plan = best_plan(problem)
    assert fits(problem, plan.choice)
    assert plan.value_eur == pytest.approx(best, abs=1e-6)
    assert problem.of(plan.choice, problem.value_eur).sum() == pytest.approx(plan.value_eur)
    assert plan.gap < 1e-6


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_any_prices_bound_every_choice(seed):
    try:
        problem = Programme(*drawn(seed, customers=5))
    except UserError:
        return
    prices = np.random.default_rng(seed).uniform(0, 3, 1 + len(problem.most) + len(problem.minimums))
    prices[1 : 1 + len(problem.most)][np.isinf(problem.most)] = 0
    assert priced(problem, prices).bound_eur >= best_of_all(problem) - 1e-9


def test_prices_reach_the_linear_relaxation():
    rng = np.random.default_rng(3)
    value, cost = rng.normal(3, 4, (200, 3)), rng.uniform(0.5, 3, (200, 3))
    groups = [MinimumSpend("stage early", np.arange(200) % 3 == 0, 40.0)]
    problem = Programme(value, cost, 60.0, np.array([np.inf, 20.0, 15.0]), groups)
    usage = np.vstack([cost.ravel(), np.tile([0, 1, 0], 200), np.tile([0, 0, 1], 200)])
    usage = np.vstack(
        [usage, -(cost * groups[0].members[:, None]).ravel(), np.repeat(np.eye(200), 3, axis=1)]
    )
    relaxed = linprog(-value.ravel(), usage, [60, 20, 15, -40, *[1] * 200], bounds=(0, 1), method="highs")
    dual = best_prices(problem)
    assert dual.bound_eur == pytest.approx(-relaxed.fun, rel=1e-6)
    assert dual.prices[0] == pytest.approx(-relaxed.ineqlin.marginals[0], rel=1e-3)


def test_the_core_leaves_no_more_than_a_sliver_of_a_larger_problem():
    rng = np.random.default_rng(5)
    value, cost = rng.lognormal(1, 1, (5_000, 4)) - 2, rng.uniform(0.5, 6, (5_000, 4))
    groups = [MinimumSpend(f"country {k}", np.arange(5_000) % 5 == k, 150.0) for k in range(5)]
    problem = Programme(value, cost, 1_000.0, np.array([np.inf, 300, 200, 50]), groups)
    plan = best_plan(problem)
    assert plan.method == HIGHS
    assert fits(problem, plan.choice)
    assert plan.gap < 1e-4
    again = best_plan(problem)
    assert (plan.choice == again.choice).all()


def test_one_action_of_one_cost_is_greedy_and_takes_the_best_who_return_something():
    value = np.array([[3.0], [-1.0], [5.0], [-np.inf], [4.0]])
    cost = np.full((5, 1), 0.1)
    plan = best_plan(Programme(value, cost, 0.3, np.array([np.inf])))
    assert plan.method == GREEDY
    assert plan.choice.tolist() == [0, NOTHING, 0, NOTHING, 0]  # 3 x 0.1 is not above 0.3
    assert (plan.value_eur, plan.gap, plan.marginal) == (
        12.0,
        0.0,
        0.0,
    )  # the next one returns less than nothing
    smaller = best_plan(Programme(value, cost, 0.2, np.array([np.inf])))
    assert smaller.marginal == pytest.approx(3.0 / 0.1)
    capped = best_plan(Programme(value, cost, 10.0, np.array([1.0])))
    assert (capped.choice.tolist(), capped.marginal) == ([NOTHING, NOTHING, 0, NOTHING, NOTHING], 0.0)


def test_greedy_and_prices_agree_where_both_are_exact():
    value = np.random.default_rng(1).normal(0, 5, (300, 1))
    cost = np.full((300, 1), 0.7)
    greedy = best_plan(Programme(value, cost, 35.0, np.array([np.inf])))
    free = np.column_stack([value, np.full(300, -np.inf)])  # an action for nobody: no longer one action
    other = best_plan(Programme(free, np.column_stack([cost, cost]), 35.0, np.array([np.inf, np.inf])))
    assert (greedy.method, other.method) == (GREEDY, HIGHS)
    assert other.value_eur == pytest.approx(greedy.value_eur, rel=1e-9)


def test_the_marginal_return_is_what_one_euro_more_brings():
    rng = np.random.default_rng(8)
    value, cost = rng.lognormal(1, 1, (4_000, 3)) - 1, rng.uniform(0.5, 2, (4_000, 3))
    most = np.full(3, np.inf)
    few, more = (best_plan(Programme(value, cost, budget, most)) for budget in (500.0, 510.0))
    assert (more.value_eur - few.value_eur) / 10 == pytest.approx(few.marginal, rel=0.05)


def test_customers_who_are_alike_share_what_there_is():
    """20,000 customers and two actions; all are indifferent at the right price, many more than a core holds."""
    value, cost = np.tile([3.0, 4.5], (20_000, 1)), np.tile([1.0, 2.0], (20_000, 1))
    plan = best_plan(Programme(value, cost, 9_000.0, np.array([np.inf, np.inf])))
    assert plan.value_eur == pytest.approx(27_000)
    capped = best_plan(Programme(value, cost, 9_000.0, np.array([4_000.0, np.inf])))
    assert capped.value_eur == pytest.approx(4_000 * 3 + 2_500 * 4.5)
    rich = best_plan(Programme(value, cost, 30_000.0, np.array([np.inf, np.inf])))
    assert rich.value_eur == pytest.approx(10_000 * 3 + 10_000 * 4.5)
    groups = [MinimumSpend("country DE", np.arange(20_000) >= 15_000, 6_000.0)]
    held = best_plan(Programme(value, cost, 9_000.0, np.array([np.inf, np.inf]), groups))
    assert held.value_eur == pytest.approx(4_000 * 3 + 1_000 * 4.5 + 3_000 * 3)


def test_nobody_for_whom_anything_is_possible_gives_an_empty_plan():
    plan = best_plan(Programme(np.full((3, 2), -np.inf), np.ones((3, 2)), 5.0, np.full(2, np.inf)))
    assert (plan.choice.tolist(), plan.value_eur, plan.gap) == ([NOTHING] * 3, 0.0, 0.0)


def test_a_minimum_spend_beyond_reach_is_refused():
    with pytest.raises(UserError, match=r"minimum spend of EUR 9.00 for stage early.*at most EUR 2.00"):
        Programme(
            np.ones((3, 1)), np.ones((3, 1)), 10.0, np.array([np.inf]),
            [MinimumSpend("stage early", np.array([True, True, False]), 9.0)],
        )  # fmt: skip


def test_a_minimum_spend_is_kept_though_it_loses_money():
    value, cost = np.array([[-1.0], [9.0], [8.0]]), np.ones((3, 1))
    group = MinimumSpend("country CZ", np.array([True, False, False]), 1.0)
    plan = best_plan(Programme(value, cost, 2.0, np.array([np.inf]), [group]))
    assert plan.choice.tolist() == [0, 0, NOTHING]
