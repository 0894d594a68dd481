"""Early-stage customers: how far groups are believed, and how far the start is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.activity import activity_shifts, fit_activity
from clv.models.amount import fit_amount
from clv.models.boosted import Boosted
from clv.models.catalogue import load_model
from clv.models.credibility import group_means
from clv.models.early import Correction, EarlyStage, blend_weight, fit_correction, mean_tweedie_deviance
from clv.models.level import SeasonLevel
from clv.models.losses.tweedie import Tweedie
from clv.models.matrix import Encoding
from clv.models.rows import Rows
from clv.models.trees import Growth, Trainer
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.trial import revenue_level


def means_of(samples):
    """Credibility means of {group: values}, each value its own customer."""
    value = np.concatenate([np.asarray(v, dtype=float) for v in samples.values()])
    group = np.repeat(np.array(list(samples), dtype=object), [len(v) for v in samples.values()])
    return group_means(value, group, np.arange(len(value), dtype=np.uint64))


def test_two_policyholders_of_loss_models_get_the_published_credibilities():
    # Klugman, Panjer, Willmot: 10,000 and 13,000 claimed by 50 and 60 members; 18,000, 21,000 and 17,000 by
    # 100, 110 and 105 members
    size = np.array([50, 60, 100, 110, 105])
    mean = np.array([10_000, 13_000, 18_000, 21_000, 17_000]) / size
    unit = np.repeat(np.arange(5, dtype=np.uint64), size)
    group = np.where(unit < 2, "first", "second").astype(object)
    found = group_means(np.repeat(mean, size), group, unit)
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
    apart = group_means(value, group, np.array([1, 2, 3, 4], dtype=np.uint64))
    together = group_means(value, group, np.array([1, 1, 3, 4], dtype=np.uint64))
    assert together.credibility["a"] < apart.credibility["a"]


def test_group_means_of_nobody_are_refused():
    with pytest.raises(ValueError, match="at least one row"):
        group_means(np.empty(0), np.empty(0, dtype=object), np.empty(0, dtype=np.uint64))


def test_weight_is_1_for_a_start_that_is_right_and_0_for_one_that_is_noise():
    rng = np.random.default_rng(3)
    truth = rng.gamma(2.0, 30.0, 20_000)
    label = truth * rng.exponential(1.0, 20_000)
    assert blend_weight(label, truth, np.full(20_000, 60.0)) > 0.97
    assert blend_weight(label, np.full(20_000, 60.0), truth) < 0.03


def test_weight_is_the_one_of_least_deviance_on_a_grid():
    rng = np.random.default_rng(4)
    truth = rng.gamma(2.0, 30.0, 5_000)
    label = truth * rng.exponential(1.0, 5_000) * (rng.random(5_000) < 0.4)
    start, mean = 0.4 * truth * rng.gamma(1.5, 1 / 1.5, 5_000), np.full(5_000, label.mean())
    grid = np.linspace(0, 1, 1001)
    losses = [mean_tweedie_deviance(label, z * start + (1 - z) * mean) for z in grid]
    best = grid[int(np.argmin(losses))]
    assert 0.05 < best < 0.95
    assert blend_weight(label, start, mean) == pytest.approx(best, abs=2e-3)


def test_factor_makes_the_total_of_the_start_right():
    rows = early_rows()
    levels = dict.fromkeys(rows.snapshots, 2.0)
    start = np.full(len(rows), 10.0)
    found = fit_correction(rows, start, levels)
    assert found.factor * start.sum() == pytest.approx(rows.label_eur.sum() / 2)


def test_start_that_knows_the_channel_is_believed_over_country_and_value_band():
    rows, frame = early_rows(), early_frame()
    start = frame.true_eur.to_numpy() + 1.0
    found = fit_correction(rows, start, dict.fromkeys(rows.snapshots, 1.0))
    assert found.weight > 0.8


def test_saved_and_loaded_model_forecasts_the_same_bytes_under_the_same_version(tmp_path):
    model = early_model(0.6)
    model.save(tmp_path)
    loaded = load_model(tmp_path, HORIZON_DAYS)
    assert loaded.version == model.version
    frame = scoring_frame()
    pd.testing.assert_frame_equal(loaded.forecast(frame), model.forecast(frame), check_exact=True)


def test_forecast_lies_between_the_start_and_the_group_mean_at_the_season_level():
    frame = scoring_frame()
    start, half, mean = (early_model(z).forecast(frame).clv_eur for z in (1.0, 0.5, 0.0))
    np.testing.assert_allclose(half, (start + mean) / 2)
    assert mean.nunique() == len({"DE|20-50", "DE|50-100", "FR|20-50", "FR|50-100"})


def test_another_weight_is_another_version():
    assert early_model(0.6).version != early_model(0.7).version


def early_frame():
    frame = training_frame()
    return frame[frame.segment == "early"].sort_values(["as_of", "customer_id"])


def early_rows():
    return Rows.of(early_frame(), Encoding.fit(training_frame(), NUMERIC, CATEGORICAL))


def early_model(weight):
    frame, growth = early_frame(), Growth(seed=1)
    encoding = Encoding.fit(frame, NUMERIC, CATEGORICAL)
    rows = Rows.of(frame, encoding)
    levels = revenue_level(rows, HORIZON_DAYS)
    shifts = SeasonLevel(activity_shifts(rows), HORIZON_DAYS, 0.0)
    trainer = Trainer(growth, encoding.feature_types)
    amount = fit_amount(rows, levels, (Tweedie(),), trainer, 5)
    activity = fit_activity(rows, shifts, trainer, 5)
    pooled = Boosted("pooled", HORIZON_DAYS, encoding, amount, activity)
    learned = fit_correction(rows, amount.trees_eur(rows.inputs), dict(levels.by_as_of))
    assert isinstance(learned, Correction)
    return EarlyStage(pooled, replace(learned, weight=weight))
