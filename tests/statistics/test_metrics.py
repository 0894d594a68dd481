from math import log, sqrt

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from clv import metrics
from clv.metrics import capture, evaluate, gains_curve, gini, lorenz, normalised_gini


def table(text):
    """Return the columns of an ASCII table; its first line names them, its first column the rows."""
    rows = [line.split("|")[1:] for line in text.strip().splitlines()[1:]]
    return np.array(rows, dtype=float).T


def heavy_tailed(n=400, seed=1):
    rng = np.random.default_rng(seed)
    actual = np.round(rng.lognormal(3, 1.5, n) * (rng.random(n) < 0.6) - 20 * (rng.random(n) < 0.05), 2)
    return actual, np.round(np.abs(actual) ** 0.5 + rng.lognormal(1, 1, n))


ACTUAL, SCORE = table(
    """
    customer | actual | score
    a        |     60 |     9
    b        |     20 |     5
    c        |     10 |     5
    d        |      6 |     5
    e        |      4 |     1
    """
)


def test_gains_curve_has_one_point_per_distinct_score():
    customers, revenue = gains_curve(ACTUAL, SCORE)
    assert customers.tolist() == [0, 1 / 5, 4 / 5, 1]
    assert revenue.tolist() == [0, 60 / 100, (60 + 20 + 10 + 6) / 100, 1]


def test_gini_is_twice_the_area_between_curve_and_diagonal():
    area = 0.2 * (0 + 0.60) / 2 + 0.6 * (0.60 + 0.96) / 2 + 0.2 * (0.96 + 1) / 2
    assert gini(ACTUAL, SCORE) == pytest.approx(2 * area - 1, abs=1e-15)


@pytest.mark.parametrize(
    ("share", "held"),
    [
        (0.1, 60 / 2),  # half a customer: half of a
        (0.2, 60),
        (0.4, 60 + (20 + 10 + 6) / 3),  # one place for the three tied: a third of each
        (0.6, 60 + 2 * (20 + 10 + 6) / 3),
        (0.8, 60 + 20 + 10 + 6),
        (1.0, 100),
    ],
)
def test_capture_shares_the_places_left_among_ties(share, held):
    assert capture(ACTUAL, SCORE, share) == pytest.approx(held / 100, abs=1e-15)


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan")])
def test_capture_refuses_a_share_outside_0_to_1(share):
    with pytest.raises(ValueError, match="share is"):
        capture(ACTUAL, SCORE, share)


def test_lorenz_runs_from_the_lowest_actual_up():
    customers, revenue = lorenz([4, 0, 6, 0])
    assert customers.tolist() == [0, 0.5, 0.75, 1]
    assert revenue.tolist() == [0, 0, 0.4, 1]


def test_negative_actuals_raise_the_curve_above_1():
    assert gains_curve([10, -5], [2, 1]).revenue.tolist() == [0, 10 / 5, 1]
    assert gini([10, -5], [2, 1]) == 2 * (0.5 * (0 + 2) / 2 + 0.5 * (2 + 1) / 2) - 1 == 1.5
    assert normalised_gini([10, -5], [2, 1]) == 1
    assert normalised_gini([10, -5], [1, 2]) == -1


def test_error_metrics_on_a_table_with_visible_arithmetic():
    actual, predicted = table(
        """
        customer | actual | predicted
        a        |    100 |        60
        b        |     10 |        13
        c        |    0.5 |         2
        d        |     -4 |         3
        """
    )
    error = [40, 3, 1.5, 7]
    found = evaluate(actual, predicted)
    expected = {
        "n": 4,
        "rmse": sqrt((1600 + 9 + 2.25 + 49) / 4),
        "mae": sum(error) / 4,
        "wape": sum(error) / (100 + 10 + 0.5 + 4),
        "mape": (40 / 100 + 3 / 10) / 2,
        "mape_share": 2 / 4,
        "mae_log": (log(101 / 61) + log(14 / 11) + log(3 / 1.5) + log(4 / 1)) / 4,
        "calibration_ratio": 78 / 106.5,
        "spearman": 0.8,  # 1 - 6 (0 + 0 + 1 + 1) / (4 (16 - 1))
        "mean_actual_eur": 106.5 / 4,
        "mean_predicted_eur": 78 / 4,
        "sum_actual_eur": 106.5,
        "sum_predicted_eur": 78,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-14)
    assert metrics.rmse_without_largest(actual, predicted, k=1) == pytest.approx(sqrt((9 + 2.25 + 49) / 3))
    assert np.isnan(found["rmse_without_5_largest"])


def test_evaluate_has_the_stable_names():
    assert set(evaluate(ACTUAL, SCORE)) == {
        *("n", "gini", "gini_normalised", "capture_top10", "capture_top20", "rmse", "rmse_without_5_largest"),
        *("mae", "mae_log", "wape", "spearman", "calibration_ratio", "mape", "mape_share"),
        *("mean_actual_eur", "mean_predicted_eur", "sum_actual_eur", "sum_predicted_eur"),
    }


def test_the_largest_actuals_tied_at_the_edge_are_left_out_pro_rata():
    # k = 2 of actuals 9, 5, 5, 5, 1: the 9 goes and a third of each 5, so 2 + 1 customers stay
    left = (2 / 3 * (0 + 9 + 36) + 16) / 3
    assert metrics.rmse_without_largest([9, 5, 5, 5, 1], [0, 5, 2, -1, 5], k=2) == pytest.approx(sqrt(left))


def test_mape_counts_an_actual_of_exactly_one_euro_and_none_below():
    assert metrics.mape([1.0, 0.99], [3.0, 50.0]) == (2.0, 0.5)
    assert np.isnan(metrics.mape([0.99, 0.0], [1.0, 1.0])[0])


@pytest.mark.parametrize(
    ("n", "n_total", "revenue_share", "expected"),
    [
        (200, 10_000, 0, True),
        (200, 10_001, 0.0199, False),
        (200, 10_001, 0.02, True),
        (199, 1_000, 0.5, False),
    ],
)
def test_material_needs_two_percent_and_two_hundred_customers(n, n_total, revenue_share, expected):
    assert metrics.material(n, n_total, revenue_share) is expected


def test_normalised_gini_of_buyers_and_non_buyers_is_2_auc_minus_1():
    actual, score = heavy_tailed()
    buys = (actual > 0).astype(float)
    assert normalised_gini(buys, score) == pytest.approx(2 * roc_auc_score(buys, score) - 1, abs=1e-12)


def test_spearman_equals_that_of_scipy_under_ties():
    actual, score = heavy_tailed()
    assert metrics.spearman(actual, score) == pytest.approx(
        stats.spearmanr(actual, score).statistic, abs=1e-12
    )


@pytest.mark.parametrize("actual", [[0, 0, 0], [5, -5, 0], [-1, -2, 0], [0.1, 0.2, -0.3]])
def test_a_total_that_is_not_positive_leaves_shares_and_ratio_undefined(actual):
    found = evaluate(actual, [3, 2, 1])
    for name in ("gini", "gini_normalised", "capture_top10", "capture_top20", "calibration_ratio"):
        assert np.isnan(found[name]), name
    assert np.isnan(gains_curve(actual, [3, 2, 1]).revenue[1:]).all()


def test_equal_actuals_leave_nothing_to_rank():
    assert gini([0.1] * 7, range(7)) == pytest.approx(0, abs=1e-12)
    assert np.isnan(normalised_gini([0.1] * 7, range(7)))
    assert np.isnan(metrics.spearman([0.1] * 7, range(7)))


@pytest.mark.parametrize(
    ("actual", "score", "weight", "says"),
    [
        ([], [], None, "actual has shape"),
        ([1, 2], [1], None, "predicted has shape"),
        ([1, 2], [1, np.nan], None, "predicted has 1 values that are not finite"),
        ([1, np.inf], [1, 2], None, "actual has 1 values that are not finite"),
        ([1, 2], [1, 2], [1, -1], "weight must not be negative"),
        ([1, 2], [1, 2], [0, 0], "weight must not be negative"),
    ],
)
def test_faulty_input_is_refused_by_name(actual, score, weight, says):
    with pytest.raises(ValueError, match=says):
        gini(actual, score, weight)
