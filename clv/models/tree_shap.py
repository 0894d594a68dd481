"""Exact Shapley values of boosted trees, from tables of what a few decisions add up to.

A tree's Shapley values follow from its decisions alone. So each tree is cut into blocks whose decisions fit
one byte, the values of every byte are computed once, and a row then only looks them up. The game is that of
path-dependent TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding with
explainable AI for trees", algorithm 1), the one of XGBoost's `pred_contribs`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from clv.errors import UserError
from clv.models.matrix import Floats32
from clv.settings import MOST_DEPTH

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]

MOST_DECISIONS = MOST_DEPTH
"""Of a block, which must hold the longest path: tables of 256 patterns stay in the cache."""
BATCH_ROWS = 8_192
"""Rows at a time: their bytes, places and values stay in the cache."""


class Tree(NamedTuple):
    """Arrays of XGBoost's JSON by node; a leaf has no child (-1) and its value as split condition."""

    left: Sequence[int]
    right: Sequence[int]
    feature: Sequence[int]
    condition: Floats32
    default_left: Sequence[int]
    cover: Floats
    goes_left: dict[int, npt.NDArray[np.bool_]]
    """Of a categorical split whether each code goes left; the last two are any higher code, and none."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """Return one of a model's trees."""
        segments = zip(
            told["categories_nodes"], told["categories_segments"], told["categories_sizes"], strict=True
        )
        return cls(
            told["left_children"],
            told["right_children"],
            told["split_indices"],
            np.asarray(told["split_conditions"], dtype=np.float32),
            told["default_left"],
            np.asarray(told["sum_hessian"], dtype=np.float64),
            {
                node: _goes_left(told["categories"][start : start + size], told["default_left"][node])
                for node, start, size in segments
            },
        )

    def is_leaf(self, node: int) -> bool:
        """Return whether a node decides nothing."""
        return self.left[node] < 0

    def inner(self, node: int) -> list[int]:
        """Return the deciding nodes from a node down."""
        if self.is_leaf(node):
            return []
        return [node, *self.inner(self.left[node]), *self.inner(self.right[node])]

    def share_left(self, node: int) -> float:
        """Return the share of a node's training weight that went left."""
        return float(self.cover[self.left[node]] / self.cover[node])

    def mean(self, node: int = 0) -> float:
        """Return the mean of the leaves from a node down, weighted by what they were fitted on."""
        if self.is_leaf(node):
            return float(self.condition[node])
        left = self.share_left(node)
        return left * self.mean(self.left[node]) + (1 - left) * self.mean(self.right[node])

    def left_of(self, node: int, values: Floats32) -> npt.NDArray[np.bool_]:
        """Return which values of its feature a node sends left; NaN goes its own way."""
        if (by_code := self.goes_left.get(node)) is not None:
            none = len(by_code) - 1
            codes = np.where(np.isnan(values), none, np.minimum(values, none - 1))
            return by_code[codes.astype(np.intp)]
        threshold = self.condition[node]
        return np.asarray(~(values >= threshold) if self.default_left[node] else values < threshold)


def _goes_left(right: Sequence[int], default_left: int) -> npt.NDArray[np.bool_]:
    left = np.ones(max(right) + 3, dtype=bool)
    left[list(right)] = False
    left[-1] = bool(default_left)
    return left


class Step(NamedTuple):
    """A decision on the way to a leaf."""

    node: int
    left: bool


@dataclass(frozen=True)
class Block:
    """Leaves below one node: the decisions that matter to them, and what each pattern of them adds up to.

    values : shape (features, 2 ** decisions); bit k of a pattern is whether decision k goes left
    """

    nodes: tuple[int, ...]
    features: tuple[int, ...]
    values: Floats

    def add(self, left: Mapping[int, Bytes], total: Mapping[int, Floats]) -> None:
        """Add the values of rows to `total`, by feature.

        left : by node 1 where a row goes left, else 0
        """
        pattern = left[self.nodes[0]].copy()
        for bit, node in enumerate(self.nodes[1:], start=1):
            pattern |= left[node] << np.uint8(bit)
        places = pattern.astype(np.intp)
        for feature, values in zip(self.features, self.values, strict=True):
            into = total[feature]
            into += values[places]


@dataclass(frozen=True)
class TreeShap:
    """The trees of a model, ready to take rows apart.

    features : columns of the matrix that a tree decides by, ascending
    usual : mean of the trees, from which values count
    """

    trees: tuple[tuple[Tree, tuple[Block, ...]], ...]
    features: tuple[int, ...]
    usual: float

    @classmethod
    def of(cls, booster: xgb.Booster) -> Self:
        """Return it of all the trees of a booster that has one output; UserError where one is too deep."""
        told = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
        trees = [Tree.of(one) for one in told]
        features = tuple(sorted({tree.feature[node] for tree in trees for node in tree.inner(0)}))
        blocks = tuple((tree, tuple(_blocks(tree, 0, ()))) for tree in trees)
        return cls(blocks, features, sum(tree.mean() for tree in trees))

    def values(self, matrix: Floats32) -> Floats:
        """Return the Shapley values on the raw scale, shape (features, rows).

        `usual` + the values of a row are what the trees say of it.
        """
        place = {feature: row for row, feature in enumerate(self.features)}
        total = np.zeros((len(place), len(matrix)))
        for first in range(0, len(matrix), BATCH_ROWS):
            rows = slice(first, first + BATCH_ROWS)
            columns = {feature: np.ascontiguousarray(matrix[rows, feature]) for feature in place}
            by_feature = {feature: total[row, rows] for feature, row in place.items()}
            for tree, blocks in self.trees:
                _add(tree, blocks, columns, by_feature)
        return total


def _add(
    tree: Tree, blocks: Sequence[Block], columns: Mapping[int, Floats32], total: Mapping[int, Floats]
) -> None:
    left = {
        node: tree.left_of(node, columns[tree.feature[node]]).view(np.uint8)
        for node in {node for block in blocks for node in block.nodes}
    }
    for block in blocks:
        block.add(left, total)


def _blocks(tree: Tree, node: int, path: tuple[Step, ...]) -> Iterator[Block]:
    inner = tree.inner(node)
    if not inner and not path:
        return
    if not inner or len(path) + len(inner) <= MOST_DECISIONS:
        yield _block(tree, node, path)
        return
    yield from _blocks(tree, tree.left[node], (*path, Step(node, left=True)))
    yield from _blocks(tree, tree.right[node], (*path, Step(node, left=False)))


def _block(tree: Tree, node: int, path: tuple[Step, ...]) -> Block:
    nodes = (*(step.node for step in path), *tree.inner(node))
    if len(nodes) > MOST_DECISIONS:
        raise UserError(
            f"a tree of the model is deeper than {MOST_DECISIONS}: train with a smaller max_depth"
        )
    features = tuple(dict.fromkeys(tree.feature[each] for each in nodes))
    patterns = np.arange(2 ** len(nodes))
    left = {each: (patterns >> bit & 1).astype(bool) for bit, each in enumerate(nodes)}
    values = np.zeros((len(features), len(patterns)))
    for leaf, way in _leaves(tree, node, path):
        for feature, found in _of_leaf(tree, leaf, way, left).items():
            values[features.index(feature)] += found
    return Block(nodes, features, values)


def _leaves(tree: Tree, node: int, path: tuple[Step, ...]) -> Iterator[tuple[int, tuple[Step, ...]]]:
    if tree.is_leaf(node):
        yield node, path
        return
    yield from _leaves(tree, tree.left[node], (*path, Step(node, left=True)))
    yield from _leaves(tree, tree.right[node], (*path, Step(node, left=False)))


def _of_leaf(
    tree: Tree, leaf: int, way: Sequence[Step], left: dict[int, npt.NDArray[np.bool_]]
) -> dict[int, Floats]:
    """Return by feature the Shapley value of a leaf, by pattern.

    A leaf pays its value times, of each feature on the way, whether the row keeps to the way (1 or 0) where
    the feature is known, and the share of training weight that kept to it where it is not.
    """
    kept, share = dict[int, Floats](), dict[int, float]()
    for step in way:
        feature, known = tree.feature[step.node], left[step.node] == step.left
        went = tree.share_left(step.node)
        share[feature] = share.get(feature, 1.0) * (went if step.left else 1 - went)
        kept[feature] = kept[feature] * known if feature in kept else known.astype(np.float64)
    value = float(tree.condition[leaf])
    return {
        feature: value
        * (kept[feature] - share[feature])
        * _weight([(kept[other], share[other]) for other in kept if other != feature])
        for feature in kept
    }


def _weight(others: Sequence[tuple[Floats, float]]) -> Floats | float:
    """Return Σ over the sets S of other features of |S|! (n − |S|)! / (n + 1)! Π_S kept Π_rest share.

    By the size of S this is a polynomial, whose factors are share + kept · y.
    """
    n = len(others)
    by_size: list[Floats | float] = [1.0]
    for kept, share in others:
        grown = [share * term for term in by_size] + [0.0]
        by_size = [grown[0], *(grown[k + 1] + kept * term for k, term in enumerate(by_size))]
    return sum(factorial(k) * factorial(n - k) / factorial(n + 1) * term for k, term in enumerate(by_size))
