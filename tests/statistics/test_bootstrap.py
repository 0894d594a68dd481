from math import pi, sqrt

import numpy as np
import pandas as pd
import pytest

from clv.bootstrap import COMPARED, paired_bootstrap
from clv.metrics import METRICS, evaluate, gini


def forecasts(rng, n, noise_of_b=1.3):
    """Return actuals and two forecasts with correlated normal errors of spread 1 and `noise_of_b`."""
    actual = rng.gamma(1.0, 5.0, n)
    shared, own = rng.normal(size=(2, n))
    return actual, {"a": actual + shared, "b": actual + noise_of_b * (0.8 * shared + 0.6 * own)}


def row(result, model, metric):
    return result.set_index(["model", "metric"]).loc[(model, metric)]


def test_intervals_of_a_known_difference_cover_it_at_their_rate():
    true_difference = 0.3 * sqrt(2 / pi)  # E|N(0, s)| = s sqrt(2 / pi)
    covered = 0
    for seed in range(200):
        actual, scores = forecasts(np.random.default_rng(seed), 150)
        found = row(paired_bootstrap(actual, scores, "a", {"mae": METRICS["mae"]}, 120, seed), "b", "mae")
        covered += found["difference_low"] <= true_difference <= found["difference_high"]
    # 95 % +- 2.5 standard errors of 200 trials; unpaired intervals, wider by 1.4, would cover 99 %
    assert 0.91 <= covered / 200 <= 0.985


def test_standard_errors_agree_with_the_formulas_for_means_and_for_paired_differences():
    actual, scores = forecasts(np.random.default_rng(5), 2_000)
    error = {name: np.abs(score - actual) for name, score in scores.items()}
    found = row(paired_bootstrap(actual, scores, "a", {"mae": METRICS["mae"]}, 2_000, 1), "b", "mae")
    assert found["standard_error"] == pytest.approx(error["b"].std() / sqrt(2_000), rel=0.06)
    paired = (error["b"] - error["a"]).std() / sqrt(2_000)
    assert found["difference_standard_error"] == pytest.approx(paired, rel=0.06)


def test_gini_spread_agrees_with_resampling_rows_one_by_one():
    rng = np.random.default_rng(7)
    actual, scores = forecasts(rng, 400)
    copies = (rng.integers(0, 400, 400) for _ in range(600))
    by_rows = np.std([gini(actual[i], scores["b"][i]) for i in copies])
    found = row(paired_bootstrap(actual, scores, "a", {"gini": METRICS["gini"]}, 600, 3), "b", "gini")
    assert found["standard_error"] == pytest.approx(by_rows, rel=0.12)


def test_estimates_are_those_of_evaluate_and_the_reference_differs_from_itself_by_0():
    actual, scores = forecasts(np.random.default_rng(8), 300)
    found = paired_bootstrap(actual, scores, "a", METRICS, 20, 4)
    for model, score in scores.items():
        expected = evaluate(actual, score)
        for name in METRICS:
            assert row(found, model, name)["estimate"] == pytest.approx(expected[name], rel=1e-12)
    differences = found.set_index("model").filter(like="difference")
    assert (differences.loc["a"] == 0).all(axis=None)
    assert (found["low"] <= found["high"]).all()


def test_the_order_of_rows_and_of_forecasts_changes_no_bit():
    actual, scores = forecasts(np.random.default_rng(9), 500)
    actual = np.round(actual)
    scores = {name: np.round(score) for name, score in scores.items()}
    order = np.random.default_rng(10).permutation(actual.size)
    shuffled = {name: scores[name][order] for name in reversed(scores)}
    one = paired_bootstrap(actual, scores, "a", n_resamples=20, seed=5)
    other = paired_bootstrap(actual[order], shuffled, "a", n_resamples=20, seed=5)
    keys = ["model", "metric"]
    pd.testing.assert_frame_equal(
        one.set_index(keys).sort_index(), other.set_index(keys).sort_index(), check_exact=True
    )


def test_one_seed_gives_one_result_and_another_seed_another():
    actual, scores = forecasts(np.random.default_rng(11), 200)
    one, same, other = (paired_bootstrap(actual, scores, "a", COMPARED, 10, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert (one["standard_error"] != other["standard_error"]).all()


def test_a_metric_undefined_in_some_resample_has_no_interval():
    # one buyer among three: a resample misses them with probability (2/3)^3
    found = row(paired_bootstrap([9, 0, 0], {"a": [3, 2, 1]}, "a", n_resamples=100), "a", "gini_normalised")
    assert found["estimate"] == 1
    assert np.isnan(found[["standard_error", "low", "high", "difference_low"]].astype(float)).all()


def test_an_unknown_reference_and_a_single_resample_are_refused():
    with pytest.raises(ValueError, match="reference '12m' is none of the forecasts"):
        paired_bootstrap([1, 2], {"a": [1, 2]}, "12m")
    with pytest.raises(ValueError, match="n_resamples is 1"):
        paired_bootstrap([1, 2], {"a": [1, 2]}, "a", n_resamples=1)
