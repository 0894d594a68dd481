"""Statistics of drift on published and hand numbers, against scipy on the rows, and at their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitoring.drift_statistics import adjusted, chi_square, ks_distance, ks_p_value, stability_index

BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
    0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip
"""The 15 p-values of their section 4.1 (thrombolysis), of which 4 are discoveries at 5 %, and 3 by Bonferroni."""

counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=15)


def test_the_index_by_hand():
    # (.5 − .4) ln(.5/.4) + (.3 − .4) ln(.3/.4) + (.2 − .2) ln 1
    found = stability_index(np.array([4e6, 4e6, 2e6]), np.array([5e6, 3e6, 2e6]))
    assert found == pytest.approx(0.1 * np.log(1.25) - 0.1 * np.log(0.75), abs=1e-6)


@given(counts, st.data())
def test_the_index_is_not_negative_and_the_same_both_ways(before, data):
    now = data.draw(st.lists(st.integers(0, 10_000), min_size=len(before), max_size=len(before)))
    one, other = (stability_index(*map(np.array, pair)) for pair in ((before, now), (now, before)))
    if not sum(before) or not sum(now):
        assert one is other is None
    else:
        assert one >= 0
        assert one == pytest.approx(other)


def test_the_index_of_two_samples_of_one_population_is_chi_square_as_published():
    draw, n, m, bins = np.random.default_rng(5), 2_000, 3_000, 10
    shares = np.full(bins, 1 / bins)
    found = [
        stability_index(draw.multinomial(n, shares), draw.multinomial(m, shares)) / (1 / n + 1 / m)
        for _ in range(2_000)
    ]
    assert stats.kstest(found, "chi2", args=(bins - 1,)).pvalue > 0.001


def test_the_distance_of_rows_whose_values_are_all_edges_is_that_of_scipy():
    draw = np.random.default_rng(6)
    before, now = draw.poisson(2, 400), draw.poisson(2.5, 700)
    found = ks_distance(np.bincount(before, minlength=15), np.bincount(now, minlength=15))
    exact = stats.ks_2samp(before, now, method="asymp")
    assert found == pytest.approx(exact.statistic)
    assert ks_p_value(found, 400, 700) == pytest.approx(exact.pvalue, rel=0.02)


def test_the_distance_at_edges_is_at_most_that_of_the_rows():
    draw = np.random.default_rng(7)
    for shift in (0.0, 0.1, 1.0):
        before, now = draw.normal(size=500), draw.normal(shift, size=500)
        edges = [-np.inf, *np.quantile(before, np.arange(0.1, 1, 0.1)), np.inf]
        found = ks_distance(*(np.histogram(rows, edges)[0] for rows in (before, now)))
        exact = stats.ks_2samp(before, now)
        assert exact.statistic - 0.1 <= found <= exact.statistic
        assert ks_p_value(found, 500, 500) >= exact.pvalue * 0.9


def test_chi_square_by_hand():

    # 30 30 40 against 20 40 40: sum of (O − E)²/E with E = 25 35 40 is 2 (25/25 + 25/35) = 24/7
    found = chi_square(np.array([30.0, 30.0, 40.0]), np.array([20.0, 40.0, 40.0]))
    assert found == pytest.approx(
        (24 / 7, np.exp(-12 / 7))
    )  # with 2 degrees of freedom the tail is exp(−x/2)


def test_rare_levels_are_tested_together():
    one_rare = chi_square(np.array([50.0, 50.0, 4.0]), np.array([50.0, 50.0, 0.0]))
    split = chi_square(np.array([50.0, 50.0, 1.0, 3.0]), np.array([50.0, 50.0, 0.0, 0.0]))
    assert split == pytest.approx(one_rare)


@pytest.mark.parametrize("statistic", [stability_index, ks_distance, chi_square])
def test_nothing_is_told_of_an_empty_sample(statistic):
    assert statistic(np.zeros(3), np.array([1.0, 2.0, 3.0])) is None
    assert statistic(np.array([1.0, 2.0, 3.0]), np.zeros(3)) is None


def test_equal_samples_do_not_differ():
    same = np.array([10.0, 0.0, 30.0])
    assert (stability_index(same, same), ks_distance(same, same)) == (0.0, 0.0)
    assert chi_square(same, same) == (0.0, pytest.approx(1.0))
    assert chi_square(np.array([7.0]), np.array([9.0])) == (0.0, 1.0)
    assert ks_p_value(0.0, 40, 40) == 1.0


def test_p_values_are_adjusted_as_benjamini_and_hochberg_did():
    found = adjusted(BENJAMINI_HOCHBERG_1995)
    assert sum(p <= 0.05 for p in found) == 4
    assert found[3] == pytest.approx(0.0095 * 15 / 4)
    assert found == sorted(found)


def test_an_undefined_p_value_stays_so_and_does_not_count():
    assert adjusted([0.01, None, 0.04]) == [pytest.approx(0.02), None, pytest.approx(0.04)]
    assert adjusted([None]) == [None]
    assert adjusted([]) == []
