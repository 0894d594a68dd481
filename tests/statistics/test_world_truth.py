"""The marketplace's truth: right in simulation, in every kind and latent state, and blind to the future."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from app.importers.ecb import ecb_rates
from app.world import parameters as p
from app.world import seasons
from app.world.catalogue import draw_catalogue
from app.world.chunk import Chunk, draw_chunk
from app.world.rates import daily_rates
from app.world.truth import expected_net_eur, renewals

SEED = 5
BACKTEST = seasons.day_of(p.BACKTEST_AS_OF)


@cache
def rates() -> seasons.Floats:
    return daily_rates(ecb_rates())


def drawn_chunk(number: int, members: int) -> Chunk:
    return draw_chunk(SEED, number, members, draw_catalogue(SEED), rates())


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return drawn_chunk(1, p.CHUNK_CUSTOMERS)


def latent_states(chunk: Chunk) -> pd.DataFrame:
    people, purchases, size = chunk.population, chunk.purchases, len(chunk.population)
    stages = np.array([kind.stages for kind in p.KINDS])[people.kind]
    passed = np.bincount(purchases.stage_customer[purchases.stage_day < BACKTEST], minlength=size)
    recent = (purchases.day < BACKTEST) & (purchases.day >= BACKTEST - 10)
    switched = (people.switches <= (BACKTEST - people.first_order)[:, None]).sum(axis=1)
    gone = people.end <= BACKTEST
    columns = {
        "lead": people.first_order >= BACKTEST,
        "gone": gone,
        "stage of those who stay": np.where(gone, -1, passed % stages),
        "off": switched % 2 == 1,
        "recent": np.bincount(purchases.customer[recent], minlength=size) > 0,
    }
    return pd.DataFrame(columns).iloc[: chunk.members]


def future_net_eur(chunk: Chunk, days: int) -> seasons.Floats:
    orders, refunds, size = chunk.orders, chunk.refunds, len(chunk.population)
    sold = (orders.day >= BACKTEST) & (orders.day < BACKTEST + days) & np.isnan(orders.cancelled)
    back = (refunds.day >= BACKTEST) & (refunds.day < BACKTEST + days)
    refunder = orders.customer[chunk.lines.order[refunds.line[back]]]
    net = np.bincount(orders.customer[sold], orders.net_eur[sold], size)
    return np.asarray(net - np.bincount(refunder, refunds.net_eur[back], size))[: chunk.members]


@pytest.mark.parametrize("name", [kind.name for kind in p.KINDS])
def test_the_truth_agrees_with_simulation_in_every_latent_state_of_a_kind(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = (
        # More of them wait for their first order than really do, else too few are leads to judge.
        dataclasses.replace(
            kind, share=float(kind.name == name), orders_at_signup=0.4, conversions_per_year=0.8
        )
        for kind in p.KINDS
    )
    monkeypatch.setattr(p, "KINDS", tuple(alone))
    chunk = drawn_chunk(7, 7_000)
    states = latent_states(chunk)
    for days in (40, 365):
        net, expected = future_net_eur(chunk, days), expected_net_eur(chunk, BACKTEST, days)
        # In units of the customer's own basket, lest a few large ones hide the rest.
        error = (net - expected) / chunk.population.basket_eur[: chunk.members]
        for state in map(str, states.columns):
            for value, rows in states[~np.isnan(error)].groupby(state).groups.items():
                if (net[rows] != 0).sum() >= 100:
                    limit = 4 * error[rows].std() / np.sqrt(len(rows))
                    assert abs(error[rows].mean()) < limit, (days, state, value)


def test_the_truth_sees_nothing_that_was_realised_after_t0(chunk: Chunk) -> None:
    before = expected_net_eur(chunk, BACKTEST, 365)
    people, later = chunk.population, chunk.orders.day >= BACKTEST
    stays = people.end > BACKTEST
    other = dataclasses.replace(
        chunk,
        population=dataclasses.replace(
            people,
            lifetime=np.where(stays, people.lifetime + 1000, people.lifetime),
            first_order=np.where(
                people.first_order >= BACKTEST, people.first_order + 500, people.first_order
            ),
        ),
        orders=dataclasses.replace(chunk.orders, net_eur=chunk.orders.net_eur * np.where(later, 10, 1)),
        lines=dataclasses.replace(
            chunk.lines, net_eur=chunk.lines.net_eur * np.where(later[chunk.lines.order], 10, 1)
        ),
    )
    np.testing.assert_array_equal(before, expected_net_eur(other, BACKTEST, 365))


def test_who_has_left_is_worth_only_the_refunds_still_to_come(chunk: Chunk) -> None:
    expected = expected_net_eur(chunk, BACKTEST, 365)
    people = chunk.population.take(np.arange(chunk.members))
    left = (people.end <= BACKTEST) & (people.kind != [kind.name for kind in p.KINDS].index("business"))
    assert left.sum() > 500
    assert (expected[left] <= 0).all()


@settings(max_examples=60)
@given(events=st.floats(0, 60), stages=st.integers(1, 5), stage=st.integers(0, 4))
def test_expected_renewals_equal_the_sum_over_the_poisson_distribution(
    events: float, stages: int, stage: int
) -> None:
    stage = min(stage, stages - 1)
    counts = np.arange(400)
    direct = (poisson.pmf(counts, events) * ((stage + counts) // stages)).sum()
    got = renewals(np.array([[events]]), np.array([stages]), np.array([stage]))
    assert got[0, 0] == pytest.approx(direct, abs=1e-9)


def test_replenishers_come_more_regularly_than_bargain_hunters(chunk: Chunk) -> None:
    kinds = [kind.name for kind in p.KINDS]
    gaps = pd.DataFrame({"who": chunk.purchases.customer, "day": chunk.purchases.day})
    gaps["gap"] = gaps.groupby("who").day.diff()
    spread = gaps.dropna().groupby("who").gap.agg(["mean", "std", "count"]).query("count >= 8")
    variation = spread["std"] / spread["mean"]
    kind = chunk.population.kind[variation.index]
    regular = variation[kind == kinds.index("replenisher")].median()
    assert 0.4 < regular < 0.7
    assert variation[kind == kinds.index("bargain_hunter")].median() > regular + 0.2
