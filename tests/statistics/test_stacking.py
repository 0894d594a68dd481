"""Weights of several forecasts: at least 0, sum 1, the better forecast's where data say so, else the mean."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.metrics import normalised_gini
from clv.models.amount import Amount, equal_weights
from clv.models.level import SeasonLevel
from clv.models.losses.catalogue import LOSSES
from clv.models.losses.learner import Learner
from clv.models.rows import Rows
from clv.models.stack import learned_weights
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.lessons import known
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.fit import fit
from training.stacking import stacked
from training.trial import AmountTrial

THIRDS = np.full(3, 1 / 3)
HORIZON = Horizon(HORIZON_DAYS)
SETTINGS = Settings(bootstrap_resamples=40, max_rounds=40)


def world(rows, snapshots, seed=1, noise=1.0):
    """The truth with ever more noise in three forecasts, and labels around the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.gamma(1.0, 50.0, rows)
    said = [truth * rng.gamma(shape, 1 / shape, rows) for shape in (8 / noise, 2 / noise, 1 / noise)]
    label = truth * rng.exponential(1.0, rows) * (rng.random(rows) < 0.6) / 0.6
    as_of = np.datetime64("2024-01-01", "D") + 30 * rng.integers(0, snapshots, rows)
    return label, np.column_stack(said), np.ones(rows), as_of


def test_forecast_nearest_the_truth_has_most_of_the_weight_and_the_worst_least():
    label, said, weight, as_of = world(40_000, 6)
    best, middle, worst = learned_weights(label, said, weight, as_of, THIRDS)
    assert best > 0.6
    assert best > middle > worst >= 0


def test_weights_are_those_of_least_deviance_on_a_grid_where_every_snapshot_agrees():
    label, said, weight, as_of = world(60_000, 2)
    two = said[:, :2]
    found = learned_weights(label, two, weight, as_of, np.full(2, 0.5))
    grid = np.linspace(0, 1, 201)
    blends = [np.maximum(z * two[:, 0] + (1 - z) * two[:, 1], 1e-9) for z in grid]
    loss = [float((2 * b**0.5 + 2 * label / b**0.5).mean()) for b in blends]  # the deviance of power 1.5
    assert found[0] == pytest.approx(grid[int(np.argmin(loss))], abs=0.05)


def test_few_rows_stay_nearer_to_the_mean_than_many():
    def gap(rows):
        return np.mean(
            [np.abs(learned_weights(*world(rows, 4, seed), THIRDS) - THIRDS).sum() for seed in range(8)]
        )

    assert gap(160) < gap(16_000)


@pytest.mark.parametrize("case", ["one snapshot", "nobody bought", "no weight"])
def test_nothing_to_learn_from_leaves_the_mean(case):
    label, said, weight, as_of = world(500, 1 if case == "one snapshot" else 3)
    label = 0 * label if case == "nobody bought" else label
    weight = 0 * weight if case == "no weight" else weight
    np.testing.assert_array_equal(learned_weights(label, said, weight, as_of, THIRDS), THIRDS)


@given(st.integers(0, 2**16), st.integers(60, 400), st.floats(0.01, 100))
@settings(max_examples=25)
def test_weights_are_a_mean_whatever_the_data_and_their_currency(seed, rows, euros):
    label, said, weight, as_of = world(rows, 3, seed)
    found = learned_weights(label, said, weight, as_of, THIRDS)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)
    dear = learned_weights(euros * label, euros * said, weight, as_of, THIRDS)
    np.testing.assert_allclose(dear, found, atol=0.02)


def test_plain_mean_gives_the_trees_half_together():
    weights = equal_weights([LOSSES["tweedie"], LOSSES["poisson"]])
    assert weights == pytest.approx({"tweedie": 1 / 4, "poisson": 1 / 4, "btyd": 1 / 3, "trailing": 1 / 6})


def test_learned_weights_reach_the_model_and_rank_better_where_trees_know_more_than_the_priors():
    frame = training_frame()
    learned = fit(frame, HORIZON, replace(SETTINGS, stacking="learned"))
    model = learned.models["established"]
    weights = model.amount.weights
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["tweedie"] + weights["poisson"] > 1 / 2  # channel and views, which the priors do not know
    plain = fit(frame, HORIZON, SETTINGS).models["established"]
    scored = scoring_frame()
    ours, mean = (normalised_gini(scored.true_eur, m.forecast(scored).clv_eur) for m in (model, plain))
    assert ours > mean


def test_what_trees_know_of_their_own_customers_earns_them_no_weight():
    rng, n = np.random.default_rng(4), 4_000
    label, fold = rng.exponential(50.0, n), rng.integers(0, 2, n)
    truth = known(label, np.zeros(n)).inputs
    as_of = np.datetime64("2024-01-01", "D") + 30 * (np.arange(n) % 3)
    matrix = np.column_stack([label, fold, rng.permutation(label)]).astype(np.float32)
    inputs = replace(
        truth, matrix=matrix, as_of=as_of, btyd_eur=0.8 * label + 10, trailing_eur=0.8 * label + 10
    )
    ones, names = np.ones(n), np.full(n, "established", dtype=object)
    rows = Rows(inputs, names, np.arange(n, dtype=np.uint64), fold, label, ones, ones, ones)
    level = SeasonLevel(dict.fromkeys(rows.snapshots, 1.0), 90, 1.0)
    cheats = [Amount((Learner(Cheat(), {}, {"fold": k}),), level, equal_weights([Cheat()])) for k in (0, 1)]
    weights = stacked(AmountTrial(tuple(cheats)), rows).weights
    assert weights["cheat"] < 0.05


class Cheat:
    """Knows what the customers of its fold bring, and nothing of others."""

    name = "cheat"

    def eur(self, learner, inputs):
        own = inputs.matrix[:, 1] == learner.numbers["fold"]
        return np.where(own, inputs.matrix[:, 0], inputs.matrix[:, 2]).astype(np.float64)
