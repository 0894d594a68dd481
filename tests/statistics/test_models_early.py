"""Early-stage customers: which parts are believed, and what their own trees add."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from clv.feature_catalogue import CATEGORICAL, FEATURES, NUMERIC
from clv.models.catalogue import load_model
from clv.models.early import GROUPS, OWN, EarlyStage, early_places, fit_blend, narrowed
from clv.models.early_features import EARLY_FEATURES
from clv.models.matrix import Encoding
from clv.models.rows import Inputs, Rows
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics import shoppers
from tests.statistics.shoppers import HORIZON_DAYS, TEST_AS_OF, TRAIN_AS_OFS, scoring_frame, training_frame
from training.fit import FittedSegment, fit_segment

SETTINGS = Settings(bootstrap_resamples=40, max_rounds=40)
HORIZON = Horizon(HORIZON_DAYS)
POOLED = "pooled"
ALL_POOLED = {POOLED: 1.0}


def test_features_of_early_stage_customers_stand_once_each_in_the_catalogue():
    assert len(set(EARLY_FEATURES)) == len(EARLY_FEATURES)
    assert set(EARLY_FEATURES) <= {*NUMERIC, *CATEGORICAL}
    assert set(EARLY_FEATURES) < set(FEATURES.names)


def test_trees_of_early_stage_customers_see_these_features_and_no_others():
    encoding = Encoding(("orders_all", "tenure_days", "recency_days"), {"country": ("DE",), "top_brand": ()})
    assert early_places(encoding) == [1, 3]
    frame = scoring_frame().assign(country="DE", top_brand="x")
    told = narrowed(Inputs.of(frame, encoding), encoding).matrix
    np.testing.assert_array_equal(told, np.column_stack([frame.tenure_days, np.ones(len(frame))]))


def test_factor_makes_the_total_of_each_part_right_at_the_prior_s_own_level():
    rows = early_rows()
    said = {POOLED: np.full(len(rows), 10.0), OWN: true_eur()}
    found = fit_blend(rows, said, ALL_POOLED, dict.fromkeys(rows.snapshots, 2.0))
    for name, part in said.items():
        assert found.factors[name] * part.sum() == pytest.approx(rows.label_eur.sum() / 2)
    assert sum(found.weights.values()) == pytest.approx(1)
    assert found.eur(said, rows.inputs.group).sum() == pytest.approx(rows.label_eur.sum() / 2, rel=1e-3)


def test_pooled_forecast_that_is_right_keeps_the_weight_from_own_trees_that_are_noise():
    rows = early_rows()
    noise = np.random.default_rng(5).permutation(true_eur()) + 1.0
    found = fit_blend(rows, {POOLED: true_eur() + 1.0, OWN: noise}, ALL_POOLED, level_1(rows))
    assert found.weights[POOLED] > 0.9


def test_groups_that_do_not_differ_leave_the_weight_on_the_pooled_forecast():
    rows = early_rows()
    truth = true_eur() + 1.0
    found = fit_blend(rows, {POOLED: truth}, ALL_POOLED, level_1(rows))
    assert found.weights[POOLED] > 0.9
    assert set(found.weights) == {POOLED, GROUPS}


def test_own_trees_that_know_the_channel_are_believed_over_a_forecast_that_does_not():
    rows = early_rows()
    blind = np.full(len(rows), true_eur().mean())
    found = fit_blend(rows, {POOLED: blind, OWN: true_eur() + 1.0}, ALL_POOLED, level_1(rows))
    assert found.weights[OWN] > 0.6


def test_planted_effect_of_the_channel_is_found_by_the_trees_of_early_stage_customers():
    model, frame = fitted().model, early(scoring_frame())
    inputs = Inputs.of(frame, model.pooled.encoding)
    own = model.own.eur(narrowed(inputs, model.pooled.encoding))
    means = frame.assign(own=own).groupby("acquisition_channel")[["true_eur", "own", "btyd_clv_eur"]].mean()
    ratio = means.loc["referral"] / means.loc["organic"]
    assert ratio["true_eur"] > 3
    assert ratio["btyd_clv_eur"] < 1.5
    assert ratio["own"] > 2.5


def test_forecast_of_a_row_does_not_depend_on_the_other_rows():
    model, frame = fitted().model, early(scoring_frame())
    whole = model.forecast(frame)
    some = frame.sample(frac=0.3, random_state=1)
    pd.testing.assert_frame_equal(model.forecast(some), whole.loc[some.index], check_exact=True)


def test_saved_and_loaded_model_forecasts_the_same_bytes_under_the_same_version(tmp_path):
    model = fitted().model
    model.save(tmp_path)
    loaded = load_model(tmp_path, HORIZON_DAYS)
    assert loaded.version == model.version
    frame = scoring_frame()
    pd.testing.assert_frame_equal(loaded.forecast(frame), model.forecast(frame), check_exact=True)


def test_another_weight_and_other_trees_are_another_version():
    model = fitted().model
    weights = {**model.blend.weights, OWN: model.blend.weights[OWN] + 0.1}
    other_trees = replace(model, own=model.pooled.amount.learners[0])
    versions = {
        model.version,
        replace(model, blend=replace(model.blend, weights=weights)).version,
        other_trees.version,
    }
    assert len(versions) == 3


def test_rows_after_t0_do_not_change_a_byte_of_the_model_or_of_the_forecast(monkeypatch):
    people, orders = shoppers.shop()
    past = orders[orders.day < (TEST_AS_OF - shoppers.START).days]
    assert len(past) < len(orders)
    before = fitted().model
    monkeypatch.setattr(shoppers, "shop", lambda **_: (people, past))
    after = fit_segment(shoppers.snapshots(TRAIN_AS_OFS), "early", HORIZON, SETTINGS).model
    assert after.version == before.version
    told = after.forecast(early(shoppers.snapshot(TEST_AS_OF)))
    pd.testing.assert_frame_equal(told, before.forecast(early(scoring_frame())), check_exact=True)


@cache
def fitted() -> FittedSegment:
    found = fit_segment(training_frame(), "early", HORIZON, SETTINGS)
    assert isinstance(found.model, EarlyStage)
    return found


def early(frame):
    return frame[frame.segment == "early"]


@cache
def early_frame():
    return early(training_frame()).sort_values(["as_of", "customer_id"])


@cache
def early_rows():
    return Rows.of(early_frame(), Encoding.fit(training_frame(), NUMERIC, CATEGORICAL))


def true_eur():
    return early_frame().true_eur.to_numpy()


def level_1(rows):
    return dict.fromkeys(rows.snapshots, 1.0)
