# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the papers
"""Pareto/NBD: published point checks, the closed forms of the papers, its limits."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import gammaln, hyp2f1

from clv.models.gamma_race import race
from clv.models.pareto_nbd import ParetoNbd, fit_pareto_nbd
from tests.statistics.buyers import cdnow_sample

WALKTHROUGH = ParetoNbd(0.55, 10.58, 0.61, 11.67)


@pytest.fixture(scope="module")
def fitted():
    rows = cdnow_sample()
    return fit_pareto_nbd(rows["x"], rows["t_x"], rows["T"]).model


def test_best_customer_of_the_btyd_walkthrough(fitted):
    assert fitted.expected_purchases(52, 26, 30.86, 31) == pytest.approx(25.46, abs=5e-3)
    assert fitted.p_alive(26, 30.86, 31) == pytest.approx(0.9979, abs=5e-5)


def test_neighbours_in_the_underflow_trap_of_lifetimes_are_forecast_alike():
    found = WALKTHROUGH.expected_purchases(10, [132, 133], 200, 200)
    assert found == pytest.approx([6.20605179, 6.25287225], abs=5e-9)


def note_009_likelihood(model, x, t_x, T):
    """The closed form of Fader and Hardie (2005) with two 2F1, as printed, at α >= β or α < β."""
    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    first = s + 1 if alpha >= beta else r + x
    largest = max(alpha, beta)

    def term(tau):
        ratio = abs(alpha - beta) / (largest + tau)
        return hyp2f1(r + s + x, first, r + s + x + 1, ratio) / (largest + tau) ** (r + s + x)

    alive = 1 / ((alpha + T) ** (r + x) * (beta + T) ** s)
    dropped = s / (r + s + x) * (term(t_x) - term(T))
    factor = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return factor + np.log(alive + dropped)


@pytest.mark.parametrize(
    "model", [WALKTHROUGH, ParetoNbd(1.2, 20.0, 2.5, 4.0), ParetoNbd(0.4, 3.0, 1.0, 3.0)]
)
def test_log_likelihood_is_the_closed_form_where_that_has_digits(model):
    x = np.array([0, 0, 1, 2, 6, 20])
    t_x, T = np.array([0, 0, 4.0, 30.43, 11.0, 35.0]), np.array([5.0, 39.0, 20.0, 38.86, 38.0, 38.9])
    assert model.log_likelihood(x, t_x, T) == pytest.approx(note_009_likelihood(model, x, t_x, T), rel=1e-10)


def test_log_likelihood_is_the_mixture_of_exponentials():
    model, x, t_x, T = ParetoNbd(2.2, 9.0, 3.1, 25.0), 3, 8.0, 13.0
    scale = model.r * np.log(model.alpha) + model.s * np.log(model.beta) - gammaln([model.r, model.s]).sum()

    def density(mu, lam):
        rates = lam + mu
        one = lam**x * (mu * np.exp(-rates * t_x) + lam * np.exp(-rates * T)) / rates
        mixing = (
            (model.r - 1) * np.log(lam) - model.alpha * lam + (model.s - 1) * np.log(mu) - model.beta * mu
        )
        return one * np.exp(scale + mixing)

    expected = dblquad(density, 1e-9, 6, 1e-9, 4, epsabs=1e-14, epsrel=1e-10)[0]
    assert model.log_likelihood(x, t_x, T) == pytest.approx(np.log(expected), abs=1e-7)


@pytest.mark.parametrize("s", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_the_removable_singularity_at_s_of_one_is_removed(s):
    model = ParetoNbd(0.5, 10.0, s, 12.0)
    expected = model.p_alive(2, 20, 30) * 2.5 / 40 * 42 * np.log1p(52 / 42)
    assert model.expected_purchases(52, 2, 20, 30) == pytest.approx(expected, rel=1e-8)


def test_many_equal_dropout_rates_are_one_exponential_lifetime():
    """s and β to infinity at μ = s / β: everybody leaves at the same rate."""
    mu, r, alpha = 0.02, 0.8, 15.0
    model = ParetoNbd(r, alpha, 1e7, 1e7 / mu)
    new = r / alpha * (1 - np.exp(-mu * 52)) / mu
    assert model.expected_purchases_new(52) == pytest.approx(new, rel=1e-6)
    nodes = race(np.array([r]), 1e7, float(np.log(1e7 / mu / alpha)))
    ever = 1 - nodes.leaves_first(np.array([0]), np.array([1e7 / mu / alpha]))[0]
    horizon = 1e5
    assert model.p_active(horizon, 0, 0, 0) == pytest.approx(ever, abs=2e-3)


@pytest.mark.parametrize(("x", "T"), [(10_000, 1e4), (1_000_000, 1e5)])
def test_customers_with_very_many_purchases_keep_their_rate(x, T):
    found = WALKTHROUGH.expected_purchases(10, x, T, T)
    assert found == pytest.approx(10 * (0.55 + x) / (10.58 + T), rel=1e-3)
    assert np.isfinite(WALKTHROUGH.log_likelihood(x, T, T))


def test_a_forecast_hardly_moves_with_the_customers_beside_it(fitted):
    rows = cdnow_sample()
    together = fitted.p_active(39, rows["x"], rows["t_x"], rows["T"])
    alone = fitted.p_active(39, rows["x"][:50], rows["t_x"][:50], rows["T"][:50])
    assert together[:50] == pytest.approx(alone, rel=1e-12)
