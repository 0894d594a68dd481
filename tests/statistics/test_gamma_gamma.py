import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime

from clv.errors import UserError
from clv.models.gamma_gamma import GammaGamma, GammaGammaLikelihood, fit_gamma_gamma
from tests.statistics.buyers import cdnow_sample, cdnow_summary

PUBLISHED = GammaGamma(6.25, 3.74, 15.44)


@pytest.fixture(scope="module")
def sample():
    return cdnow_sample()


@pytest.fixture(scope="module")
def sample_fit(sample):
    return fit_gamma_gamma(sample["x"], sample["z"])


def parameters(model):
    return np.array([model.p, model.q, model.v])


def test_cdnow_fit_gives_the_published_parameters_log_likelihood_and_mean():
    rows = cdnow_summary()
    fit = fit_gamma_gamma(rows["x"], rows["zbar"])
    assert (rows["x"] > 0).sum() == 946
    assert parameters(fit.model) == pytest.approx([6.25, 3.74, 15.44], abs=0.01)
    assert parameters(fit.model) == pytest.approx([6.2488, 3.7446, 15.4477], abs=2e-3)
    assert fit.log_likelihood == pytest.approx(-4055.923, abs=0.01)
    assert fit.model.population_spend() == pytest.approx(35.171, abs=2e-3)
    assert fit.converged
    assert not fit.weakly_identified


def test_first_ten_cdnow_customers_have_the_published_spend(sample, sample_fit):
    spend = sample_fit.model.expected_spend(sample["x"], sample["z"])[:10]
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert spend == pytest.approx(published, abs=0.01)


def test_fit_agrees_with_lifetimes(sample, sample_fit):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import GammaGammaFitter  # noqa: PLC0415 -- its import warns

        repeaters = sample[sample["x"] > 0]
        theirs = GammaGammaFitter().fit(repeaters["x"], repeaters["z"])
    assert parameters(sample_fit.model) == pytest.approx(theirs.params_.to_numpy(), rel=1e-3)
    errors = list(sample_fit.standard_errors.values())
    assert errors == pytest.approx(theirs.standard_errors_.to_numpy(), rel=5e-3)


def test_gradient_is_the_slope_of_the_log_likelihood(sample):
    rows = sample[sample["x"] > 0]
    likelihood = GammaGammaLikelihood(rows["x"].to_numpy(float), rows["z"].to_numpy(), np.ones(len(rows)))
    for log_parameters in np.random.default_rng(1).normal(0, 1.5, (6, 3)):
        slopes = approx_fprime(log_parameters, lambda at: likelihood(at)[0], 1e-6)
        gradient = likelihood(log_parameters)[1]
        assert gradient == pytest.approx(slopes, rel=1e-4, abs=1e-4 * np.abs(slopes).max())


def test_search_sees_the_log_likelihood_of_the_model(sample):
    rows = sample[sample["x"] > 0]
    likelihood = GammaGammaLikelihood(rows["x"].to_numpy(float), rows["z"].to_numpy(), np.ones(len(rows)))
    each = PUBLISHED.log_likelihood(rows["x"], rows["z"])
    assert likelihood(np.log(parameters(PUBLISHED)))[0] == pytest.approx(each.sum(), rel=1e-12)


@pytest.mark.parametrize("n", [1, 4, 30])
def test_density_of_the_mean_value_integrates_to_one_around_the_population_mean(n):
    def density(log_z):
        return np.exp(PUBLISHED.log_likelihood(n, np.exp(log_z)) + log_z)

    assert quad(density, -5, 16, limit=200)[0] == pytest.approx(1, abs=1e-8)
    mean = quad(lambda log_z: np.exp(log_z) * density(log_z), -5, 16, limit=200)[0]
    assert mean == pytest.approx(PUBLISHED.population_spend(), rel=1e-6)


def test_weights_count_as_repeated_rows(sample):
    few = sample[sample["x"] > 0].iloc[:200]
    weights = np.random.default_rng(3).integers(1, 5, len(few))
    repeated = few.loc[few.index.repeat(weights)]
    weighted = fit_gamma_gamma(few["x"], few["z"], weights)
    spelt_out = fit_gamma_gamma(repeated["x"], repeated["z"])
    assert parameters(weighted.model) == pytest.approx(parameters(spelt_out.model), rel=1e-6)
    assert weighted.log_likelihood == pytest.approx(spelt_out.log_likelihood, rel=1e-12)


def test_fit_does_not_depend_on_the_order_of_customers(sample, sample_fit):
    shuffled = sample.sample(frac=1, random_state=4)
    assert fit_gamma_gamma(shuffled["x"], shuffled["z"]) == sample_fit


def test_customers_without_positive_spend_are_dropped_and_counted(sample, sample_fit):
    n, z = [*sample["x"], 1, 2, 3, 0], [*sample["z"], 0.0, -5.0, np.nan, np.nan]
    fit = fit_gamma_gamma(n, z, np.append(np.ones(len(sample)), [1, 10, 1, 1]))
    assert fit.dropped_customers == 12
    assert sample_fit.dropped_customers == 0
    assert fit.model == sample_fit.model


def test_no_positive_spend_at_all_is_a_clear_error():
    with pytest.raises(UserError, match="no customer has a purchase of positive value"):
        fit_gamma_gamma([1, 2, 0], [0.0, -3.0, 9.0])


def test_cents_instead_of_euros_change_v_and_the_density_and_nothing_else(sample, sample_fit):
    cents = fit_gamma_gamma(sample["x"], 100 * sample["z"])
    assert parameters(cents.model) == pytest.approx(parameters(sample_fit.model) * [1, 1, 100], rel=1e-6)
    density = sample_fit.log_likelihood - (sample["x"] > 0).sum() * np.log(100)
    assert cents.log_likelihood == pytest.approx(density, abs=1e-6)


@pytest.mark.parametrize("truth", [(2.0, 3.0, 60.0), (8.0, 2.2, 10.0), (0.8, 5.0, 300.0)])
def test_simulated_parameters_and_spend_are_recovered(truth):
    p, q, v = truth
    rng = np.random.default_rng(5)
    n = rng.geometric(0.4, 8_000)
    rate = rng.gamma(q, 1 / v, n.size)
    z = rng.gamma(p * n) / (n * rate)
    fit = fit_gamma_gamma(n, z)
    off = (parameters(fit.model) - truth) / list(fit.standard_errors.values())
    assert np.abs(off).max() < 3
    true_mean, forecast = p / rate, fit.model.expected_spend(n, z)
    assert forecast.mean() == pytest.approx(true_mean.mean(), rel=0.03)
    assert ((forecast - true_mean) ** 2).mean() < 0.9 * ((z - true_mean) ** 2).mean()


def test_equal_spend_everywhere_is_flagged():
    fit = fit_gamma_gamma(np.arange(1, 60), np.full(59, 20.0))
    assert fit.weakly_identified
    assert fit.model.expected_spend([1, 50], [20.0, 20.0]) == pytest.approx([20, 20], rel=0.01)


def test_unobserved_customers_get_the_population_mean_and_many_orders_speak_for_themselves():
    population = 6.25 * 15.44 / 2.74
    assert PUBLISHED.population_spend() == pytest.approx(population, rel=1e-12)
    assert PUBLISHED.expected_spend([0, 3, 3, 3], [99, 0.0, -7.0, np.nan]) == pytest.approx([population] * 4)
    assert PUBLISHED.expected_spend(10_000_000, 80.0) == pytest.approx(80, rel=1e-5)


def test_an_infinite_mean_is_replaced_by_the_mode():
    heavy = GammaGamma(0.3, 0.5, 10.0)
    assert heavy.population_spend() == pytest.approx(0.3 * 10 / 1.5)
    assert heavy.expected_spend(1, 40.0) == pytest.approx(0.3 * 50 / 1.8)
    assert heavy.expected_spend(10, 40.0) == pytest.approx(0.3 * 410 / 2.5)


models = st.builds(GammaGamma, st.floats(0.01, 500), st.floats(1.01, 500), st.floats(1e-3, 1e6))


@settings(derandomize=True, max_examples=150)
@given(models, st.integers(1, 100_000), st.floats(1e-3, 1e7))
def test_expected_spend_lies_between_the_customer_and_the_population(model, n, z):
    low, high = sorted((z, model.population_spend()))
    assert low * (1 - 1e-9) <= model.expected_spend(n, z) <= high * (1 + 1e-9)
    assert np.isfinite(model.log_likelihood(n, z))
