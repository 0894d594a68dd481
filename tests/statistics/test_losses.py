"""Each loss learns what it says: a mean, or for the absolute error a median; saved, repeatable, of any currency."""

from dataclasses import replace

import numpy as np
import pytest

from clv.errors import UserError
from clv.metrics import calibration_ratio, normalised_gini
from clv.models.losses.catalogue import LOSSES, load_learner
from clv.models.losses.log1p import smearing
from clv.models.losses.quantiles import LEVELS, quantiles_eur
from clv.models.losses.tweedie import Tweedie
from clv.settings import Settings
from tests.statistics.lessons import GROWTH, ROUNDS, known, one_feature, shoppers, to_score, trainer
from tests.statistics.shoppers import scoring_frame
from training.losses import named_losses


@pytest.fixture(scope="module", params=sorted(LOSSES))
def learner(request):
    return LOSSES[request.param].fit(shoppers(), ROUNDS, trainer())


@pytest.fixture(scope="module")
def two_halves():
    """Two kinds of customers: one buys with .2 for 10 to 90, the other with .6 for 20 to 180, median 0 and 40."""
    rng = np.random.default_rng(5)
    kind = np.repeat([0.0, 1.0], 4_000)
    spent = rng.choice([10.0, 20.0, 50.0, 90.0], 8_000) * (1 + kind)
    return np.where(rng.random(8_000) < 0.2 + 0.4 * kind, spent, 0.0), kind


def test_saved_and_loaded_learner_says_the_same_bytes(learner, tmp_path):
    learner.save(tmp_path)
    loaded = load_learner(learner.to_dict(), tmp_path)
    np.testing.assert_array_equal(loaded.eur(to_score()), learner.eur(to_score()))
    assert loaded.to_dict() == learner.to_dict()


def test_forecast_is_finite_never_negative_and_ranks_better_than_the_prior(learner):
    frame, said = scoring_frame(), learner.eur(to_score())
    assert np.isfinite(said).all()
    assert (said >= 0).all()
    better = normalised_gini(frame.true_eur, said) - normalised_gini(frame.true_eur, frame.btyd_clv_eur)
    assert better > 0.02 or learner.loss.name == "absolute-error"


def test_forecast_follows_the_currency(learner):
    money = {"btyd_eur", "trailing_eur", "btyd_spend_eur"}
    told = shoppers()

    def dear(inputs):
        return replace(inputs, **{name: 128.0 * getattr(inputs, name) for name in money})

    lesson = told._replace(inputs=dear(told.inputs), revenue_eur=128.0 * told.revenue_eur)
    again = learner.loss.fit(lesson, ROUNDS, trainer())
    np.testing.assert_allclose(again.eur(dear(to_score())), 128 * learner.eur(to_score()), rtol=1e-4)


def test_later_rows_end_the_growth_of_every_booster(learner):
    told = shoppers()
    last = told.inputs.as_of == told.inputs.as_of.max()
    found = learner.loss.fit(told.where(~last), told.where(last), trainer())
    assert found.rounds.keys() == learner.rounds.keys()
    assert all(0 < rounds <= GROWTH.max_rounds for rounds in found.rounds.values())
    again = learner.loss.fit(told.where(~last), found.rounds, trainer())
    np.testing.assert_array_equal(again.eur(to_score()), found.eur(to_score()))


@pytest.mark.parametrize("name", ["squared-error", "tweedie", "two-part"])
def test_losses_of_the_mean_find_the_mean_of_two_kinds_of_customers(name, two_halves):
    revenue, kind = two_halves
    lesson = known(revenue, kind, p=0.4)
    said = LOSSES[name].fit(lesson, 60, one_feature()).eur(lesson.inputs)
    for which in (0, 1):
        assert said[kind == which].mean() == pytest.approx(revenue[kind == which].mean(), rel=0.05)


def test_absolute_error_finds_the_median_not_the_mean(two_halves):
    revenue, kind = two_halves
    lesson = known(revenue, kind)
    said = LOSSES["absolute-error"].fit(lesson, 80, one_feature()).eur(lesson.inputs)
    assert said[kind == 0].max() < 0.01 * revenue[kind == 0].mean() < revenue[kind == 0].mean()
    assert said[kind == 1].mean() == pytest.approx(np.median(revenue[kind == 1]), abs=2)


def test_smearing_brings_the_mean_of_a_lognormal_back_and_log1p_uses_it():
    rng = np.random.default_rng(6)
    residual = rng.normal(0, 0.8, 200_000)
    assert smearing(residual, np.ones(200_000)) == pytest.approx(np.exp(0.8**2 / 2), rel=0.01)
    revenue = 1_000 * np.exp(rng.normal(0, 0.5, 8_000))
    lesson = known(revenue, rng.random(8_000))
    said = LOSSES["log1p"].fit(lesson, 5, one_feature()).eur(lesson.inputs)
    assert said.mean() == pytest.approx(revenue.mean(), rel=0.02)


def test_poisson_finds_the_orders_and_pays_the_priors_spend():
    rng = np.random.default_rng(7)
    kind = np.repeat([0.0, 1.0], 4_000)
    orders = rng.poisson(0.5 + 1.5 * kind).astype(float)
    lesson = known(20 * orders, kind, orders=orders)
    said = LOSSES["poisson"].fit(lesson, 60, one_feature()).eur(lesson.inputs)
    for which, mean in ((0, 10), (1, 40)):
        assert said[kind == which].mean() == pytest.approx(mean, rel=0.05)


def test_quantiles_rise_and_hold_the_share_they_promise():
    rng = np.random.default_rng(8)
    kind = np.repeat([0.0, 1.0], 4_000)
    revenue = rng.exponential(20 + 80 * kind)
    lesson = known(revenue, kind)
    found = LOSSES["quantiles"].fit(lesson, 80, one_feature())
    at = quantiles_eur(found, lesson.inputs)
    assert (np.diff(at, axis=1) >= 0).all()
    for which in (0, 1):
        below = (revenue[kind == which, None] <= at[kind == which]).mean(axis=0)
        np.testing.assert_allclose(below, LEVELS, atol=0.03)


def test_shoppers_total_is_right_in_every_loss_of_the_mean(learner):
    told = shoppers()
    total = calibration_ratio(told.revenue_eur, learner.eur(told.inputs))
    if learner.loss.name == "absolute-error":
        assert total < 0.8
    else:
        duan = learner.loss.name == "log1p"  # residuals of those who may not return are not those of regulars
        assert total == pytest.approx(1, abs=0.15 if duan else 0.06)


def test_weights_count_rows_as_often_as_they_say(two_halves):
    revenue, kind = two_halves
    same = np.zeros_like(kind)
    lesson = known(revenue, same, weight=1 + 3 * kind, p=0.4)
    for name in ("squared-error", "tweedie", "two-part", "ziln"):
        said = LOSSES[name].fit(lesson, 60, one_feature()).eur(lesson.inputs)
        assert said.mean() == pytest.approx(np.average(revenue, weights=1 + 3 * kind), rel=0.05), name


def test_settings_name_the_losses_and_the_power():
    tweedie, poisson = named_losses(Settings(losses="tweedie, poisson", tweedie_power=1.5))
    assert tweedie == Tweedie(1.5)
    assert poisson.name == "poisson"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(losses="tweedy"), "losses: unknown 'tweedy': give some of tweedie, squared-error"),
        (Settings(losses="ziln,ziln"), "losses: a name stands twice"),
        (Settings(tweedie_power=2.0), "tweedie_power is 2.0: give a number between 1 and 2"),
    ],
)
def test_unknown_losses_and_powers_are_refused(settings, says):
    with pytest.raises(UserError, match=says):
        named_losses(settings)


def test_model_of_a_loss_unknown_here_asks_for_a_new_training(tmp_path):
    with pytest.raises(UserError, match="loss focal is not known here; train again"):
        load_learner({"loss": "focal", "files": {}, "numbers": {}}, tmp_path)
