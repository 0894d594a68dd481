"""Training on simulated shoppers finds what is true of them, in a season the last snapshots did not see."""

import pandas as pd
import pytest

from clv.metrics import calibration_ratio, normalised_gini, rmse
from clv.models.baselines import last_year
from clv.models.label_free import LabelFree
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.shoppers import HORIZON_DAYS, TRAIN_AS_OFS, scoring_frame, training_frame
from training.fit import fit
from training.unseen import taught


@pytest.fixture(scope="module")
def trained():
    return fit(training_frame(), Horizon(HORIZON_DAYS), Settings())


@pytest.fixture(scope="module")
def said(trained):
    frame = scoring_frame()
    parts = [model.forecast(frame[frame.segment == segment]) for segment, model in trained.models.items()]
    return pd.concat(parts).loc[frame.index]


def test_total_is_within_a_fifth_in_a_season_where_the_label_free_forecast_misses_half(said):
    frame = scoring_frame()
    assert calibration_ratio(frame.true_eur, frame.btyd_clv_eur) < 0.6
    assert calibration_ratio(frame.true_eur, said.clv_eur) == pytest.approx(1, abs=0.2)


def test_closed_horizons_teach_the_label_free_model_the_level_of_the_season_and_not_its_ranking():
    frame, free = scoring_frame(), LabelFree(HORIZON_DAYS)
    untaught, known = (model.forecast(frame).clv_eur for model in (free, taught(free, training_frame())))
    assert calibration_ratio(frame.true_eur, untaught) < 0.6
    assert calibration_ratio(frame.true_eur, known) == pytest.approx(1, abs=0.2)
    assert normalised_gini(frame.true_eur, known) == pytest.approx(normalised_gini(frame.true_eur, untaught))


def test_customers_are_ranked_by_their_true_value_better_than_by_the_priors_and_last_year(said):
    frame = scoring_frame()
    ours = normalised_gini(frame.true_eur, said.clv_eur)
    others = (frame.btyd_clv_eur, frame.trailing_clv_eur, last_year(frame, HORIZON_DAYS).clv_eur)
    assert ours > max(normalised_gini(frame.true_eur, other) for other in others) + 0.01


def test_error_is_below_that_of_the_label_free_forecasts_even_when_these_are_told_the_true_total(said):
    frame = scoring_frame()
    total = frame.true_eur.sum()
    ours = rmse(frame.true_eur, said.clv_eur * total / said.clv_eur.sum())
    for name in ("btyd_clv_eur", "trailing_clv_eur"):
        assert ours < rmse(frame.true_eur, frame[name] * total / frame[name].sum())


def test_new_customers_of_the_better_channel_are_told_apart(said):
    frame = scoring_frame()
    early = frame.assign(said=said.clv_eur)[frame.segment == "early"]
    by_channel = early.groupby("acquisition_channel")[["true_eur", "said", "btyd_clv_eur"]].mean()
    ratio = by_channel.loc["referral"] / by_channel.loc["organic"]
    assert ratio["true_eur"] > 3
    assert ratio["btyd_clv_eur"] < 1.5
    assert ratio["said"] > 2


def test_probability_of_an_order_is_calibrated_by_fifths(said):
    came = scoring_frame().label_orders > 0
    fifth = pd.qcut(said.p_active, 5, labels=False)
    means = pd.DataFrame({"said": said.p_active, "came": came}).groupby(fifth).mean()
    assert (means.said - means.came).abs().max() < 0.07


def test_probability_and_amount_are_in_range(said):
    assert said.p_active.between(0, 1).all()
    assert (said.clv_eur >= 0).all()


def test_segment_models_are_compared_on_the_last_closed_snapshot_and_kept_unless_worse(trained):
    by_segment = {comparison.segment: comparison for comparison in trained.comparisons}
    assert {comparison.as_of for comparison in trained.comparisons} == {TRAIN_AS_OFS[-1]}
    for segment, model in trained.models.items():
        scored_by = "pooled" if by_segment[segment].own_is_worse else segment
        assert model.version.startswith(f"xgb-tweedie_poisson-{scored_by}-")
        assert by_segment[segment].in_words in trained.notes
