"""Training on simulated shoppers finds what is true of them, in a season the last snapshots did not see."""

import numpy as np
import pandas as pd
import pytest

from clv.metrics import calibration_ratio, evaluate, normalised_gini
from clv.models.baselines import last_year
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.fit import fit


@pytest.fixture(scope="module")
def trained():
    return fit(training_frame(), Horizon(HORIZON_DAYS), Settings())


@pytest.fixture(scope="module")
def said(trained):
    frame = scoring_frame()
    parts = [model.forecast(frame[frame.segment == segment]) for segment, model in trained.models.items()]
    return pd.concat(parts).loc[frame.index]


def test_total_is_right_in_a_season_that_sells_twice_the_yearly_mean(said):
    frame = scoring_frame()
    assert calibration_ratio(frame.true_eur, said.clv_eur) == pytest.approx(1, abs=0.1)
    assert calibration_ratio(frame.true_eur, frame.btyd_clv_eur) < 0.8


def test_customers_are_ranked_by_their_true_value_better_than_by_the_priors_and_last_year(said):
    frame = scoring_frame()
    ours = normalised_gini(frame.true_eur, said.clv_eur)
    others = (frame.btyd_clv_eur, frame.trailing_clv_eur, last_year(frame, HORIZON_DAYS).clv_eur)
    assert ours > max(normalised_gini(frame.true_eur, other) for other in others) + 0.01


def test_error_against_the_true_value_is_a_fifth_below_that_of_the_label_free_forecasts_at_the_true_total(said):
    frame = scoring_frame()
    total = frame.true_eur.sum()
    ours = evaluate(frame.true_eur, said.clv_eur)["rmse"]
    for name in ("btyd_clv_eur", "trailing_clv_eur"):
        scaled = frame[name] * total / frame[name].sum()
        assert ours < 0.8 * evaluate(frame.true_eur, scaled)["rmse"]


def test_new_customers_of_the_better_channel_are_told_apart(said):
    frame = scoring_frame()
    early = frame.segment == "early"
    by_channel = frame[early].assign(said=said.clv_eur[early]).groupby("acquisition_channel")[["true_eur", "said"]].mean()
    ratio = by_channel.loc["referral"] / by_channel.loc["organic"]
    assert ratio["true_eur"] == pytest.approx(4, rel=0.2)
    assert ratio["said"] > 2


def test_probability_of_an_order_is_calibrated_by_fifths(said):
    frame = scoring_frame()
    fifth = pd.qcut(said.p_active, 5, labels=False)
    means = pd.DataFrame({"said": said.p_active, "true": frame.true_p}).groupby(fifth).mean()
    assert np.abs(means.said - means.true).max() < 0.1
    assert said.p_active.mean() == pytest.approx(frame.true_p.mean(), abs=0.03)


def test_early_model_is_compared_out_of_time_and_kept(trained):
    by_segment = {comparison.segment: comparison for comparison in trained.comparisons}
    assert set(by_segment) == {"early", "established"}
    assert not by_segment["early"].own_is_worse
    assert trained.models["early"].version.startswith("xgb-tweedie-early-")
    assert by_segment["early"].as_of == training_frame().as_of.max()
