import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.deciles import calibration_by_decile, decile, decile_table


def test_the_highest_score_is_in_decile_10_and_ties_go_by_customer_id():
    ids = [f"c{i:02d}" for i in range(20)]
    score = [50.0] * 3 + [7.0] * 14 + [1.0] * 3
    assert decile(score, ids).tolist() == np.repeat(np.arange(10, 0, -1), 2).tolist()
    assert decile(score[::-1], ids[::-1]).tolist() == np.repeat(np.arange(1, 11), 2).tolist()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_groups_differ_by_at_most_one_follow_the_score_and_do_not_know_the_row_order(scores, random):
    ids = random.sample(range(1_000), len(scores))
    found = pd.Series(decile(scores, ids), index=ids)
    sizes = found.value_counts()
    assert len(sizes) == min(10, len(scores))
    assert sizes.max() - sizes.min() <= 1
    assert found.max() == 10
    by_rank = found.loc[sorted(ids, key=lambda i: (-scores[ids.index(i)], i))]
    assert by_rank.is_monotonic_decreasing
    order = random.sample(range(len(scores)), len(scores))
    shuffled = decile([scores[i] for i in order], [ids[i] for i in order])
    assert shuffled.tolist() == found.iloc[order].tolist()


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None], ["a"], ["a", "b", "c"]])
def test_a_customer_without_exactly_one_score_is_refused(ids):
    with pytest.raises(ValueError, match="customer_id must be given once"):
        decile([1.0, 2.0], ids)


def test_decile_table_shows_each_ranking_with_its_own_deciles():
    actual = np.array([90.0, 10.0, 0, 0, 0, 0, 0, 0, 0, 0])
    predicted = np.array([45.0, 20, 8, 7, 6, 5, 4, 3, 2, 1])
    baseline = predicted[::-1]
    found = decile_table(actual, predicted, baseline, range(10))
    assert found.index.tolist() == list(range(10, 0, -1))
    assert found.loc[10].to_dict() == {
        "n": 1,
        "mean_predicted_eur": 45,
        "mean_actual_eur": 90,
        "sum_actual_eur": 90,
        "share_of_actual": 90 / 100,
        "calibration_ratio": 45 / 90,
        "baseline_n": 1,
        "baseline_mean_predicted_eur": 45,
        "baseline_mean_actual_eur": 0,
        "baseline_sum_actual_eur": 0,
        "baseline_share_of_actual": 0,
        "baseline_calibration_ratio": pytest.approx(np.nan, nan_ok=True),
    }
    assert found.loc[1, "baseline_share_of_actual"] == 0.9
    assert found.loc[2, "baseline_calibration_ratio"] == 2 / 10


def test_deciles_add_up_to_the_whole_and_row_order_changes_no_bit():
    rng = np.random.default_rng(4)
    actual, predicted, ids = rng.lognormal(3, 2, 997) - 5, np.round(rng.lognormal(3, 1, 997)), np.arange(997)
    found = calibration_by_decile(actual, predicted, ids)
    assert found["n"].sum() == 997
    assert found["sum_actual_eur"].sum() == pytest.approx(actual.sum())
    assert found["share_of_actual"].sum() == pytest.approx(1)
    assert (found["n"] * found["mean_predicted_eur"]).sum() == pytest.approx(predicted.sum())
    order = rng.permutation(997)
    shuffled = calibration_by_decile(actual[order], predicted[order], ids[order])
    pd.testing.assert_frame_equal(found, shuffled, check_exact=True)
