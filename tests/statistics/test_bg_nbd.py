# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the paper
import warnings
from math import lgamma, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime

from clv.models.bg_nbd import BgNbd, BgNbdLikelihood, fit_bg_nbd
from clv.models.triples import unique_triples
from tests.statistics.buyers import cdnow_sample, cdnow_summary, simulate_bg_nbd

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def sample():
    return cdnow_sample()


@pytest.fixture(scope="module")
def sample_fit(sample):
    return fit_bg_nbd(sample["x"], sample["t_x"], sample["T"])


@pytest.fixture
def lifetimes_model():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter  # noqa: PLC0415 -- its import warns

        yield BetaGeoFitter()


def parameters(model):
    return np.array([model.r, model.alpha, model.a, model.b])


def test_cdnow_fit_gives_the_published_parameters_and_log_likelihood(sample_fit):
    assert parameters(sample_fit.model) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert parameters(sample_fit.model) == pytest.approx([0.24259, 4.41360, 0.79292, 2.42591], abs=2e-5)
    assert sample_fit.log_likelihood == pytest.approx(-9582.4292, abs=1e-3)
    assert sample_fit.converged
    assert not sample_fit.weakly_identified


def test_rounded_recency_of_the_shipped_summary_moves_the_log_likelihood_by_less_than_a_hundredth():
    rows = cdnow_summary()
    assert fit_bg_nbd(rows["x"], rows["t_x"], rows["T"]).log_likelihood == pytest.approx(-9582.4256, abs=1e-3)


def test_expectations_are_the_published_ones(sample_fit):
    assert PUBLISHED.expected_purchases(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
    weeks = [0.1429, 1, 3, 31.8571, 32, 78]
    expected = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert sample_fit.model.expected_purchases_new(weeks) == pytest.approx(expected, abs=5e-4)


def test_probability_of_no_purchase_of_a_new_customer_is_the_published_one():
    assert 1 - PUBLISHED.p_active(39, 0, 0, 0) == pytest.approx(0.5737864, abs=5e-8)


def test_holdout_of_the_cdnow_sample_has_the_reference_errors(sample, sample_fit):
    future = sample["future"].to_numpy()
    forecast = sample_fit.model.expected_purchases(39, sample["x"], sample["t_x"], sample["T"])
    assert future.sum() == 1882
    assert np.abs(forecast - future).mean() == pytest.approx(0.786, abs=1e-3)
    assert np.sqrt(((forecast - future) ** 2).mean()) == pytest.approx(1.608, abs=1e-3)
    assert forecast.sum() / future.sum() - 1 == pytest.approx(-0.12, abs=5e-3)
    assert np.corrcoef(forecast, future)[0, 1] == pytest.approx(0.626, abs=1e-3)


def test_fit_and_standard_errors_agree_with_lifetimes(lifetimes_model):
    rows = cdnow_summary()
    theirs = lifetimes_model.fit(rows["x"], rows["t_x"], rows["T"])
    ours = fit_bg_nbd(rows["x"], rows["t_x"], rows["T"])
    assert parameters(ours.model) == pytest.approx(theirs.params_.to_numpy(), rel=2e-4)
    assert list(ours.standard_errors.values()) == pytest.approx(theirs.standard_errors_.to_numpy(), rel=2e-3)


@pytest.mark.parametrize("seed", range(5))
def test_forecasts_agree_with_lifetimes_at_random_parameters_and_histories(lifetimes_model, seed):
    rng = np.random.default_rng(seed)
    r, alpha, a, b = np.exp(rng.uniform(np.log([0.1, 1, 0.2, 0.5]), np.log([5, 200, 3, 20])))
    x, T, t = rng.integers(0, 40, 50).astype(float), rng.uniform(1, 500, 50), rng.uniform(1, 500, 50)
    t_x = np.where(x > 0, rng.uniform(0.1, 1, 50) * T, 0)
    lifetimes_model.params_ = pd.Series({"r": r, "alpha": alpha, "a": a, "b": b})
    ours = BgNbd(r, alpha, a, b)
    theirs = lifetimes_model.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T)
    works = np.isfinite(theirs)  # their hypergeometric term overflows for some
    assert works.sum() >= 40
    assert ours.expected_purchases(t, x, t_x, T)[works] == pytest.approx(np.asarray(theirs)[works], rel=1e-8)
    alive = lifetimes_model.conditional_probability_alive(x, t_x, T)
    assert ours.p_alive(x, t_x, T) == pytest.approx(np.asarray(alive), rel=1e-10)


def test_gradient_is_the_slope_of_the_log_likelihood(sample):
    likelihood = BgNbdLikelihood(unique_triples(sample["x"], sample["t_x"], sample["T"]))
    for log_parameters in np.random.default_rng(1).normal(0, 1.5, (6, 4)):
        slopes = approx_fprime(log_parameters, lambda at: likelihood(at)[0], 1e-6)
        gradient = likelihood(log_parameters)[1]
        assert gradient == pytest.approx(slopes, rel=1e-4, abs=1e-4 * np.abs(slopes).max())


def test_search_sees_the_log_likelihood_of_the_model(sample):
    triples = unique_triples(sample["x"], sample["t_x"], sample["T"])
    value, _ = BgNbdLikelihood(triples)(np.log(parameters(PUBLISHED)))
    each = PUBLISHED.log_likelihood(sample["x"], sample["t_x"], sample["T"])
    assert value == pytest.approx(each.sum(), rel=1e-12)


def history_probability(model, x, T):
    """P(X(T) = x): the likelihood of x ordered purchase times, integrated over all but t_x in closed form."""
    if x == 0:
        return float(np.exp(model.log_likelihood(0, 0, T)))
    volume = lambda t_x: (x - 1) * log(t_x) - lgamma(x)  # noqa: E731
    return quad(lambda t_x: np.exp(model.log_likelihood(x, t_x, T) + volume(t_x)), 1e-12, T)[0]


def test_probabilities_of_all_histories_sum_to_one_and_their_mean_is_the_expected_purchases():
    model, T = BgNbd(1.3, 5.0, 0.7, 1.9), 6.0
    probability = np.array([history_probability(model, x, T) for x in range(70)])
    assert probability.sum() == pytest.approx(1, abs=1e-9)
    assert np.arange(70) @ probability == pytest.approx(float(model.expected_purchases_new(T)), rel=1e-7)
    assert 1 - probability[0] == pytest.approx(float(model.p_active(T, 0, 0, 0)), rel=1e-12)


def test_weights_count_as_repeated_rows(sample):
    few = sample.iloc[:300]
    weights = np.random.default_rng(3).integers(1, 5, len(few))
    repeated = few.loc[few.index.repeat(weights)]
    weighted = fit_bg_nbd(few["x"], few["t_x"], few["T"], weights)
    spelt_out = fit_bg_nbd(repeated["x"], repeated["t_x"], repeated["T"])
    assert weighted == spelt_out


def test_fit_does_not_depend_on_the_order_of_customers(sample, sample_fit):
    shuffled = sample.sample(frac=1, random_state=4)
    assert fit_bg_nbd(shuffled["x"], shuffled["t_x"], shuffled["T"]) == sample_fit


def test_days_instead_of_weeks_change_alpha_and_the_density_and_nothing_else(sample, sample_fit):
    days = fit_bg_nbd(sample["x"], 7 * sample["t_x"], 7 * sample["T"])
    assert parameters(days.model) == pytest.approx(parameters(sample_fit.model) * [1, 7, 1, 1], rel=1e-6)
    density = sample_fit.log_likelihood - sample["x"].sum() * np.log(7)
    assert days.log_likelihood == pytest.approx(density, abs=1e-6)
    in_days = days.model.expected_purchases(273, 2, 7 * 30.43, 7 * 38.86)
    assert in_days == pytest.approx(sample_fit.model.expected_purchases(39, 2, 30.43, 38.86), rel=1e-6)


@pytest.mark.parametrize("truth", [(0.25, 30.0, 0.8, 2.5), (0.8, 100.0, 0.3, 4.0), (2.0, 60.0, 1.5, 10.0)])
def test_simulated_parameters_and_purchases_are_recovered(truth):
    T = np.random.default_rng(7).uniform(30, 730, 8000)
    x, t_x, future = simulate_bg_nbd(truth, T, 365, seed=8)
    fit = fit_bg_nbd(x, t_x, T)
    z = (parameters(fit.model) - truth) / list(fit.standard_errors.values())
    assert np.abs(z).max() < 3
    forecast = fit.model.expected_purchases(365, x, t_x, T)
    assert forecast.sum() == pytest.approx(future.sum(), rel=0.04)
    active = fit.model.p_active(365, x, t_x, T)
    assert active.mean() == pytest.approx((future > 0).mean(), abs=0.02)
    keen = forecast >= np.quantile(forecast, 0.9)
    assert forecast[keen].sum() == pytest.approx(future[keen].sum(), rel=0.05)


def test_customers_who_never_leave_flag_the_dropout_parameters():
    T = np.random.default_rng(9).uniform(30, 730, 2000)
    x, t_x, _ = simulate_bg_nbd((0.5, 30.0, 1e-9, 100.0), T, 0, seed=10)
    fit = fit_bg_nbd(x, t_x, T)
    assert fit.weakly_identified
    assert set(fit.weak_parameters) == {"a", "b"}
    assert fit.model.p_alive(x, t_x, T).min() > 0.9


def test_one_timers_alone_are_fitted_but_flagged():
    fit = fit_bg_nbd(np.zeros(50), np.zeros(50), np.arange(1, 51))
    assert fit.weakly_identified
    assert 0 <= fit.model.expected_purchases(365, 0, 0, 25) < 1e-3


def test_without_dropout_the_forecast_is_the_nbd_rate():
    model = BgNbd(0.7, 20.0, 1e-12, 5.0)
    assert model.expected_purchases(90, 6, 40, 100) == pytest.approx((0.7 + 6) / (20 + 100) * 90, rel=1e-9)
    assert model.p_alive(6, 40, 100) == pytest.approx(1, abs=1e-9)


def test_one_timers_count_as_alive_and_the_long_silent_as_gone():
    assert PUBLISHED.p_alive(0, 0, [0, 10, 1e6]) == pytest.approx([1, 1, 1], abs=0)
    assert PUBLISHED.p_alive(10, 20, 1e5) < 1e-20


def test_expected_purchases_start_at_the_current_rate():
    t = 1e-9
    rate = PUBLISHED.p_alive(3, 10, 30) * (0.243 + 3) / (4.414 + 30)
    assert PUBLISHED.expected_purchases(t, 3, 10, 30) / t == pytest.approx(rate, rel=1e-7)


def test_arguments_broadcast_to_their_common_shape():
    both = PUBLISHED.expected_purchases([[13], [39]], [0, 2, 5], [0, 20, 30], 38.86)
    assert both.shape == (2, 3)
    assert both[1, 1] == PUBLISHED.expected_purchases(39, 2, 20, 38.86)


def test_no_customer_is_a_clear_error():
    with pytest.raises(ValueError, match="no customer to fit"):
        fit_bg_nbd([], [], [])


positive = st.floats(1e-3, 1e3)


@st.composite
def histories(draw):
    x, T = draw(st.integers(0, 100_000)), draw(st.floats(0, 1e6))
    t_x = 0.0 if x == 0 else T * draw(st.floats(0, 1))
    return x, t_x, T


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.builds(BgNbd, positive, positive, positive, positive), histories(), st.floats(0, 1e6))
def test_every_forecast_is_finite_and_a_probability_where_it_should_be(model, history, t):
    alive, active = model.p_alive(*history), model.p_active(t, *history)
    purchases = model.expected_purchases(t, *history)
    assert np.isfinite(model.log_likelihood(*history))
    assert 0 <= active <= alive <= 1
    assert np.isfinite(purchases)
    assert active <= purchases * (1 + 1e-6) + 1e-9


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.builds(BgNbd, positive, positive, positive, positive), histories())
def test_forecasts_grow_with_the_horizon(model, history):
    horizons = np.array([0, 1e-3, 1, 7, 30, 365, 3650, 1e5])
    for curve in (model.expected_purchases(horizons, *history), model.p_active(horizons, *history)):
        assert curve[0] == 0
        assert (np.diff(curve) >= -1e-6 * curve[1:]).all()
