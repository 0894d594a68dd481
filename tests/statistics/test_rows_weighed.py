"""Weights of rows, halves of customers or cohorts, and what trees must follow."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.models.folds import fold_of, signup_month
from clv.models.losses.catalogue import LOSSES
from clv.models.losses.monotone import EXPECTED, monotone_signs
from clv.models.rows import Rows
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.lessons import encoding, shoppers, to_score, trainer
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.base import Workshop, fit_base
from training.trial import revenue_level

HORIZON = Horizon(HORIZON_DAYS)


def rows_of(frame, **more):
    return Rows.of(frame, encoding(), **more)


def test_without_a_column_weight_every_row_counts_once():
    rows = rows_of(training_frame())
    assert (rows.weight == 1).all()
    assert rows.unequal_weight is None


def test_column_of_ones_is_no_column_to_the_last_byte():
    settings = Settings(max_rounds=5)
    one, none = (
        fit_base(frame, HORIZON, settings, 1).pooled.version
        for frame in (training_frame().assign(weight=1), training_frame())
    )
    assert one == none


def test_weight_travels_with_its_row():
    frame = training_frame().head(400)
    weight = np.linspace(0.5, 2, 400)
    one = rows_of(frame.assign(weight=weight))
    other = rows_of(frame.assign(weight=weight).sample(frac=1, random_state=1))
    np.testing.assert_array_equal(one.weight, other.weight)
    assert one.weight.sum() == pytest.approx(weight.sum())


@pytest.mark.parametrize(
    ("weight", "says"),
    [
        ([1.0, -1.0, 2.0], "weight is negative or not finite in 1 rows"),
        ([np.nan, np.inf, 2.0], "weight is negative or not finite in 2 rows"),
        ([0.0, 0.0, 0.0], "weight is 0 in every row"),
    ],
)
def test_bad_weights_are_counted_and_refused(weight, says):
    with pytest.raises(UserError, match=says):
        rows_of(training_frame().head(3).assign(weight=weight))


def test_level_of_a_season_weighs_rows():
    frame = training_frame()
    frame = frame[frame.as_of == frame.as_of.min()]
    dear = frame.label_eur > frame.label_eur.median()
    plain, weighed = (
        revenue_level(rows_of(f), HORIZON_DAYS).by_as_of[frame.as_of.iloc[0]]
        for f in (frame, frame.assign(weight=np.where(dear, 3.0, 1.0)))
    )
    expected = np.average(frame.label_eur, weights=np.where(dear, 3, 1)) / np.average(
        frame.btyd_clv_eur, weights=np.where(dear, 3, 1)
    )
    assert weighed == pytest.approx(expected)
    assert weighed > plain


def test_customers_without_weight_teach_nothing():
    frame = training_frame()
    ghosts = frame.sample(600, random_state=2).assign(label_eur=5_000.0, weight=0.0)
    ghosts["customer_id"] = "ghost-" + ghosts.customer_id
    both = pd.concat([frame.assign(weight=1.0), ghosts])
    settings = Settings(max_rounds=30, losses="tweedie,poisson,two-part")
    alone, haunted = (
        fit_base(f, HORIZON, settings, 1).pooled.forecast(scoring_frame()) for f in (frame, both)
    )
    assert haunted.clv_eur.sum() == pytest.approx(alone.clv_eur.sum(), rel=0.05)
    assert haunted.clv_eur.corr(alone.clv_eur) > 0.99


def test_snapshot_of_a_half_life_ago_counts_half():
    rows = rows_of(training_frame())
    newest = rows.snapshots[-1]
    ages = {(newest - day).days: day for day in rows.snapshots}
    age = sorted(ages)[2]
    fading = rows.fading(age)
    [now], [then] = (set(fading.weight[rows.at(day)]) for day in (newest, ages[age]))
    assert then == pytest.approx(now / 2)
    assert fading.weight.sum() == pytest.approx(len(rows))
    assert rows.fading(0) is rows


def test_cohorts_in_halves_leave_no_customer_and_no_signup_month_on_both_sides():
    frame = training_frame()
    fold, month = fold_of(frame, "signup_month"), signup_month(frame)
    assert (pd.Series(fold).groupby(frame.customer_id.to_numpy()).nunique() == 1).all()
    assert (pd.Series(fold).groupby(month).nunique() == 1).all()
    assert 0.3 < fold.mean() < 0.7
    by_customer = pd.Series(fold_of(frame, "customer")).groupby(month).nunique()
    assert (by_customer == 2).any()


def test_signup_month_is_that_of_the_signup_else_of_the_first_order_and_never_moves():
    day = date(2024, 3, 20)
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "c"],
            "as_of": [day, day, day, day + timedelta(days=31)],
            "signup_age_days": [20.0, np.nan, np.nan, np.nan],
            "tenure_days": [1.0, 19.0, 75.0, 5.0],  # the first order of c was cancelled after the first t0
        }
    )
    assert (signup_month(frame) - 12 * 2024).tolist() == [2, 3, 1, 1]


def test_trial_by_cohorts_grows_each_half_without_the_months_of_the_other():
    settings = Settings(folds_by="signup_month", max_rounds=10)
    shop = Workshop.of(training_frame(), HORIZON, settings, 1)
    frame = training_frame().sort_values(["as_of", "customer_id"])
    month = signup_month(frame)
    assert not set(month[shop.rows.fold == 0]) & set(month[shop.rows.fold == 1])


def test_every_expectation_is_of_a_number_and_says_why():
    assert set(EXPECTED) <= set(NUMERIC)
    assert all(expected.sign in {-1, 1} and expected.why for expected in EXPECTED.values())
    signs = monotone_signs(encoding())
    assert len(signs) == len(encoding().feature_types)
    assert signs[encoding().numeric.index("recency_days")] == -1
    assert set(signs[len(encoding().numeric) :]) == {0}
    assert not set(EXPECTED) & set(CATEGORICAL)


@pytest.mark.parametrize("name", ["tweedie", "poisson", "two-part", "squared-error", "log1p"])
def test_constrained_trees_never_lower_a_forecast_for_recent_revenue_nor_raise_it_for_silence(name):
    signs = monotone_signs(encoding())
    learner = LOSSES[name].fit(shoppers(), 40, trainer(monotone=signs))
    numeric = encoding().numeric
    inputs = to_score()
    for feature in ("monetary_90d_eur", "orders_90d", "recency_days", "web_views_30d"):
        place = numeric.index(feature)
        said = []
        for more in (0.0, 1.0, 30.0, 200.0):
            matrix = inputs.matrix.copy()
            matrix[:, place] += more
            said.append(learner.eur(replace(inputs, matrix=matrix)) * EXPECTED[feature].sign)
        assert (np.diff(said, axis=0) >= -1e-6).all(), feature
