"""The simulated feedback loop on a shop of a few hundred: chance is shared by the arms, budgets are kept."""

import numpy as np
import pytest

from bench.feedback import ARMS, CONTACTED_SHARE, NOBODY, campaigns, log_ratio, promising
from bench.feedback_lessons import lessons
from bench.feedback_net import added_by_contact, without_contact
from bench.feedback_shop import CAMPAIGN_CYCLES, CYCLES, FIRST_CAMPAIGN, Shop

PEOPLE = 200
BY_NAME = {arm.name: arm for arm in ARMS}


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(5)
    orders = (rng.random((PEOPLE, CYCLES)) < rng.beta(1, 4, PEOPLE)[:, None]).astype(float)
    orders[:, 0] = 1.0
    return Shop(
        customer_id=np.array([f"c{n:03}" for n in range(PEOPLE)], object),
        revenue_eur=orders * rng.lognormal(3.5, 0.6, PEOPLE)[:, None],
        orders=orders,
        views=rng.poisson(2, (PEOPLE, CYCLES)).astype(float),
        known=rng.integers(0, 3, (PEOPLE, 2)).astype(float),
        first=np.zeros(PEOPLE, np.int64),
        pull=rng.permutation(np.linspace(0, 0.6, PEOPLE)),
        leaves=np.where(np.arange(PEOPLE) < 40, FIRST_CAMPAIGN, CYCLES + 1.0),
    )


@pytest.fixture(scope="module")
def seasons(shop):
    return {name: campaigns(shop, BY_NAME[name], 1) for name in (NOBODY, "greedy", "exploration")}


def test_left_alone_the_shop_is_itself(shop, seasons):
    season, told = seasons[NOBODY]
    assert (season.revenue_eur == shop.revenue_eur).all()
    assert [each["contacts"] for each in told] == [0] * CAMPAIGN_CYCLES


def test_every_campaign_keeps_its_budget_and_only_the_contacted_bring_more(shop, seasons):
    for name in ("greedy", "exploration"):
        season, told = seasons[name]
        assert {each["contacts"] for each in told} == {PEOPLE * CONTACTED_SHARE}
        more = (season.revenue_eur > shop.revenue_eur).any(axis=1)
        assert more.any()
        assert season.contacted[more].any(axis=1).all()
        assert not more[:40].any()  # they have left: nothing draws them


def test_greedy_knows_no_chance_and_exploration_logs_one_for_everybody(seasons):
    greedy, exploring = (
        seasons[name][0].propensity[:, FIRST_CAMPAIGN:] for name in ("greedy", "exploration")
    )
    assert set(np.unique(greedy)) == {0.0, 1.0}
    assert ((exploring > 0) & (exploring < 1)).all()


def test_a_customer_contacted_in_both_arms_answers_alike(shop, seasons):
    first = FIRST_CAMPAIGN
    one, other = (seasons[name][0] for name in ("greedy", "exploration"))
    both = one.contacted[:, first] & other.contacted[:, first]
    assert both.any()
    assert (one.revenue_eur[both, first] == other.revenue_eur[both, first]).all()


def test_weights_make_the_contacted_of_every_propensity_the_same_share():
    chance = np.repeat([0.8, 0.2], 100)
    contacted = np.tile(np.arange(100), 2) < np.repeat([80, 20], 100)
    weight = np.exp(log_ratio(contacted, chance))
    for stratum in (slice(0, 100), slice(100, 200)):
        assert weight[stratum].sum() == pytest.approx(100)
        assert weight[stratum][contacted[stratum]].sum() == pytest.approx(50)


def test_the_log_of_a_lot_tells_what_contacting_adds_and_a_greedy_one_takes_value_for_effect(shop, seasons):
    greedy = lessons(seasons["greedy"][0], 1)
    exploring = lessons(seasons["exploration"][0], 1)
    assert greedy.added_eur - greedy.truly_added_eur > 15
    assert abs(exploring.added_eur - exploring.truly_added_eur) < 15  # some 25 contacts by lot
    assert 0 <= exploring.best_share <= 1
    assert exploring.by_lot_share == pytest.approx(
        shop.added_eur(CYCLES - 1).mean() * 20 / np.sort(shop.added_eur(CYCLES - 1))[-20:].sum()
    )


def test_what_a_contact_added_is_told_although_the_best_are_nearly_always_contacted():
    rng = np.random.default_rng(3)
    value = rng.gamma(2, 10, (6, 20_000))
    chance = np.where(value > 40, 0.9, 0.05)
    contacted = rng.random(chance.shape) < chance
    came = value + rng.normal(0, 10, chance.shape) + 8.0 * contacted
    waves = list(zip(came, 0.8 * value, contacted, chance, strict=True))  # of forecasts that are 20 % too low
    found = added_by_contact(waves)
    assert found == pytest.approx(8, abs=0.4)  # 4 standard errors
    assert came[contacted].mean() - came[~contacted].mean() > 20
    assert without_contact(came, contacted, found).mean() == pytest.approx(value.mean(), abs=0.5)


def test_a_log_that_leaves_nothing_to_chance_tells_of_no_effect():
    contacted = np.arange(10) < 5
    came = np.arange(10.0)
    assert added_by_contact([(came, came, contacted, contacted.astype(float))]) == 0.0
    assert (without_contact(came - 3, contacted, 2.0)[:3] == [-3.0, -2.0, -1.0]).all()


def test_the_promising_are_a_tenth_who_have_not_left(shop):
    assert promising(shop).sum() == PEOPLE // 10
    assert (shop.leaves[promising(shop)] > FIRST_CAMPAIGN).all()
