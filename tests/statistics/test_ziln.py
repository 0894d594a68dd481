"""The zero-inflated lognormal: derivatives against finite differences, parameters against those simulated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import bernoulli, lognorm

from clv.models.losses.catalogue import LOSSES
from clv.models.losses.ziln import derivatives, negative_log_likelihood
from tests.statistics.lessons import known, one_feature

STEP = 1e-5
raws = st.tuples(*[st.floats(-4, 4)] * 3).map(np.array)
labels = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))


def loss(raw, label):
    return negative_log_likelihood(raw[None, :], np.array([label]))[0]


def shifted(raw, place, by):
    return raw + by * np.eye(3)[place]


@given(raw=raws, label=labels)
def test_gradient_is_that_of_finite_differences(raw, label):
    gradient, _ = derivatives(raw[None, :], np.array([label]))
    for place in range(3):
        slope = (loss(shifted(raw, place, STEP), label) - loss(shifted(raw, place, -STEP), label)) / (
            2 * STEP
        )
        assert gradient[0, place] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@given(raw=raws, label=labels)
def test_hessian_of_probability_and_location_is_that_of_finite_differences(raw, label):
    _, hessian = derivatives(raw[None, :], np.array([label]))
    step = 1e-3
    for place in (0, 1):
        bend = loss(shifted(raw, place, step), label) + loss(shifted(raw, place, -step), label)
        second = (bend - 2 * loss(raw, label)) / step**2
        assert hessian[0, place] == pytest.approx(max(second, 1e-6), rel=1e-3, abs=1e-4)


def test_hessian_of_the_spread_is_the_mean_of_finite_differences_over_its_own_lognormal():
    rng, raw, step = np.random.default_rng(1), np.array([0.3, 0.7, -0.2]), 1e-3
    label = np.exp(0.7 + np.log1p(np.exp(-0.2)) * rng.normal(size=200_000))
    at = [
        negative_log_likelihood(np.tile(shifted(raw, 2, by), (len(label), 1)), label)
        for by in (-step, 0, step)
    ]
    second = (at[0] - 2 * at[1] + at[2]) / step**2
    _, hessian = derivatives(raw[None, :], label[:1])
    assert hessian[0, 2] == pytest.approx(second.mean(), rel=0.02)


@given(raw=raws, label=labels)
def test_loss_is_the_likelihood_of_scipys_bernoulli_and_lognormal(raw, label):
    p, sigma = expit(raw[0]), np.logaddexp(0, raw[2])
    expected = -bernoulli.logpmf(int(label > 0), p)
    if label > 0:
        log_density = lognorm.logpdf(label, s=sigma, scale=np.exp(raw[1]))
        expected -= log_density + np.log(label) + np.log(2 * np.pi) / 2
    assert loss(raw, label) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_probability_location_and_mean_of_two_kinds_of_customers_are_recovered():
    rng = np.random.default_rng(2)
    kind = np.repeat([0.0, 1.0], 6_000)
    p, mu, sigma = 0.3 + 0.4 * kind, 3.0 + kind, 0.8 - 0.3 * kind
    revenue = np.where(rng.random(len(kind)) < p, np.exp(mu + sigma * rng.normal(size=len(kind))), 0.0)
    lesson = known(revenue, kind)
    learner = LOSSES["ziln"].fit(lesson, 80, one_feature())
    said = learner.eur(lesson.inputs)
    for which in (0, 1):
        truth = (p * np.exp(mu + sigma**2 / 2))[kind == which][0]
        assert said[kind == which].mean() == pytest.approx(truth, rel=0.08)
    assert learner.numbers["balance"] == pytest.approx(1, abs=0.05)
