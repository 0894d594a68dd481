"""What customers do in the shop and with e-mails: the interest behind their orders, with its own noise."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.world import parameters as p
from app.world import seasons
from app.world.baskets import Orders
from app.world.customers import Population
from app.world.purchases import activity
from app.world.seasons import Floats, Ints

Codes = npt.NDArray[np.integer[Any]]
_APP = p.DEVICES.index("app")
_INSTALL = 4
_VISIT_SECONDS = 900
_LAST_US = seasons.END_US - 1_000_000
_GENERAL = p.SEASONS.index("general")


@dataclass(frozen=True)
class Events:
    """Events; `ts` in microseconds since 1970, codes index the contract's types and the devices."""

    customer: Codes
    ts: Ints
    type: Codes
    device: Codes


def interest(population: Population, customer: Ints, day: Floats, dormant: float) -> Floats:
    """Return how much of a customer's interest is left on `day`; `dormant` of it stays without any rate."""
    active = activity(population, customer, day) * (day < population.end[customer])
    novelty = np.exp(-np.maximum(day - population.signup[customer], 0.0) / p.NOVELTY_DAYS)
    novelty = p.NOVELTY_FLOOR + (1 - p.NOVELTY_FLOOR) * novelty
    left: Floats = novelty * (dormant + (1 - dormant) * active)
    return left


def draw_web_events(rng: np.random.Generator, population: Population, orders: Orders) -> Events:
    """Return visits without and with an order, and installations of the app, of members."""
    visitor, visit_day = _visits(rng, population)
    ordered = np.flatnonzero(population.member[orders.customer])
    browsing = _burst(
        rng, visitor, visit_day, _devices(rng, population, visitor), (p.EVENTS_PER_VISIT, p.VISIT_TYPES)
    )
    begin = orders.day[ordered] - rng.uniform(3, 25, len(ordered)) / 1440
    begin = np.maximum(begin, population.signup[orders.customer[ordered]])
    buying = _burst(
        rng,
        orders.customer[ordered],
        begin,
        orders.device[ordered],
        (p.EVENTS_PER_ORDER, p.ORDER_VISIT_TYPES),
    )
    installed = np.flatnonzero(population.member & (population.device == _APP))
    installs = Events(
        installed.astype(np.int32),
        seasons.microseconds(population.signup[installed]),
        np.full(len(installed), _INSTALL, np.int8),
        np.full(len(installed), _APP, np.int8),
    )
    return _joined(installs, browsing, buying)


def draw_email_events(rng: np.random.Generator, population: Population) -> Events:
    """Return opens and clicks: only of members who consented, and until they opt out."""
    until = np.minimum(population.opt_out, seasons.DAYS)
    span = np.maximum(until - population.signup, 0.0) * (population.consent & population.member)
    customer = np.repeat(
        np.arange(len(span)), rng.poisson(p.MAILS_PER_YEAR * population.open_share * span / 365)
    )
    day = population.signup[customer] + rng.random(len(customer)) * span[customer]
    kept = rng.random(len(customer)) < interest(population, customer, day, p.DORMANT_OPENS)
    opener, opened = customer[kept], seasons.microseconds(day[kept])
    device = _devices(rng, population, opener)
    clicks = np.flatnonzero(rng.random(len(opener)) < p.CLICKS_PER_OPEN)
    later = np.minimum(opened[clicks] + rng.integers(5, 300, len(clicks)) * 1_000_000, _LAST_US)
    opens = Events(opener, opened, np.zeros(len(opener), np.int8), device)
    clicked = Events(opener[clicks], later, np.ones(len(clicks), np.int8), device[clicks])
    return _joined(opens, clicked)


def _visits(rng: np.random.Generator, population: Population) -> tuple[Ints, Floats]:
    """Return (customer, day) of the visits that lead to no order."""
    season = np.full(len(population), _GENERAL, dtype=np.int64)
    low = seasons.seasonal_years(season, np.floor(population.signup) + 1.0)
    span = np.maximum(seasons.CUMULATIVE[_GENERAL, seasons.DAYS] - low, 0.0)
    customer = np.repeat(np.arange(len(span)), rng.poisson(population.interest * population.member * span))
    years = low[customer] + rng.random(len(customer)) * span[customer]
    day = seasons.day_at(season[customer], years)
    kept = rng.random(len(customer)) < interest(population, customer, day, p.DORMANT_INTEREST)
    customer, day = customer[kept], day[kept]
    return customer, np.floor(day) + seasons.time_of_day(rng, len(day))


def _devices(rng: np.random.Generator, population: Population, customer: Ints) -> Ints:
    other = rng.choice(len(p.DEVICES), len(customer), p=(0.55, 0.3, 0.05, 0.1))
    return np.where(rng.random(len(customer)) < 0.7, population.device[customer], other)


def _burst(
    rng: np.random.Generator, customer: Ints, day: Floats, device: Ints, what: tuple[float, tuple[float, ...]]
) -> Events:
    """Return the events of visits: `what` is their mean number and the shares of their types."""
    mean, shares = what
    visit = np.repeat(np.arange(len(customer)), rng.geometric(1 / mean, len(customer)))
    table = np.searchsorted(np.cumsum(shares) - 1e-9, (np.arange(256) + 0.5) / 256).astype(np.int8)
    within = rng.integers(0, _VISIT_SECONDS, len(visit), dtype=np.int32) * np.int64(1_000_000)
    return Events(
        customer.astype(np.int32)[visit],
        np.minimum(seasons.microseconds(day)[visit] + within, _LAST_US),
        table[rng.integers(0, 256, len(visit), dtype=np.uint8)],
        device.astype(np.int8)[visit],
    )


def _joined(*parts: Events) -> Events:
    return Events(
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.ts for part in parts]),
        np.concatenate([part.type for part in parts]),
        np.concatenate([part.device for part in parts]),
    )
