# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the papers
"""What holds for BG/NBD, MBG/NBD and Pareto/NBD alike: their fits, and forecasts by a second method."""

from math import lgamma, log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime

from clv.models.triples import unique_triples
from tests.statistics.buyers import cdnow_sample
from tests.statistics.purchase_models import KINDS, parameters

pytestmark = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


@pytest.fixture(scope="module")
def sample():
    return cdnow_sample()


@pytest.fixture(scope="module")
def fits(sample):
    return {kind.model: kind.fit(sample["x"], sample["t_x"], sample["T"]) for kind in KINDS.values()}


def test_cdnow_fit_gives_the_published_parameters_and_log_likelihood(kind, fits):
    found = fits[kind.model]
    assert parameters(found.model) == pytest.approx(kind.published, abs=6e-4)
    assert parameters(found.model) == pytest.approx(kind.fitted, abs=2e-5)
    assert found.log_likelihood == pytest.approx(kind.log_likelihood, abs=1e-3)
    assert found.converged
    assert not found.weakly_identified


def test_gradient_is_the_slope_of_the_log_likelihood(kind, sample):
    likelihood = kind.likelihood(unique_triples(sample["x"], sample["t_x"], sample["T"]))
    for log_parameters in np.random.default_rng(1).normal(0, 1.5, (6, 4)):
        slopes = approx_fprime(log_parameters, lambda at: likelihood(at)[0], 1e-6)
        gradient = likelihood(log_parameters)[1]
        assert gradient == pytest.approx(slopes, rel=1e-4, abs=1e-4 * np.abs(slopes).max())


def test_search_sees_the_log_likelihood_of_the_model(kind, sample):
    value, _ = kind.likelihood(unique_triples(sample["x"], sample["t_x"], sample["T"]))(
        np.log(kind.published)
    )
    each = kind.model(*kind.published).log_likelihood(sample["x"], sample["t_x"], sample["T"])
    assert value == pytest.approx(each.sum(), rel=1e-12)


def history_probability(model, x, T):
    """P(X(T) = x): the likelihood of x ordered purchase times, integrated over all but t_x in closed form."""
    if x == 0:
        return float(np.exp(model.log_likelihood(0, 0, T)))
    volume = lambda t_x: (x - 1) * log(t_x) - lgamma(x)  # noqa: E731
    return quad(lambda t_x: np.exp(model.log_likelihood(x, t_x, T) + volume(t_x)), 1e-12, T)[0]


def test_probabilities_of_all_histories_sum_to_one_and_their_mean_is_the_expected_purchases(kind):
    model, T = kind.model(1.3, 5.0, 0.7, 1.9), 6.0
    probability = np.array([history_probability(model, x, T) for x in range(60)])
    assert probability.sum() == pytest.approx(1, abs=1e-9)
    assert np.arange(60) @ probability == pytest.approx(float(model.expected_purchases_new(T)), rel=1e-7)
    assert 1 - probability[0] == pytest.approx(float(model.p_active(T, 0, 0, 0)), rel=1e-9)


@pytest.mark.parametrize("t", [1e-3, 5.0, 400.0])
def test_silence_until_later_is_as_likely_as_the_later_history_over_the_present_one(kind, t):
    model = kind.model(*kind.published)
    x, t_x, T = np.array([0, 1, 2, 40]), np.array([0, 3, 30.43, 38.0]), 38.86
    silent = np.exp(model.log_likelihood(x, t_x, T + t) - model.log_likelihood(x, t_x, T))
    assert model.p_active(t, x, t_x, T) == pytest.approx(1 - silent, rel=1e-7)


def test_purchases_grow_at_the_rate_of_those_still_alive(kind):
    """d/dt E[X(T, T + t)] = E[λ, alive at T + t | history]; at t = 0, P(alive) (r + x) / (α + T)."""
    model, t = kind.model(*kind.published), 1e-9
    x, t_x, T = np.array([0, 3, 26]), np.array([0, 10, 30.86]), 31.0
    rate = model.p_alive(x, t_x, T) * (model.r + x) / (model.alpha + T)
    assert model.expected_purchases(t, x, t_x, T) / t == pytest.approx(rate, rel=1e-6)


def test_weights_count_as_repeated_rows(kind, sample):
    few = sample.iloc[:300]
    weights = np.random.default_rng(3).integers(1, 5, len(few))
    repeated = few.loc[few.index.repeat(weights)]
    weighted = kind.fit(few["x"], few["t_x"], few["T"], weights)
    assert weighted == kind.fit(repeated["x"], repeated["t_x"], repeated["T"])


def test_fit_does_not_depend_on_the_order_of_customers(kind, sample, fits):
    shuffled = sample.sample(frac=1, random_state=4)
    assert kind.fit(shuffled["x"], shuffled["t_x"], shuffled["T"]) == fits[kind.model]


def test_days_instead_of_weeks_change_the_unit_and_the_density_and_nothing_else(kind, sample, fits):
    weeks = fits[kind.model]
    days = kind.fit(sample["x"], 7 * sample["t_x"], 7 * sample["T"])
    assert parameters(days.model) == pytest.approx(parameters(weeks.model) * kind.in_weeks, rel=1e-5)
    density = weeks.log_likelihood - sample["x"].sum() * np.log(7)
    assert days.log_likelihood == pytest.approx(density, abs=1e-6)
    in_days = days.model.expected_purchases(273, 2, 7 * 30.43, 7 * 38.86)
    assert in_days == pytest.approx(weeks.model.expected_purchases(39, 2, 30.43, 38.86), rel=1e-5)


@pytest.mark.parametrize("shape", [(0.25, 30.0, 0.8, 2.5), (0.8, 100.0, 0.3, 4.0), (2.0, 60.0, 1.5, 10.0)])
def test_simulated_parameters_and_purchases_are_recovered(kind, shape):
    truth = np.array(shape) * (1, 1, 1, 140 if kind.leaving == ("s", "beta") else 1)
    T = np.random.default_rng(7).uniform(30, 730, 8000)
    x, t_x, future = kind.simulate(truth, T, 365, seed=8)
    found = kind.fit(x, t_x, T)
    z = (parameters(found.model) - truth) / list(found.standard_errors.values())
    assert np.abs(z).max() < 3
    forecast = found.model.expected_purchases(365, x, t_x, T)
    for some in (T > 0, x == 0, forecast >= np.quantile(forecast, 0.9)):
        missed = (forecast - future)[some]
        assert abs(missed.sum()) < 3 * np.sqrt((missed**2).sum())
    active = found.model.p_active(365, x, t_x, T)
    assert active.mean() == pytest.approx((future > 0).mean(), abs=0.02)


def test_customers_who_never_leave_flag_the_dropout_parameters(kind):
    T = np.random.default_rng(9).uniform(30, 730, 2000)
    x, t_x, _ = KINDS["BG/NBD"].simulate((0.5, 30.0, 1e-9, 100.0), T, 0, seed=10)
    found = kind.fit(x, t_x, T)
    assert found.converged
    assert set(found.weak_parameters) == set(kind.leaving)
    assert found.model.p_alive(x, t_x, T).min() > 0.9


def test_one_timers_alone_are_fitted_but_flagged(kind):
    found = kind.fit(np.zeros(50), np.zeros(50), np.arange(1, 51))
    assert found.weakly_identified
    assert 0 <= found.model.expected_purchases(365, 0, 0, 25) < 1e-3


def test_without_dropout_the_forecast_is_the_nbd_rate(kind):
    model = kind.model(0.7, 20.0, 1e-12, 5.0)
    assert model.expected_purchases(90, 6, 40, 100) == pytest.approx((0.7 + 6) / (20 + 100) * 90, rel=1e-9)
    assert model.p_alive(6, 40, 100) == pytest.approx(1, abs=1e-9)


def test_the_long_silent_are_gone(kind):
    assert kind.model(*kind.published).p_alive(10, 20, 1e5) < 1e-10


def test_arguments_broadcast_to_their_common_shape(kind):
    model = kind.model(*kind.published)
    both = model.expected_purchases([[13], [39]], [0, 2, 5], [0, 20, 30], 38.86)
    assert both.shape == (2, 3)
    assert both[1, 1] == pytest.approx(model.expected_purchases(39, 2, 20, 38.86), rel=1e-12)
    assert model.p_active(39, [], [], []).shape == (0,)


def test_no_customer_is_a_clear_error(kind):
    with pytest.raises(ValueError, match="no customer to fit"):
        kind.fit([], [], [])
