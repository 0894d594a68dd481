"""Figures of a validation against second methods and limiting cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score, r2_score, recall_score

from clv.judged import judge
from training.validation.measures import ks_of_euros, precision_top10, r2, recall_top10


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(7)
    truth = rng.gamma(0.5, 100.0, 1_000)
    came = np.where(rng.random(1_000) < 0.6, truth * rng.gamma(2.0, 0.5, 1_000), 0.0)
    return came, truth


def test_r2_is_scikit_learns(shop):
    assert r2(judge(*shop)) == pytest.approx(r2_score(*shop))


def test_r2_of_the_mean_of_what_came_is_zero(shop):
    came, _ = shop
    assert r2(judge(came, np.full_like(came, came.mean()))) == pytest.approx(0.0, abs=1e-12)


def test_precision_and_recall_are_scikit_learns_where_nothing_is_tied(shop):
    came, said = shop
    true, chosen = (values >= np.sort(values)[-100] for values in (came, said))
    assert precision_top10(judge(came, said)) == pytest.approx(precision_score(true, chosen))
    assert recall_top10(judge(came, said)) == pytest.approx(recall_score(true, chosen))


def test_without_a_ranking_the_top_tenth_is_hit_by_chance(shop):
    came, _ = shop
    assert precision_top10(judge(came, np.ones_like(came))) == pytest.approx(0.1)


def test_who_brought_nothing_is_in_no_top_tenth():
    """5 of 100 bought; the forecast's top tenth holds 4 of them."""
    came = np.r_[np.full(5, 10.0), np.zeros(95)]
    said = np.r_[np.full(4, 9.0), 0.0, np.full(6, 8.0), np.linspace(0.1, 1, 89)]
    assert precision_top10(judge(came, said)) == pytest.approx(0.4)
    assert recall_top10(judge(came, said)) == pytest.approx(0.8)
    assert np.isnan(recall_top10(judge(np.zeros(20), said[:20])))


def test_the_gap_of_euros_is_that_of_the_worked_example():
    """Shares along the forecast, from the highest: said .5 .8 1, came .2 .4 1; the gap is .4."""
    assert ks_of_euros(judge([20.0, 20.0, 60.0], [50.0, 30.0, 20.0])) == pytest.approx(0.4)


def test_the_gap_knows_the_shape_and_not_the_level(shop):
    came, _ = shop
    assert ks_of_euros(judge(came, 3 * came)) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(ks_of_euros(judge(came, np.zeros_like(came))))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=10, max_size=40))
def test_a_customer_who_counts_twice_is_two_customers(rows):
    came, said = (np.array(values, dtype=float) for values in zip(*rows, strict=True))
    weighed = judge(came, said, np.full(len(came), 2.0))
    doubled = judge(np.tile(came, 2), np.tile(said, 2))
    for measure in (r2, ks_of_euros, precision_top10, recall_top10):
        assert measure(weighed) == pytest.approx(measure(doubled), nan_ok=True)
