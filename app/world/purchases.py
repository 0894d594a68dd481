"""When customers buy: a seasonal process per customer, regular, fading, switching or in bursts by kind."""

from dataclasses import dataclass

import numpy as np

from app.world import parameters as p
from app.world import seasons
from app.world.customers import Flags, Population, of_kind
from app.world.seasons import Floats, Ints


@dataclass(frozen=True)
class Purchases:
    """Orders by (customer, day), and the stage events behind them, which are part of the latent state.

    An order is the first order, every `stages`-th stage event of the customer, or a follow-up of these.
    """

    customer: Ints
    day: Floats
    first: Flags
    stage_customer: Ints
    stage_day: Floats


def activity(population: Population, customer: Ints, day: Floats) -> Floats:
    """Return the share of a customer's rate that is left on `day` by fading and switching, while it stays."""
    age = np.maximum(day - population.first_order[customer], 0.0)
    left: Floats = np.exp(-population.fade_per_day[customer] * age)
    spells = np.isfinite(population.on_days)[customer]
    off = (population.switches[customer[spells]] <= age[spells][:, None]).sum(axis=1) % 2 == 1
    left[spells] *= ~off
    return left


def draw_purchases(rng: np.random.Generator, population: Population) -> Purchases:
    """Return all orders up to the end of the calendar."""
    stage_customer, stage_day = _stage_events(rng, population)
    position = np.arange(len(stage_customer)) - np.searchsorted(stage_customer, stage_customer)
    stages = of_kind("stages", population.kind[stage_customer])
    repeat = (position + 1) % stages == 0
    bought = np.flatnonzero(population.first_order < seasons.DAYS)
    sources = np.concatenate([bought, stage_customer[repeat]])
    source_day = np.concatenate([population.first_order[bought], stage_day[repeat]])
    follow_customer, follow_day = _follow_ups(rng, population, sources, source_day)
    customer = np.concatenate([sources, follow_customer])
    day = np.concatenate([source_day, follow_day])
    first = np.arange(len(customer)) < len(bought)
    order = np.lexsort((day, customer))
    return Purchases(customer[order], day[order], first[order], stage_customer, stage_day)


def _stage_events(rng: np.random.Generator, population: Population) -> tuple[Ints, Floats]:
    """Return (customer, day) of the stage events, sorted, from the day after the first order on."""
    begin = np.minimum(np.floor(population.first_order) + 1, seasons.DAYS)
    end = np.maximum(np.minimum(population.end, seasons.DAYS), begin)
    low = seasons.seasonal_years(population.season, begin)
    span = seasons.seasonal_years(population.season, end) - low
    rate = population.orders_per_year * of_kind("stages", population.kind) * population.member
    customer = np.repeat(np.arange(len(population)), rng.poisson(rate * span))
    years = low[customer] + rng.random(len(customer)) * span[customer]
    day = seasons.day_at(population.season[customer], years)
    kept = (rng.random(len(customer)) < activity(population, customer, day)) & (day < seasons.DAYS)
    customer, day = customer[kept], np.floor(day[kept]) + seasons.time_of_day(rng, int(kept.sum()))
    order = np.lexsort((day, customer))
    return customer[order], day[order]


def _follow_ups(
    rng: np.random.Generator, population: Population, source: Ints, day: Floats
) -> tuple[Ints, Floats]:
    """Return (customer, day) of the orders that other orders set off; leaving does not stop them."""
    mean = of_kind("follow_ups", population.kind[source]) * population.member[source]
    parent = np.repeat(np.arange(len(source)), rng.poisson(mean))
    later = day[parent] + rng.exponential(p.FOLLOW_UP_DAYS, len(parent))
    kept = later < seasons.DAYS
    return source[parent][kept], later[kept]
