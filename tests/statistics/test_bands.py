"""The median and the 80 % interval: they hold what they promise, and as near to it as the atom at 0 allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.models.bands import MIN_ROWS, Bands, figures, fit_bands

MEDIAN, LOW, HIGH = "clv_median_eur", "clv_low_eur", "clv_high_eur"


def buyers(n, p, seed, spread=0.8):
    """Return forecasts that are right on average, and what came: nothing, or a lognormal amount."""
    rng = np.random.default_rng(seed)
    p = np.broadcast_to(p, n)
    amount = rng.gamma(1.0, 100.0, n) + 5
    came = (rng.random(n) < p) * amount * np.exp(rng.normal(-(spread**2) / 2, spread, n))
    return np.array(p), p * amount, came


def held(bands, p, said, came):
    of = bands.of(said, p)
    return (of[LOW] <= came) & (came <= of[HIGH])


@pytest.mark.parametrize("p", [0.25, 0.5, 0.7, 0.85, 0.95, 1.0])
def test_intervals_of_new_customers_hold_80_percent_while_fewer_than_80_percent_bring_nothing(p):
    bands = fit_bands(*buyers(8_000, p, seed=1))
    assert held(bands, *buyers(40_000, p, seed=2)).mean() == pytest.approx(0.80, abs=0.015)


def test_interval_is_zero_alone_and_holds_too_many_where_more_bring_nothing():
    bands = fit_bands(*buyers(8_000, 0.1, seed=1))
    assert bands.high == (0.0,)
    assert held(bands, *buyers(40_000, 0.1, seed=2)).mean() == pytest.approx(0.90, abs=0.01)


def test_lower_end_leaves_zero_where_fewer_than_a_tenth_bring_nothing():
    certain, unsure = (fit_bands(*buyers(8_000, p, seed=1)) for p in (0.93, 0.88))
    assert certain.low[0] > 0
    assert unsure.low == (0.0,)


def test_every_kind_of_customer_has_its_own_interval():
    rng = np.random.default_rng(3)
    p, said, came = buyers(40_000, rng.uniform(0.3, 1.0, 40_000), seed=4)
    bands = fit_bands(p, said, came)
    new = buyers(40_000, rng.uniform(0.3, 1.0, 40_000), seed=5)
    kept = held(bands, *new)
    for edge in np.arange(0.3, 1.0, 0.1):
        kind = (new[0] >= edge) & (new[0] < edge + 0.1)
        assert kept[kind].mean() == pytest.approx(0.80, abs=0.03)


def test_median_is_nearer_than_the_mean_and_as_often_too_high_as_too_low():
    p, said, came = buyers(20_000, 0.8, seed=6)
    median = fit_bands(p, said, came).of(said, p)[MEDIAN]
    assert (came > median).mean() == pytest.approx(0.5, abs=0.01)
    assert np.abs(came - median).mean() < np.abs(came - said).mean()


def test_refunds_beyond_a_tenth_take_the_lower_end_below_zero():
    n = 4_000
    rng = np.random.default_rng(7)
    came = np.where(rng.random(n) < 0.2, -10.0, 100.0)
    of = fit_bands(np.full(n, 0.9), np.full(n, 78.0), came).of(np.array([78.0]), np.array([0.9]))
    assert of[LOW] == pytest.approx(-10.0)
    assert of[HIGH] == pytest.approx(100.0)


def test_few_rows_or_no_revenue_teach_nothing_and_columns_are_null():
    p, said, came = buyers(MIN_ROWS, 0.6, seed=8)
    assert fit_bands(p[1:], said[1:], came[1:]) is None
    assert fit_bands(p, said, came) is not None
    assert fit_bands(p, said, np.zeros(MIN_ROWS)) is None
    assert fit_bands(p, np.zeros(MIN_ROWS), came) is None
    null = figures(said, p, None, None)
    assert null[[MEDIAN, LOW, HIGH]].isna().all(axis=None)
    assert list(null.columns) == ["clv_eur", MEDIAN, LOW, HIGH, "p_active"]


PROBABILITIES = st.lists(st.floats(0, 1), min_size=MIN_ROWS, max_size=MIN_ROWS + 40)


@settings(max_examples=60)
@given(p=PROBABILITIES, seed=st.integers(0, 10_000), many=st.integers(1, 5))
def test_ends_are_finite_in_order_and_grow_with_the_forecast_whatever_was_learned(p, seed, many):
    rng = np.random.default_rng(seed)
    p = np.tile(np.array(p), many)
    said, came = rng.lognormal(3, 2, len(p)), rng.lognormal(2, 3, len(p)) * rng.integers(-1, 3, len(p))
    bands = fit_bands(p, said, came)
    if bands is None:
        assert not (came > 0).any()
        return
    asked = np.repeat(np.linspace(0, 1, 23), 9)
    euros = np.tile(np.array([-5.0, 0.0, 1e-9, 0.1, 3.0, 77.7, 1e4, 3.3e6, 1e9]), 23)
    of = bands.of(euros, asked)
    assert all(np.isfinite(values).all() for values in of.values())
    assert (of[LOW] <= of[MEDIAN]).all()
    assert (of[MEDIAN] <= of[HIGH]).all()
    for values in (of[MEDIAN], of[HIGH]):
        steps = np.diff(values.reshape(23, 9), axis=1)
        assert ((steps >= 0) | (values.reshape(23, 9)[:, 1:] < 0)).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), currency=st.floats(0.01, 100))
def test_order_of_the_rows_changes_nothing_and_another_currency_only_the_unit(seed, currency):
    rng = np.random.default_rng(seed)
    p, said, came = buyers(900, rng.uniform(0, 1, 900).round(1), seed)
    bands, order = fit_bands(p, said, came), rng.permutation(900)
    assert fit_bands(p[order], said[order], came[order]) == bands
    scaled = fit_bands(p, said * currency, came * currency).of(said * currency, p)
    for name, values in bands.of(said, p).items():
        np.testing.assert_allclose(scaled[name], values * currency, rtol=1e-9, atol=1e-9)


def test_bands_survive_json():
    bands = fit_bands(*buyers(1_000, 0.6, seed=9))
    assert Bands.from_dict(bands.to_dict()) == bands
    assert Bands.from_dict(None) is None
