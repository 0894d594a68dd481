"""Smallest effects against published sample sizes and a second method."""

import numpy as np
import pytest
from scipy import stats

from decisions.power import (
    Arms,
    Past,
    Season,
    Window,
    cap_of,
    mde_mean,
    mde_share,
    order_size,
    power_table,
    season_of,
    shortest,
    unexplained,
)


def test_the_published_sample_size_of_half_a_standard_deviation():
    # Cohen's d of 0.5, 5 % two-sided, 80 %: 62.79 in each arm, as NormalIndPower of statsmodels solves.
    assert mde_mean(1.0, Arms(62.79, 62.79)) == pytest.approx(0.5, abs=1e-4)


def test_an_effect_that_comes_as_orders_is_found_as_often_as_promised():
    # A tenth bring 100 or 300 alike: E(P²) / E(P) = (100² + 300²) / 400 = 250. Means of 400 are near normal.
    rng, arms = np.random.default_rng(8), Arms(400, 400)
    amounts, share = np.array([100.0, 300.0]), 0.1
    spread = np.sqrt(share * 50_000 - (share * 200) ** 2)
    assert order_size(np.array([0.0, 100.0, 300.0, -5.0])) == 250.0
    more = mde_mean(spread, arms, 250.0) / 200
    orders = rng.binomial(1, share, (2, 6_000, 400)) * rng.choice(amounts, (2, 6_000, 400))
    orders[1] += rng.binomial(1, more, (6_000, 400)) * rng.choice(amounts, (6_000, 400))
    found = stats.ttest_ind(orders[1], orders[0], axis=1, equal_var=False).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.02)
    assert mde_mean(spread, arms) < 0.9 * 200 * more


def test_the_published_sample_size_of_two_shares():
    # The example in R's page on power.prop.test: 50 % against 75 %, power 90 %: 76.7 in each arm.
    found = mde_share(0.75, Arms(76.7, 76.7, 0.05, 0.9))
    assert found == pytest.approx(0.25, abs=1e-4)


@pytest.mark.parametrize(("control", "treatment"), [(2_000, 2_000), (3_000, 1_000)])
def test_the_effect_is_found_as_often_as_promised(control, treatment):
    arms, rng = Arms(control, treatment), np.random.default_rng(4)
    low = 0.4 - mde_share(0.4, arms)
    k0, k1 = rng.binomial(control, 0.4, 40_000), rng.binomial(treatment, low, 40_000)
    pooled = (k0 + k1) / (control + treatment)
    z = (k0 / control - k1 / treatment) / np.sqrt(pooled * (1 - pooled) * (1 / control + 1 / treatment))
    assert (np.abs(z) > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("share", "size"), [(0.0, 100), (1.0, 100), (0.01, 20)])
def test_a_share_that_cannot_fall_far_enough_has_no_smallest_effect(share, size):
    assert np.isnan(mde_share(share, Arms(size, size)))


def test_what_a_covariate_explains_need_not_be_found():
    rng = np.random.default_rng(5)
    covariate = rng.normal(size=50_000)
    outcome = 0.6 * covariate + 0.8 * rng.normal(size=50_000)
    assert unexplained(outcome, covariate) == pytest.approx(0.8, abs=0.01)
    assert unexplained(outcome, np.ones(50_000)) == 1.0


def test_each_way_to_measure_sees_less_noise_than_the_one_before():
    rng = np.random.default_rng(6)
    covariate = rng.gamma(0.5, 100, 8_000)
    outcome = np.where(rng.random(8_000) < 0.2, covariate * rng.lognormal(0, 1.2, 8_000), 0.0)
    table = power_table(Past(outcome, covariate, rng.random(8_000) < 0.1, 0.1), Arms(4_000, 4_000))
    effects = [row["mde_eur"] for row in table]
    assert effects == sorted(effects, reverse=True)
    # A tenth of the customers at random: 0.1 x (the effect on 400 and 400), so √0.1 of that on all, and
    # somewhat more, since the larger effect on each comes as more orders.
    assert np.sqrt(0.1) < effects[3] / effects[2] < 1.2 * np.sqrt(0.1)


def test_rules_that_name_the_same_customers_leave_nothing_to_find():
    table = power_table(Past(np.arange(10.0), np.arange(10.0), np.zeros(10, dtype=bool), 0.0), Arms(5, 5))
    assert np.isnan(table[3]["mde_eur"])


def test_customers_whom_the_rules_treat_differently_count_as_many_as_take_part():
    rng = np.random.default_rng(7)
    outcome, covariate, apart = rng.gamma(0.5, 100, 8_000), rng.random(8_000), rng.random(8_000) < 0.1
    few, many = (power_table(Past(outcome, covariate, apart, s), Arms(4_000, 4_000))[3] for s in (0.1, 0.2))
    assert few["standard_deviation_eur"] == many["standard_deviation_eur"]
    # s x the effect on s of each arm, so √s; twice as many see somewhat less, since it comes as fewer orders.
    assert 1.3 < many["mde_eur"] / few["mde_eur"] < np.sqrt(2)


def past_window(seed, buyers):
    rng = np.random.default_rng(seed)
    covariate = rng.gamma(0.5, 100, 20_000)
    bought = rng.random(20_000) < buyers
    return Window(np.where(bought, rng.lognormal(4, 1, 20_000), 0.0), covariate)


def test_twice_as_many_buyers_make_a_season_of_twice_the_mean_and_root_two_the_spread():
    found = season_of(past_window(1, 0.1), past_window(2, 0.2))
    assert found.mean == pytest.approx(2, abs=0.1)
    # The variance is share x E(P²) less the square of the mean.
    assert found.spread == pytest.approx(np.sqrt(2 * (1 - 0.2 / np.e) / (1 - 0.1 / np.e)), abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_chance_alone_makes_no_season(seed):
    found = season_of(past_window(10 + seed, 0.1), past_window(20 + seed, 0.1))
    assert found == pytest.approx((1, 1), abs=0.05)


def test_a_season_scales_mean_and_spread():
    rng = np.random.default_rng(7)
    past = Past(rng.gamma(0.5, 100, 8_000), rng.random(8_000), rng.random(8_000) < 0.1, 0.1)
    plain, scaled = (power_table(past, Arms(4_000, 4_000), s)[2] for s in (Season(1, 1), Season(1.5, 2)))
    assert scaled["mean_eur"] == 2 * plain["mean_eur"]
    assert scaled["standard_deviation_eur"] == 1.5 * plain["standard_deviation_eur"]
    assert scaled["mde_eur"] == pytest.approx(1.5 * plain["mde_eur"], rel=0.02)  # plus that of orders


def test_a_cap_is_at_least_a_euro():
    assert cap_of(np.zeros(100)) == 1.0


@pytest.mark.parametrize(("lift", "weeks"), [(0.2, 4), (0.1, 8), (0.04, None)])
def test_the_shortest_length_that_finds_a_lift(lift, weeks):
    assert shortest({2: 0.3, 4: 0.2, 8: 0.08, 12: 0.05}.__getitem__, (2, 4, 8, 12), lift) == weeks
