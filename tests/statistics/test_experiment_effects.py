"""Differences between arms against hand computation, published numbers and theory."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from decisions.effects import (
    bootstrap_means,
    cuped,
    holm,
    mean_difference,
    share_difference,
    winsorised,
)
from decisions.uplifts import overall, shrink, uplifts

TREATED = np.array([False, False, True, True])


def test_cuped_by_hand():
    # Deviations within arms: x ±0.5 and ±1, y ±1 and ±2, so θ = (0.5 + 0.5 + 2 + 2) / 2.5 = 2; mean x = 1.75.
    outcome, covariate = np.array([1.0, 3.0, 2.0, 6.0]), np.array([1.0, 2.0, 1.0, 3.0])
    assert cuped(outcome, covariate, TREATED).tolist() == [2.5, 2.5, 3.5, 3.5]


def test_cuped_leaves_outcomes_whose_covariate_does_not_vary():
    outcome = np.array([1.0, 3.0, 2.0, 6.0])
    assert cuped(outcome, np.ones(4), TREATED).tolist() == outcome.tolist()


def test_cuped_keeps_the_mean_and_removes_the_share_of_variance_that_is_explained():
    rng = np.random.default_rng(1)
    covariate = rng.gamma(1, 50, 20_000)
    outcome = 0.3 * covariate + rng.normal(0, 20, 20_000)
    treated = rng.random(20_000) < 0.5
    adjusted = cuped(outcome, covariate, treated)
    explained = np.corrcoef(outcome, covariate)[0, 1] ** 2
    assert adjusted.mean() == pytest.approx(outcome.mean())
    assert adjusted.var() / outcome.var() == pytest.approx(1 - explained, rel=0.01)


def test_winsorised_values_stop_at_the_cap_on_both_sides():
    assert winsorised(np.array([-700.0, -5.0, 0.0, 580.0]), 579.0).tolist() == [-579.0, -5.0, 0.0, 579.0]


def test_newcombes_published_example():
    # Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10.
    flag = np.r_[np.arange(70) < 56, np.arange(80) < 48]
    found = share_difference(flag, np.arange(150) < 70)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_the_p_value_of_shares_is_that_of_the_chi_square_test():
    flag = np.r_[np.arange(70) < 56, np.arange(80) < 48]
    found = share_difference(flag, np.arange(150) < 70)
    expected = stats.chi2_contingency([[56, 14], [48, 32]], correction=False).pvalue
    assert found.p_value == pytest.approx(expected)


def test_holms_p_values_are_those_of_r():
    # As p.adjust of R with method "holm" gives them.
    p_values = np.array([0.01, 0.04, np.nan, 0.03, 0.005])
    np.testing.assert_allclose(holm(p_values), [0.03, 0.06, np.nan, 0.06, 0.02])


def test_an_arm_of_one_has_no_interval():
    found = mean_difference(np.array([1.0, 2.0, 4.0]), np.array([True, False, False]))
    assert (found.control, found.treatment, found.difference) == (3.0, 1.0, -2.0)
    assert np.isnan([found.low, found.high, found.p_value]).all()


def test_bootstrap_means_spread_as_theory_says_and_ignore_the_order_of_rows():
    rng = np.random.default_rng(2)
    rows = np.column_stack([rng.binomial(1, 0.2, 2_000) * 50.0, rng.binomial(1, 0.5, 2_000)])
    drawn = bootstrap_means(rows, 4_000, np.random.default_rng(3))
    assert drawn.mean(axis=0) == pytest.approx(rows.mean(axis=0), rel=0.01)
    assert drawn.std(axis=0) == pytest.approx(rows.std(axis=0) / np.sqrt(2_000), rel=0.05)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(rows.T)[0, 1], abs=0.05)
    again = bootstrap_means(rows[::-1], 4_000, np.random.default_rng(3))
    assert (again == drawn).all()


def test_shrinkage_of_the_eight_schools_is_complete():
    # Rubin 1981; Gelman et al., Bayesian Data Analysis, sec. 5.5: the pooled estimate is 7.7.
    effect = pd.Series([28.0, 8, -3, 7, -1, 1, 18, 12])
    error = pd.Series([15.0, 10, 16, 11, 9, 11, 10, 18])
    assert overall(effect, error) == pytest.approx(7.69, abs=0.005)
    assert shrink(effect, error).to_numpy() == pytest.approx(7.69, abs=0.005)


def test_the_mean_of_differing_trials_is_the_published_one():
    # BCG vaccine, 13 trials: R metafor, rma(yi, vi, method = "DL") gives -0.7141.
    effect = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713]
    variance = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730]
    effect, variance = [*effect, -0.3394, 0.4459, -0.0173], [*variance, 0.0124, 0.5325, 0.0714]
    assert overall(pd.Series(effect), np.sqrt(pd.Series(variance))) == pytest.approx(-0.7141, abs=2e-4)


def test_a_stratum_known_exactly_keeps_its_own_and_an_unknown_one_has_the_mean():
    effect, error = pd.Series([0.0, 10.0, np.nan]), pd.Series([1e-6, 1e-6, np.nan])
    assert shrink(effect, error).to_numpy() == pytest.approx([0.0, 10.0, 5.0])


def test_uplift_of_a_contact_comes_from_whom_one_rule_alone_names():
    # By the CLV ranking alone: contacted 30 and 50, not contacted 10 and 14; by both rules 900 and nothing.
    rows = [
        ("treatment", True, False, True, 30.0),
        ("treatment", True, False, True, 50.0),
        ("control", False, False, True, 10.0),
        ("control", False, False, True, 14.0),
        ("treatment", True, True, True, 900.0),
        ("control", True, True, True, 0.0),
    ]
    names = ["arm", "contacted", "named_by_control", "named_by_treatment", "outcome_eur"]
    one = {"country": "DE", "value_band": "high", "acquisition_channel": "direct"}
    found = uplifts(pd.DataFrame(rows, columns=names).assign(**one)).iloc[0]
    assert found.contact_uplift_eur == 40 - 12
    assert found.lift_eur == pytest.approx((30 + 50 + 900) / 3 - (10 + 14) / 3)
    assert (found.n_contacted, found.n_not_contacted, found.n_treatment, found.n_control) == (2, 2, 3, 3)
    # Pooled variance of the band (10² + 10² + 2² + 2²) / 4 = 52, over 2 and 2 customers.
    assert found.contact_uplift_standard_error_eur == pytest.approx(np.sqrt(52 * (1 / 2 + 1 / 2)))
