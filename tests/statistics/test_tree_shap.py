"""Shapley values of trees: those of XGBoost, of the definition, and in limiting cases."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
import xgboost as xgb

from clv.errors import UserError
from clv.models.tree_shap import BATCH_ROWS, Tree, TreeShap

TYPES = ["q", "q", "q", "c"]


def rows(n, seed=1):
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(size=(n, 3)), rng.integers(0, 12, n)]).astype(np.float32)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    return matrix


def label(matrix):
    known = np.nan_to_num(matrix, nan=-1.0)
    return np.exp(known[:, 0] * known[:, 1] + (known[:, 3] % 3)) + (known[:, 2] > 0)


def fitted(depth, rounds=12, **told):
    matrix = rows(3_000)
    data = xgb.DMatrix(matrix, label(matrix), feature_types=TYPES, enable_categorical=True)
    settings = {"max_depth": depth, "objective": "reg:tweedie", "max_cat_to_onehot": 1, "nthread": 1, **told}
    return xgb.train({**settings, "seed": 1}, data, rounds)


def by_xgboost(booster, matrix):
    margin = np.zeros(len(matrix), dtype=np.float32)
    data = xgb.DMatrix(matrix, base_margin=margin, feature_types=TYPES, enable_categorical=True)
    return booster.predict(data, pred_contribs=True)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6, 8])
def test_values_are_xgboosts_with_numbers_categories_and_nulls(depth):
    booster = fitted(depth)
    matrix = rows(BATCH_ROWS + 500, seed=2)
    matrix[:40, 3] = 40  # a category that training never saw
    found, expected = TreeShap.of(booster), by_xgboost(booster, matrix)
    told = np.zeros((len(TYPES), len(matrix)))
    told[list(found.features)] = found.values(matrix)
    np.testing.assert_allclose(told.T, expected[:, :-1], atol=2e-5)
    assert found.usual == pytest.approx(expected[0, -1], abs=1e-5)


def test_trees_that_grow_leaf_by_leaf_are_lopsided_and_told_as_well():
    booster = fitted(7, grow_policy="lossguide", max_leaves=9)
    matrix = rows(400, seed=3)
    found, expected = TreeShap.of(booster), by_xgboost(booster, matrix)
    np.testing.assert_allclose(found.values(matrix).T, expected[:, list(found.features)], atol=2e-5)


def worth(tree, row, known, node=0):
    """Return what a tree says of a row of which only the features in `known` are known."""
    if tree.is_leaf(node):
        return float(tree.condition[node])
    feature = tree.feature[node]
    sides = tree.left[node], tree.right[node]
    if feature in known:
        left = tree.left_of(node, row[[feature]])[0]
        return worth(tree, row, known, sides[0] if left else sides[1])
    shares = tree.share_left(node), 1 - tree.share_left(node)
    return sum(share * worth(tree, row, known, side) for share, side in zip(shares, sides, strict=True))


def by_definition(tree, row, players):
    """Return Shapley's mean over all orders in which features become known."""
    n, values = len(players), []
    for own in players:
        others = [player for player in players if player != own]
        values.append(
            sum(
                factorial(size)
                * factorial(n - size - 1)
                / factorial(n)
                * (worth(tree, row, {*some, own}) - worth(tree, row, set(some)))
                for size in range(n)
                for some in combinations(others, size)
            )
        )
    return values


def test_values_are_those_of_the_definition():
    found, matrix = TreeShap.of(fitted(4, rounds=3)), rows(25, seed=4)
    expected = [
        np.sum([by_definition(tree, row, found.features) for tree, _ in found.trees], axis=0)
        for row in matrix
    ]
    np.testing.assert_allclose(found.values(matrix).T, expected, rtol=1e-12, atol=1e-12)


def test_what_trees_say_is_the_usual_and_the_values():
    booster, matrix = fitted(4), rows(1_000, seed=5)
    margin = np.zeros(len(matrix), dtype=np.float32)
    data = xgb.DMatrix(matrix, base_margin=margin, feature_types=TYPES, enable_categorical=True)
    found = TreeShap.of(booster)
    said = booster.predict(data, output_margin=True)
    np.testing.assert_allclose(found.usual + found.values(matrix).sum(axis=0), said, atol=1e-5)


def test_no_row_and_trees_that_decide_nothing_have_no_values():
    found = TreeShap.of(fitted(4))
    assert found.values(rows(0)).shape == (len(found.features), 0)
    stump = TreeShap.of(fitted(4, rounds=2, min_child_weight=1e9))
    assert (stump.features, stump.values(rows(5)).shape) == ((), (0, 5))
    assert stump.usual == pytest.approx(sum(tree.mean() for tree, _ in stump.trees))


def test_deeper_trees_are_refused_with_what_to_do():
    with pytest.raises(UserError, match="smaller max_depth"):
        TreeShap.of(fitted(9, rounds=4, min_child_weight=0.01))


def test_unused_feature_is_not_told():
    matrix = rows(2_000)
    matrix[:, 1] = 0
    data = xgb.DMatrix(matrix, label(matrix), feature_types=TYPES, enable_categorical=True)
    found = TreeShap.of(xgb.train({"max_depth": 3, "nthread": 1}, data, 3))
    assert 1 not in found.features
    assert isinstance(found.trees[0][0], Tree)
