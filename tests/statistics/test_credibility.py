"""Credibility: how far a group is believed, and how far all customers."""

import numpy as np
import pytest

from clv.models.credibility import group_means


def means_of(samples):
    """Credibility means of {group: values}, each value its own customer."""
    value = np.concatenate([np.asarray(v, dtype=float) for v in samples.values()])
    group = np.repeat(np.array(list(samples), dtype=object), [len(v) for v in samples.values()])
    return group_means(value, group, np.arange(len(value), dtype=np.uint64), np.ones(len(value)))


def test_two_policyholders_of_loss_models_get_the_published_credibilities():
    # Klugman, Panjer, Willmot: 10,000 and 13,000 claimed by 50 and 60 members; 18,000, 21,000 and 17,000 by
    # 100, 110 and 105 members
    size = np.array([50, 60, 100, 110, 105])
    mean = np.array([10_000, 13_000, 18_000, 21_000, 17_000]) / size
    unit = np.repeat(np.arange(5, dtype=np.uint64), size)
    group = np.where(unit < 2, "first", "second").astype(object)
    found = group_means(np.repeat(mean, size), group, unit, np.ones(len(unit)))
    assert found.credibility["first"] == pytest.approx(0.70, abs=0.005)
    assert found.credibility["second"] == pytest.approx(0.87, abs=0.005)
    own = {"first": 23_000 / 110, "second": 56_000 / 315}
    z = found.credibility
    overall = sum(z[g] * own[g] for g in own) / sum(z.values())
    assert found.overall == pytest.approx(overall)
    assert found.by_group["first"] == pytest.approx(z["first"] * own["first"] + (1 - z["first"]) * overall)


def test_group_with_very_many_customers_keeps_its_own_mean():
    rng = np.random.default_rng(1)
    samples = {f"g{k}": rng.normal(10 * k, 5, 50_000) for k in range(1, 5)}
    found = means_of(samples)
    for name, values in samples.items():
        assert found.by_group[name] == pytest.approx(values.mean(), rel=1e-4)
        assert found.credibility[name] > 0.999


def test_group_of_one_customer_is_drawn_almost_wholly_to_the_overall_mean():
    rng = np.random.default_rng(2)
    samples = {f"g{k}": rng.normal(100 + k, 60, 5_000) for k in range(8)} | {"tiny": [250.0]}
    found = means_of(samples)
    assert found.credibility["tiny"] < 0.01
    assert abs(found.by_group["tiny"] - found.overall) < 0.01 * (250 - found.overall)


def test_groups_that_do_not_differ_all_have_the_overall_mean():
    found = means_of({"a": [1.0, 3.0, 2.0], "b": [2.0, 2.0, 2.0], "c": [0.0, 4.0, 2.0]})
    assert set(found.by_group.values()) == {2.0}
    assert set(found.credibility.values()) == {0.0}


def test_unknown_group_has_the_overall_mean():
    found = means_of({"a": [1.0, 1.1], "b": [5.0, 5.1]})
    np.testing.assert_array_equal(
        found.of(np.array(["new", "a"], object)), [found.overall, found.by_group["a"]]
    )


def test_rows_of_one_customer_count_as_one_observation():
    value, group = np.array([1.0, 1.0, 5.0, 9.0]), np.array(["a", "a", "a", "b"], dtype=object)
    apart = group_means(value, group, np.array([1, 2, 3, 4], dtype=np.uint64), np.ones(4))
    together = group_means(value, group, np.array([1, 1, 3, 4], dtype=np.uint64), np.ones(4))
    assert together.credibility["a"] < apart.credibility["a"]


def test_row_of_weight_2_counts_as_two_rows_of_its_customer_and_one_of_weight_0_as_none():
    value, group = np.array([1.0, 5.0, 9.0, 99.0]), np.array(["a", "a", "b", "c"], dtype=object)
    unit = np.array([1, 2, 3, 4], dtype=np.uint64)
    weighed = group_means(value, group, unit, np.array([2.0, 1.0, 1.0, 0.0]))
    rows = [0, 0, 1, 2]
    repeated = group_means(value[rows], group[rows], unit[rows], np.ones(4))
    assert weighed == repeated


@pytest.mark.parametrize("rows", [0, 2])
def test_group_means_of_nobody_are_refused(rows):
    with pytest.raises(ValueError, match="at least one row with a weight"):
        group_means(
            np.ones(rows), np.full(rows, "a", object), np.arange(rows, dtype=np.uint64), np.zeros(rows)
        )
