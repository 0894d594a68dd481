from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clv import metrics
from clv.metrics import METRICS, capture, evaluate, gini, normalised_gini

PROPERTY = settings(max_examples=50)
CENTS = st.integers(-5_000, 50_000)
TABLES = st.lists(st.tuples(CENTS, st.integers(0, 12)), min_size=2, max_size=40).filter(
    lambda rows: sum(actual for actual, _ in rows) > 0
)


def columns(rows):
    cents, score = np.array(rows, dtype=float).T
    return cents / 100, score


@given(TABLES, st.randoms(use_true_random=False))
@PROPERTY
def test_shuffling_rows_changes_no_bit_of_any_metric(rows, random):
    shuffled = random.sample(rows, len(rows))
    before, after = (evaluate(*columns(r)) for r in (rows, shuffled))
    assert np.array_equal(list(before.values()), list(after.values()), equal_nan=True)


def test_shuffling_rows_changes_no_bit_on_a_large_heavy_tailed_table():
    rng = np.random.default_rng(1)
    actual, score = rng.lognormal(3, 2, 20_000) - 5, np.round(rng.lognormal(2, 1, 20_000))
    weight = rng.random(actual.size)
    order = np.random.default_rng(3).permutation(actual.size)
    assert evaluate(actual, score) == evaluate(actual[order], score[order])
    assert gini(actual, score, weight) == gini(actual[order], score[order], weight[order])


@given(TABLES)
@PROPERTY
def test_a_constant_score_has_gini_0_and_captures_its_share(rows):
    actual, _ = columns(rows)
    assert gini(actual, np.full(actual.size, 7.0)) == 0
    assert capture(actual, np.full(actual.size, 7.0), 0.25) == pytest.approx(0.25, abs=1e-12)


@given(TABLES)
@PROPERTY
def test_the_perfect_ranking_is_1_the_reversed_is_its_negative_and_no_other_lies_beyond(rows):
    actual, score = columns(rows)
    if len(set(actual)) > 1:
        assert normalised_gini(actual, actual) == 1
        assert normalised_gini(actual, -actual) == pytest.approx(-1, abs=1e-9)
        assert abs(normalised_gini(actual, score)) <= 1 + 1e-9


@given(TABLES, st.sampled_from([np.exp, np.cbrt, lambda s: 3 * s - 40, lambda s: s**3]))
@PROPERTY
def test_a_monotone_transformation_of_the_score_changes_no_bit_of_the_ranking_metrics(rows, transform):
    actual, score = columns(rows)
    for metric in (gini, capture, metrics.spearman):
        assert np.array_equal(metric(actual, score), metric(actual, transform(score)), equal_nan=True)


@given(TABLES)
@PROPERTY
def test_duplicating_all_rows_changes_no_metric_but_the_sums_and_the_count(rows):
    once, twice = evaluate(*columns(rows)), evaluate(*columns(rows + rows))
    for name in set(once) - {"n", "sum_actual_eur", "sum_predicted_eur", "rmse_without_5_largest"}:
        assert twice[name] == pytest.approx(once[name], rel=1e-9, abs=1e-9, nan_ok=True), name


@given(TABLES, st.data())
@PROPERTY
def test_a_weight_means_as_many_copies_of_the_row_in_every_metric(rows, data):
    actual, score = columns(rows)
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)).filter(any))
    weighted, repeated = (
        metrics.judge(actual, score, counts),
        metrics.judge(*np.repeat([actual, score], counts, 1)),
    )
    for name, metric in METRICS.items():
        assert metric(weighted) == pytest.approx(metric(repeated), rel=1e-9, abs=1e-9, nan_ok=True), name


@given(TABLES)
@PROPERTY
def test_gini_from_the_area_equals_the_covariance_form(rows):
    actual, score = columns(rows)
    covariance = np.cov(actual, stats.rankdata(score), bias=True)[0, 1]
    expected = 2 * covariance / (actual.size * actual.mean())
    assert gini(actual, score) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(st.tuples(CENTS, st.integers(0, 2)), min_size=2, max_size=6), st.integers(1, 6))
@PROPERTY
def test_gini_and_capture_are_the_averages_over_all_orders_of_the_ties(rows, places):
    actual, score = columns([(cents + 5_001, s) for cents, s in rows])
    orders = [p for p in map(list, permutations(range(score.size))) if (np.diff(score[p]) <= 0).all()]
    curves = np.mean([np.append(0, np.cumsum(actual[p])) for p in orders], axis=0) / actual.sum()
    top = min(places, score.size)
    assert gini(actual, score) == pytest.approx((curves[1:] + curves[:-1]).sum() / score.size - 1, abs=1e-12)
    assert capture(actual, score, top / score.size) == pytest.approx(curves[top], abs=1e-12)
