# ruff: noqa: N806 -- x, t_x, T are the symbols of the paper
import warnings

import numpy as np
import pandas as pd
import pytest

from clv.models.bg_nbd import BgNbd, fit_bg_nbd
from tests.statistics.buyers import cdnow_sample, cdnow_summary

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


def test_one_timers_count_as_alive_and_the_long_silent_as_gone():
    assert PUBLISHED.p_alive(0, 0, [0, 10, 1e6]) == pytest.approx([1, 1, 1], abs=0)
    assert PUBLISHED.p_alive(10, 20, 1e5) < 1e-20
