"""Risk of a plan against closed forms and a simulation of every customer; curve, frontier, sensitivity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from decisions.actions import Action, AssumedUplift, Assumptions, Ranges
from decisions.frontier import efficient, frontier
from decisions.risk import Exposure, draw, exposure, figures, level_sd, outcomes
from decisions.roi import sensitivity, spend_curve
from decisions.spend import AtLeast, Wishes, spend
from tests.statistics.test_returns import people, returns_of


def lines(*rows):
    return pd.DataFrame(rows, columns=["source", "uplift", "sd_shared", "sd_own"]).assign(sd_tilt=0.0)


def staked(table, clv_eur, variance=0.0, cost_eur=0.0):
    clv = np.array(clv_eur, float)
    return Exposure(table, clv, np.full(len(clv), float(variance)), cost_eur, 0.0, 1.0)


def profits(plan, level=0.0, size=20_000, seed=1):
    return outcomes(plan, draw(plan.lines, level, size, seed))


def test_the_tail_of_a_normal_is_the_textbooks():
    """VaR = σ z − μ and CVaR = σ φ(z) / α − μ at α = 5 %."""
    plan = staked(lines(("assumption", 0.1, 0.05, 0.0)), [1_000.0], cost_eur=60.0)
    told, z = figures(profits(plan, size=400_000)), norm.ppf(0.95)
    assert told["mean_eur"] == pytest.approx(40, abs=0.5)
    assert told["sd_eur"] == pytest.approx(50, rel=0.01)
    assert told["loss_probability"] == pytest.approx(norm.cdf(-40 / 50), abs=0.005)
    assert told["var_eur"] == pytest.approx(50 * z - 40, rel=0.02)
    assert told["cvar_eur"] == pytest.approx(50 * norm.pdf(z) / 0.05 - 40, rel=0.02)


def test_shared_errors_stay_and_own_errors_average_out():
    rows = [("assumption", 0.1, 0.03, 0.0)] * 50
    apart = [("assumption", 0.1, 0.0, 0.03)] * 50
    clv = [100.0] * 50
    assert profits(staked(lines(*rows), clv)).std() == pytest.approx(0.03 * 5_000, rel=0.02)
    assert profits(staked(lines(*apart), clv)).std() == pytest.approx(0.03 * 100 * np.sqrt(50), rel=0.02)
    assert staked(lines(*apart), clv).spread_eur() == pytest.approx(0.03 * 100 * np.sqrt(50))
    other = [(f"experiment {i}", 0.1, 0.03, 0.0) for i in range(50)]  # sources err independently
    assert profits(staked(lines(*other), clv)).std() == pytest.approx(0.03 * 100 * np.sqrt(50), rel=0.03)


def test_the_level_is_one_for_everybody_and_right_on_average():
    plan = staked(lines(("assumption", 0.1, 0.0, 0.0), ("assumption", 0.2, 0.0, 0.0)), [1_000.0, 500.0])
    drawn = profits(plan, level=0.2)
    assert drawn.mean() == pytest.approx(200, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(0.2, rel=0.02)


def test_customers_luck_is_that_of_drawing_each_of_them():
    """200 customers who order with probability 0.3, then exponentially: the quantiles of their sum's profit."""
    rng, p, mean = np.random.default_rng(7), 0.3, 100.0
    each = (rng.random((20_000, 200)) < p) * rng.exponential(mean / p, (20_000, 200))
    plan = staked(lines(("assumption", 0.1, 0.0, 0.0)), [200 * mean], variance=200 * mean**2 * (2 / p - 1))
    drawn = profits(plan)
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx(
        np.quantile(0.1 * each.sum(axis=1), [0.05, 0.5, 0.95]), rel=0.03
    )


def test_draws_follow_the_seed():
    plan = staked(lines(("assumption", 0.1, 0.05, 0.02)), [1_000.0], variance=100.0)
    assert (profits(plan, 0.1, seed=3) == profits(plan, 0.1, seed=3)).all()
    assert (profits(plan, 0.1, seed=3) != profits(plan, 0.1, seed=4)).any()


def test_the_level_is_as_sure_as_its_calibration_interval_and_the_assumption():
    report = pd.DataFrame(
        {
            "dimension": ["all", "all", "country"], "judged_as_of": ["2026-01-01"] * 3,
            "predicted_eur": [10.0, 900.0, 1_000.0],
            "calibration_low": [0.2, 0.9, 0.1], "calibration_high": [5.0, 1.1, 9.0],
        }
    )  # fmt: skip
    sampled = np.log(1.1 / 0.9) / (2 * 1.959964)
    assert level_sd(report, 0.0) == pytest.approx(sampled)
    assert level_sd(report, 0.1) == pytest.approx(np.hypot(sampled, 0.1))
    assert level_sd(None, 0.1) == 0.1
    assert level_sd(report.assign(calibration_high=np.nan), 0.1) == 0.1


SURE, RISKY = Action("mail", 1.0), Action("voucher", 1.0, 5.0, response=0.1)
ASSUMED = Assumptions(
    (SURE, RISKY),
    (
        AssumedUplift("mail", 0.1, 0.09, 0.11),
        AssumedUplift("voucher", 0.2, -0.3, 0.7, recency_below_days=30),
        AssumedUplift("voucher", 0.15, -0.05, 0.35, recency_below_days=60),
        AssumedUplift("voucher", 0.12, 0.1, 0.14),
    ),
    margin=0.5,
    shared_error=0.0,
)


@pytest.fixture(scope="module")
def shop():
    """Returns of 400 customers, and draws of what may happen to them."""
    rng = np.random.default_rng(1)
    customers = people(clv_eur=rng.lognormal(4, 1, 400), recency_days=rng.integers(0, 100, 400))
    found = returns_of(customers, ASSUMED)
    return found, draw(found.uplifts.lines, 0.05, 1_000, 1)


def test_more_budget_never_returns_less_and_each_euro_less_than_the_one_before(shop):
    curve = spend_curve(shop[0], 100.0, (), shop[1])
    assert (np.diff(curve["profit_eur"]) >= 0).all()
    assert (np.diff(curve["marginal_roi"]) <= 1e-6).all()
    assert (curve["spent_eur"] <= curve["budget_eur"] + 1e-6).all()
    assert curve["profit_eur"].to_numpy() == pytest.approx(
        (curve["gain_eur"] - curve["spent_eur"]).to_numpy()
    )
    assert (curve["gap"] < 1e-3).all()


def test_a_budget_whose_whole_contacts_miss_the_minimum_is_left_out_of_the_curve(shop):
    """Contacts cost EUR 1.00 or 1.50: no sum of them lies between a minimum of 10.20 and a budget of 10.49."""
    stage = str(shop[0].customers["segment"].iloc[0])
    curve = spend_curve(shop[0], 104.9, (AtLeast("stage", stage, 10.2),), shop[1])
    assert curve["budget_eur"].min() == pytest.approx(0.25 * 104.9)


def test_along_the_frontier_less_risk_costs_profit(shop):
    found = frontier(shop[0], 100.0, (), shop[1])
    best = found[found["efficient"]].sort_values("profit_eur")
    assert len(best) > 2
    assert (np.diff(best["cvar_eur"]) > 0).all()
    assert (np.diff(best.sort_values("aversion")["profit_eur"]) < 0).all()
    assert (best["profit_bound_eur"] >= best["profit_eur"] - 1e-6).all()


def test_the_frontier_spreads_spend_as_well_as_trying_every_split_does():
    """Two strata alike but for independent errors, 100 mails: the least CVaR is at a split of both."""
    assumed = Assumptions(
        (SURE,),
        (
            AssumedUplift("mail", 0.1, -0.06, 0.26, recency_below_days=50),
            AssumedUplift("mail", 0.1, -0.04, 0.24),
        ),
        margin=0.5,
        shared_error=0.0,
    )
    found = returns_of(people(clv_eur=[100.0] * 400, recency_days=[10] * 200 + [90] * 200), assumed)
    draws = draw(found.uplifts.lines, 0.0, 2_000, 2)

    def told(first):
        choice = np.full(400, -1)
        choice[:first], choice[200 : 300 - first] = 0, 0
        return figures(outcomes(exposure(found, choice), draws))["cvar_eur"]

    tried = [told(first) for first in range(101)]
    whole = frontier(found, 100.0, (), draws).query("budget_eur == 100 and contacts == 100")
    averse = whole["cvar_eur"].min()
    assert averse <= min(tried) + 0.1 * (max(tried) - min(tried))


def test_a_point_is_efficient_unless_another_is_better_in_one_and_no_worse_in_the_other():
    profit, risk = np.array([10.0, 10.0, 8.0, 7.0, 12.0]), np.array([5.0, 6.0, 2.0, 3.0, 9.0])
    assert efficient(profit, risk).tolist() == [True, False, True, False, True]


def test_the_tornado_turns_one_figure_at_a_time():
    plan = staked(lines(("assumption", 0.1, 0.02, 0.0)), [1_000.0], cost_eur=40.0)
    plan = replace(plan, margin=0.5, response_eur=10.0)  # gain 50, profit 10
    found = sensitivity(plan, 365, Ranges(margin=0.1, cost=0.5, response=0.2, horizon_days=73)).set_index(
        "figure"
    )
    profit = found[["profit_low_eur", "profit_high_eur"]].to_numpy()
    expected = {
        "uplift": [10 - 1.2815516 * 10, 10 + 1.2815516 * 10],
        "margin": [0.0, 20.0],
        "cost": [-10.0, 30.0],
        "response": [10 - 10 + 2, 10 + 10 - 2],
        "horizon": [50 / 5 - 40, 10.0],
    }
    assert dict(zip(found.index, profit.tolist(), strict=True)) == {
        name: pytest.approx(ends, abs=1e-6) for name, ends in expected.items()
    }
    width = profit[:, 1] - profit[:, 0]
    assert (np.diff(width) <= 1e-9).all()


def test_the_lot_reaches_those_whom_the_plan_leaves_within_its_share_of_the_money(shop):
    found, wishes = shop[0], Wishes(100.0, 0.2)
    spent = spend(found, wishes, 3)
    by_lot = spent.drawn >= 0
    assert by_lot.any()
    assert not (by_lot & (spent.plan.choice >= 0)).any()
    cost = exposure(found, np.where(by_lot, spent.drawn, -1)).cost_eur
    assert 0.8 * 20 < cost <= 20
    assert exposure(found, spent.choice).cost_eur <= 100
    assert ((spent.chance[by_lot] > 0) & (spent.chance[by_lot] < 1)).all()
    # As many are drawn as the chances of all say.
    assert spent.chance.sum() == pytest.approx(by_lot.sum())
    assert not (spend(found, wishes, 4).drawn == spent.drawn).all()
    assert (spend(found, wishes, 3).drawn == spent.drawn).all()
