"""Lessons made of simulated shoppers, and of numbers whose distribution is known."""

from functools import cache

import numpy as np

from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.amount import lesson_of
from clv.models.losses.learner import Lesson
from clv.models.matrix import Encoding
from clv.models.rows import Inputs, Rows
from clv.models.trees import Growth, Trainer
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.trial import revenue_level

GROWTH = Growth(max_rounds=60, seed=3)
ROUNDS = 30


@cache
def encoding():
    return Encoding.fit(training_frame(), NUMERIC, CATEGORICAL)


def trainer(**more):
    return Trainer(GROWTH, encoding().feature_types, **more)


@cache
def shoppers():
    rows = Rows.of(training_frame(), encoding())
    return lesson_of(rows, revenue_level(rows, HORIZON_DAYS).by_as_of)


@cache
def to_score():
    return Inputs.of(scoring_frame(), encoding())


def known(revenue_eur, feature, weight=None, p=0.5, orders=None):
    """A lesson of one snapshot and one feature whose prior says the same of everybody."""
    n, mean = len(revenue_eur), float(np.mean(revenue_eur))
    orders = (revenue_eur > 0).astype(float) if orders is None else orders
    inputs = Inputs(
        matrix=np.asarray(feature, dtype=np.float32).reshape(n, 1),
        as_of=np.full(n, np.datetime64("2024-01-01", "D")),
        group=np.full(n, "", dtype=object),
        btyd_eur=np.full(n, mean),
        trailing_eur=np.full(n, mean),
        btyd_p=np.full(n, p),
        btyd_orders=np.full(n, float(np.mean(orders))),
        btyd_spend_eur=np.full(n, mean / max(float(np.mean(orders)), 1e-9)),
    )
    return Lesson(inputs, np.asarray(revenue_eur, float), orders, np.ones(n) if weight is None else weight)


def one_feature(eta=0.3):
    return Trainer(Growth(eta=eta, subsample=1.0, colsample_bytree=1.0, max_depth=2, seed=1), ["q"])
