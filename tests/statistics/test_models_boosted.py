"""The boosted model: what decides its trees, and that the same input always gives the same forecast."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.activity import activity_shifts, fit_activity
from clv.models.amount import Amount, fit_amount, revenue_levels
from clv.models.boosted import Boosted
from clv.models.catalogue import load_model
from clv.models.forecast import FIGURES
from clv.models.level import SeasonLevel
from clv.models.losses.poisson import PoissonSpend
from clv.models.losses.tweedie import Tweedie
from clv.models.matrix import Encoding
from clv.models.priors import priors
from clv.models.rows import Rows
from clv.models.trees import Growth, Trainer
from tests.statistics.shoppers import HORIZON_DAYS, TRAIN_AS_OFS, scoring_frame, training_frame
from training.trial import revenue_level, try_amount

FEW = Growth(max_rounds=40, patience=5, seed=3)


def fit_boosted(frame, growth=FEW, rounds=8):
    encoding = Encoding.fit(frame, NUMERIC, CATEGORICAL)
    rows = Rows.of(frame, encoding)
    levels = SeasonLevel(revenue_levels(rows), HORIZON_DAYS, 1.0)
    shifts = SeasonLevel(activity_shifts(rows), HORIZON_DAYS, 0.0)
    trainer = Trainer(growth, encoding.feature_types)
    amount = fit_amount(rows, levels, (Tweedie(),), trainer, rounds)
    activity = fit_activity(rows, shifts, trainer, rounds)
    return Boosted("pooled", HORIZON_DAYS, encoding, amount, activity)


@pytest.fixture(scope="module")
def model():
    return fit_boosted(training_frame())


def test_saved_and_loaded_model_forecasts_the_same_bytes_under_the_same_version(model, tmp_path):
    model.save(tmp_path)
    loaded = load_model(tmp_path, HORIZON_DAYS)
    assert loaded.version == model.version
    pd.testing.assert_frame_equal(
        loaded.forecast(scoring_frame()), model.forecast(scoring_frame()), check_exact=True
    )


def test_saved_model_is_json_and_xgboost_files_only(model, tmp_path):
    model.save(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        "model.json",
        "tweedie-revenue.ubj",
        "activity.ubj",
    }


def test_order_of_training_rows_changes_no_byte(model):
    again = fit_boosted(training_frame().sample(frac=1, random_state=7))
    assert again.version == model.version


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_boosters_grown_side_by_side_are_those_grown_in_turn(rows, last, threads):
    level, losses = revenue_level(rows, HORIZON_DAYS), (Tweedie(), PoissonSpend())
    trainers = [Trainer(replace(FEW, threads=n), encoding().feature_types) for n in (1, threads)]
    one, other = (try_amount(rows, last, level, losses, trainer) for trainer in trainers)
    assert one.rounds == other.rounds
    np.testing.assert_array_equal(one.unseen(rows, Amount.eur), other.unseen(rows, Amount.eur))


ABANDONED = """
import threading
from clv.models.trees import Growth, Trainer
begun = threading.Barrier(3)
def fit(_):
    begun.wait()
    threading.Event().wait()
grown = threading.Thread(target=Trainer(Growth(threads=2), []).side_by_side, args=([fit, fit],), daemon=True)
grown.start()
begun.wait()
"""


def test_an_interrupted_run_does_not_wait_for_boosters_that_grow():
    assert subprocess.run([sys.executable, "-c", ABANDONED], timeout=60, check=False).returncode == 0


def test_another_seed_gives_another_model(model):
    assert fit_boosted(training_frame(), replace(FEW, seed=4)).version != model.version


def test_forecast_of_a_row_does_not_depend_on_the_other_rows(model):
    frame = scoring_frame()
    some = frame.sample(50, random_state=1)
    pd.testing.assert_frame_equal(
        model.forecast(some), model.forecast(frame).loc[some.index], check_exact=True
    )


def test_no_rows_give_no_forecast(model):
    said = model.forecast(scoring_frame().iloc[:0])
    assert list(said.columns) == list(FIGURES)
    assert said.empty


def test_unseen_category_is_forecast_like_a_rare_one(model):
    frame = scoring_frame().head(20)
    rare, unseen = (frame.assign(acquisition_channel=name) for name in ("rare", "never heard of"))
    pd.testing.assert_frame_equal(model.forecast(rare), model.forecast(unseen))
    assert np.isfinite(model.forecast(unseen)[["clv_eur", "p_active"]]).all(axis=None)


def test_nulls_in_every_feature_are_forecast_from_the_priors(model):
    frame = scoring_frame().head(20)
    nulls = frame.assign(**dict.fromkeys(NUMERIC, np.nan), **dict.fromkeys(CATEGORICAL))
    said = model.forecast(nulls)
    assert np.isfinite(said[["clv_eur", "p_active"]]).all(axis=None)
    assert said.clv_eur.corr(frame.btyd_clv_eur, method="spearman") > 0.8


def test_booleans_that_are_null_are_missing_and_others_are_0_and_1():
    frame = pd.DataFrame({"first_order_voucher": pd.Series([True, False, None], dtype=object)})
    matrix = Encoding.fit(frame, ("first_order_voucher",), ()).encode(frame)
    np.testing.assert_array_equal(matrix, np.array([[1], [0], [np.nan]], dtype=np.float32))


def test_columns_that_never_vary_are_left_out(model):
    assert "email_opens_30d" not in model.encoding.numeric
    assert "top_brand" not in model.encoding.levels
    assert "web_views_30d" in model.encoding.numeric


def test_missing_column_is_named(model):
    with pytest.raises(UserError, match="features lack recency_days, which the model reads"):
        model.forecast(scoring_frame().drop(columns="recency_days"))


def test_missing_or_null_prior_is_named(model):
    frame = scoring_frame()
    with pytest.raises(UserError, match="lacks trailing_clv_eur"):
        model.forecast(frame.drop(columns="trailing_clv_eur"))
    with pytest.raises(UserError, match=f"btyd_clv_eur is null in {len(frame)} rows"):
        model.forecast(frame.assign(btyd_clv_eur=np.nan))


def test_customer_standing_twice_in_a_snapshot_is_refused():
    frame = training_frame().head(600)
    with pytest.raises(UserError, match="stands twice"):
        fit_boosted(pd.concat([frame, frame.tail(1)]))


def test_later_rows_only_end_the_growth_and_teach_nothing(rows, last):
    at_end = rows.at(last)
    earlier, later = rows.where(~at_end), rows.where(at_end)
    level, growth = revenue_level(rows, HORIZON_DAYS), replace(FEW, eta=0.3, max_rounds=200)
    eager = Trainer(growth, encoding().feature_types)
    stopped = fit_amount(earlier, level, (Tweedie(),), eager, later)
    rounds = stopped.learners[0].rounds["revenue"]
    assert 0 < rounds < growth.max_rounds
    np.testing.assert_array_equal(
        stopped.eur(later.inputs), fit_amount(earlier, level, (Tweedie(),), eager, rounds).eur(later.inputs)
    )


def test_trial_trees_of_a_fold_learn_from_no_row_of_the_other_fold_and_none_of_the_last_snapshot(rows, last):
    level, trainer = revenue_level(rows, HORIZON_DAYS), Trainer(FEW, encoding().feature_types)
    trial = try_amount(rows, last, level, (Tweedie(),), trainer)
    told = (rows.fold == 0) & ~rows.at(last)
    rounds = trial.by_fold[0].learners[0].rounds["revenue"]
    alone = fit_amount(rows.where(told), level, (Tweedie(),), trainer, rounds)
    np.testing.assert_array_equal(trial.by_fold[0].eur(rows.inputs), alone.eur(rows.inputs))
    unseen = trial.unseen(rows, Amount.eur)
    np.testing.assert_array_equal(unseen[rows.fold == 1], alone.eur(rows.where(rows.fold == 1).inputs))


def test_all_rows_of_a_customer_are_in_one_fold_and_folds_are_halves(rows):
    folds = pd.Series(rows.fold).groupby(rows.customer).nunique()
    assert (folds == 1).all()
    assert rows.fold.mean() == pytest.approx(0.5, abs=0.05)


def test_level_of_a_snapshot_in_the_last_year_is_unknown_to_a_forecast_of_it(rows, last):
    levels = revenue_level(rows, HORIZON_DAYS)
    assert levels.reference(last) is None
    assert levels.at(last) == 1.0


def test_amounts_scale_with_the_currency():
    frame = training_frame()
    money = [name for name in frame if name.endswith("_eur")]
    scaled = frame.assign(**{name: frame[name] * 128.0 for name in money})
    target = scoring_frame()
    target_scaled = target.assign(**{name: target[name] * 128.0 for name in money})
    one, many = fit_boosted(frame).forecast(target), fit_boosted(scaled).forecast(target_scaled)
    np.testing.assert_allclose(many.clv_eur, 128 * one.clv_eur, rtol=1e-5)


def test_last_years_revenue_becomes_a_prior_of_the_same_total_and_never_negative():
    frame = scoring_frame()
    refunded = frame.assign(monetary_365d_eur=frame.monetary_365d_eur.where(frame.index > 0, -50.0))
    found = priors(refunded, HORIZON_DAYS)
    assert found.trailing_clv_eur.iloc[0] == 0
    assert found.trailing_clv_eur.sum() == pytest.approx(found.btyd_clv_eur.sum())
    assert found.trailing_clv_eur.corr(frame.monetary_365d_eur) > 0.99


def test_last_years_revenue_of_nobody_leaves_the_other_prior():
    found = priors(scoring_frame().assign(monetary_365d_eur=0.0), HORIZON_DAYS)
    np.testing.assert_array_equal(found.trailing_clv_eur, found.btyd_clv_eur)


@pytest.fixture(scope="module")
def rows():
    return Rows.of(training_frame(), encoding())


@pytest.fixture
def last():
    return TRAIN_AS_OFS[-1]


def encoding():
    return Encoding.fit(training_frame(), NUMERIC, CATEGORICAL)
