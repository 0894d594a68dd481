"""Which model scores a segment, where rows are few or snapshots missing, and what is said about it."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.coverage import interval_figures
from clv.errors import UserError
from clv.models.catalogue import load_model
from clv.models.label_free import LabelFree
from clv.settings import Settings
from clv.timeline import Horizon
from inference.forecast import forecast_frame, forecast_with
from tests.statistics.shoppers import HORIZON_DAYS, TRAIN_AS_OFS, scoring_frame, training_frame
from training.compare import compare
from training.fit import fit
from training.sample import sample_customers

HORIZON = Horizon(HORIZON_DAYS)
SETTINGS = Settings(bootstrap_resamples=40)


def two_snapshots():
    frame = training_frame()
    return frame[frame.as_of.isin(TRAIN_AS_OFS[-2:])]


@pytest.mark.parametrize("frame", [pd.DataFrame(), training_frame().iloc[:0]], ids=["none", "no rows"])
def test_without_a_closed_snapshot_the_priors_score_everybody(frame):
    trained = fit(frame, HORIZON, SETTINGS)
    scored = scoring_frame()
    for model in trained.models.values():
        said = forecast_frame(model, scored)
        assert said.model_version.unique().tolist() == ["btyd-paretonbd-gg-12m"]
        priors = (2 * scored.btyd_clv_eur + scored.trailing_clv_eur) / 3
        np.testing.assert_allclose(said.clv_eur, priors, rtol=1e-12)
        np.testing.assert_array_equal(said.p_active, scored.btyd_p_active)
    [note] = trained.notes
    assert note == (
        "no snapshot has closed a horizon of 90 days: every customer is scored by the label-free "
        "btyd-paretonbd-gg-12m; too few rows have closed to estimate median and interval"
    )


def test_fewer_rows_than_needed_in_all_leave_the_label_free_forecast_and_are_counted():
    trained = fit(training_frame().head(499), HORIZON, SETTINGS)
    model = trained.models["established"]
    assert isinstance(model, LabelFree)
    assert trained.notes[0].startswith("499 closed training rows")
    assert model.taught.bands is not None  # labels too few for trees teach the interval
    assert model.version.startswith("btyd-paretonbd-gg-12m-")


def test_intervals_hold_what_came_out_of_time_and_know_each_segment():
    trained, scored = fit(training_frame(), HORIZON, SETTINGS), scoring_frame()
    said = pd.concat([model.forecast(scored[scored.segment == s]) for s, model in trained.models.items()])
    found = interval_figures(scored.join(said)).set_index(["dimension", "value"])
    everybody, top = found.loc[("all", "all")], found.loc[("decile", "10")]
    assert everybody.coverage - everybody.unavoidable == pytest.approx(0.8, abs=0.03)
    assert 0.76 < top.coverage < 0.91  # the total of this world is forecast 20 % too high
    assert everybody.mae_median_eur < everybody.mae_mean_eur
    assert trained.models["early"].bands != trained.models["established"].bands


def test_labels_without_revenue_leave_the_label_free_forecast():
    trained = fit(two_snapshots().assign(label_eur=0.0), HORIZON, SETTINGS)
    assert isinstance(trained.models["early"], LabelFree)
    assert "0 positive labels" in trained.notes[0]


def test_one_closed_snapshot_trains_the_pooled_model_for_every_segment_and_says_so():
    frame = training_frame()
    trained = fit(frame[frame.as_of == TRAIN_AS_OFS[0]], HORIZON, SETTINGS)
    assert trained.models["early"] is trained.models["established"]
    assert trained.models["early"].version.startswith("xgb-tweedie_poisson-pooled-")
    assert trained.models["early"].bands is not None  # of halves that forecast each other
    [note] = trained.notes
    assert note == (
        "no later snapshot to stop on or to compare segment models on (the last is 2022-09-01): 40 rounds, "
        "and the pooled model scores every segment"
    )


def test_segment_one_row_short_is_scored_by_the_pooled_model_and_counted():
    frame = two_snapshots()
    frame = frame[(frame.segment == "early") | (frame.customer_id < "c00800")]
    early = int((frame.segment == "early").sum())
    short = fit(frame, HORIZON, replace(SETTINGS, minimum_training_rows=early + 1))
    assert short.models["early"].version.startswith("xgb-tweedie_poisson-pooled-")
    assert f"early: {early} training rows, {early + 1} needed: the pooled model scores it" in short.notes
    assert [comparison.segment for comparison in short.comparisons] == ["established"]
    enough = fit(frame, HORIZON, replace(SETTINGS, minimum_training_rows=early))
    assert "early" in {comparison.segment for comparison in enough.comparisons}


def test_segment_model_whose_forecast_is_worse_is_refused_beyond_the_interval():
    rng = np.random.default_rng(1)
    truth = rng.gamma(1.0, 50.0, 2_000)
    actual = truth * rng.exponential(1.0, 2_000)
    found = compare("early", date(2023, 1, 1), actual, (rng.permutation(truth), truth), SETTINGS)
    assert found.own_is_worse
    assert "the pooled model scores" in found.in_words
    better = compare("early", date(2023, 1, 1), actual, (truth, rng.permutation(truth)), SETTINGS)
    assert not better.own_is_worse
    assert found.to_dict()["differences"][0]["difference"] == pytest.approx(
        -better.to_dict()["differences"][0]["difference"], abs=0.05
    )


def test_equal_forecasts_are_no_reason_to_refuse():
    truth = np.random.default_rng(2).gamma(1.0, 50.0, 300)
    found = compare("early", date(2023, 1, 1), truth, (truth, truth), SETTINGS)
    assert not found.own_is_worse
    assert [difference.difference for difference in found.differences] == [0.0, 0.0]


def test_ranking_is_undefined_and_no_reason_where_nobody_bought():
    found = compare("early", date(2023, 1, 1), np.zeros(50), (np.ones(50), np.ones(50)), SETTINGS)
    assert not found.own_is_worse
    assert "normalised Gini undefined" in found.in_words


def test_sample_is_the_same_in_any_order_of_rows_and_holds_the_smaller_sample():
    frame = scoring_frame()
    drawn = sample_customers(frame, date(2023, 1, 1), 100, seed=5)
    shuffled = sample_customers(frame.sample(frac=1, random_state=1), date(2023, 1, 1), 100, seed=5)
    assert set(drawn.customer_id) == set(shuffled.customer_id)
    assert drawn.index.is_monotonic_increasing
    assert set(sample_customers(frame, date(2023, 1, 1), 40, seed=5).customer_id) < set(drawn.customer_id)


def test_sample_differs_by_seed_and_by_t0_and_keeps_a_small_snapshot_whole():
    frame = scoring_frame()
    draws = [
        set(sample_customers(frame, day, 100, seed).customer_id)
        for day, seed in ((date(2023, 1, 1), 5), (date(2023, 1, 1), 6), (date(2023, 2, 1), 5))
    ]
    assert len(draws[0] & draws[1]) < 50
    assert len(draws[0] & draws[2]) < 50
    assert sample_customers(frame, date(2023, 1, 1), len(frame), 5) is frame


def test_leads_are_refused():
    frame = scoring_frame().head(3).assign(segment=["lead", "early", "lead"])
    with pytest.raises(UserError, match="2 leads among the customers to score"):
        forecast_frame(LabelFree(HORIZON_DAYS), frame)


def test_model_of_another_horizon_is_never_used(tmp_path):
    LabelFree(HORIZON_DAYS).save(tmp_path)
    assert len(forecast_with(tmp_path, scoring_frame(), HORIZON_DAYS)) == len(scoring_frame())
    with pytest.raises(UserError, match="forecasts 90 days, not 365"):
        forecast_with(tmp_path, scoring_frame(), 365)


def test_folder_without_a_model_and_a_model_of_an_unknown_format_are_named(tmp_path):
    with pytest.raises(UserError, match="no model there"):
        load_model(tmp_path, 90)
    (tmp_path / "model.json").write_text('{"family": "boosted", "format_version": 99, "horizon_days": 90}')
    with pytest.raises(UserError, match="family boosted in format 99 is not known"):
        load_model(tmp_path, 90)


def test_model_of_a_single_loss_written_by_an_older_version_asks_for_a_new_training(tmp_path):
    for family in ("boosted", "early"):
        old = {"family": family, "format_version": 1, "horizon_days": 90, "scale_eur": 1.0}
        (tmp_path / "model.json").write_text(json.dumps(old))
        with pytest.raises(UserError, match=f"family {family} in format 1 is not known here; train again"):
            load_model(tmp_path, 90)
