# ruff: noqa: N803 -- x, t_x, T are the symbols of the paper
import numpy as np
import pytest
from scipy.special import betainc, betaln

from clv.models import beta_geometric
from clv.models.beta_geometric import expected_purchases_if_active


def sum_over_purchases(r, a, b, u, terms=20_000):
    """E = Σ_k P(k Poisson events fall in t) × P(none of the first k - 1 purchases was the last)."""
    k = np.arange(1, terms + 1)
    at_least_k = betainc(k, r, u / (1 + u))
    stayed = np.exp(betaln(a, b + k - 1) - betaln(a, b))
    return float(at_least_k @ stayed)


def expected(r, a, b, u):
    return float(expected_purchases_if_active(np.array([r]), a, np.array([b]), np.array([u]))[0])


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_the_sum_over_purchases(seed):
    rng = np.random.default_rng(seed)
    a, b, r, u = np.exp(rng.uniform(np.log([0.05, 0.1, 1, 0.01]), np.log([20, 50, 20, 5])))
    x = rng.integers(0, 300)
    assert expected(r + x, a, b + x, u) == pytest.approx(sum_over_purchases(r + x, a, b + x, u), rel=1e-9)


@pytest.mark.parametrize("a", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_the_removable_singularity_at_a_of_one_is_removed(a):
    assert expected(3.2, a, 5.4, 0.8) == pytest.approx(sum_over_purchases(3.2, 1.0, 5.4, 0.8), rel=1e-8)


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.7), (0.25, 0.5), (0.3, 0.7 + 1e-12)])
def test_a_plus_b_at_or_below_one_is_no_special_case(a, b):
    assert expected(2.0, a, b, 0.5) == pytest.approx(sum_over_purchases(2.0, a, b, 0.5), rel=1e-8)


def test_closed_form_and_integral_agree_where_both_hold(monkeypatch):
    rng = np.random.default_rng(0)
    r, b, u = (
        np.exp(rng.uniform(np.log(low), np.log(high), 500))
        for low, high in ((0.1, 500), (0.1, 500), (0.01, 10))
    )
    for a in (0.05, 0.6, 1.7, 30.0):
        closed = expected_purchases_if_active(r, a, b, u)
        monkeypatch.setattr(beta_geometric, "CANCELLATION", np.inf)
        integrated = expected_purchases_if_active(r, a, b, u)
        monkeypatch.undo()
        assert np.abs(integrated - closed).max() > 0
        assert integrated == pytest.approx(closed, rel=1e-8)


@pytest.mark.parametrize(("x", "T"), [(132, 200), (133, 200), (10_000, 1e4), (1_000_000, 1e5)])
def test_customers_with_very_many_purchases_keep_their_rate(x, T):
    a, t = 0.05, 10
    rate = (0.5 + x) / (10 + T)
    losses = rate * t * a / (a + 2.4 + x)  # expected dropouts; small, so the rate hardly falls within t
    assert expected(0.5 + x, a, 2.4 + x, t / (10 + T)) == pytest.approx(rate * t, rel=losses)


def test_no_horizon_no_purchases():
    assert expected(3.0, 0.8, 2.0, 0.0) == 0
