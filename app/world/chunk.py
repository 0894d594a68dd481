"""One chunk of the marketplace: all about its customers, from the seed and the chunk's number alone."""

from dataclasses import dataclass

import numpy as np

from app.world.baskets import Lines, Orders, draw_lines, draw_orders
from app.world.catalogue import Catalogue
from app.world.customers import Population, draw_population
from app.world.engagement import Events, draw_email_events, draw_web_events
from app.world.purchases import Purchases, draw_purchases
from app.world.refunds import Refunds, draw_refunds
from app.world.seasons import Floats


@dataclass(frozen=True)
class Chunk:
    """What happened to the chunk's customers, free of faults; `faults` draws what goes wrong in delivery."""

    number: int
    members: int
    population: Population
    purchases: Purchases
    orders: Orders
    lines: Lines
    refunds: Refunds
    web: Events
    email: Events
    faults: np.random.Generator

    def net_eur(self) -> Floats:
        """Return each member's net revenue up to the end, cancellations and refunds taken off."""
        kept = np.isnan(self.orders.cancelled)
        size = len(self.population)
        sold = np.bincount(self.orders.customer[kept], self.orders.net_eur[kept], size)
        refunder = self.orders.customer[self.lines.order[self.refunds.line]]
        return np.asarray((sold - np.bincount(refunder, self.refunds.net_eur, size))[: self.members])


def draw_chunk(seed: int, number: int, members: int, catalogue: Catalogue, rates: Floats) -> Chunk:
    """Return chunk `number` with `members` customers; `rates` is [currency, day] per EUR.

    Each part draws from its own stream, so that a change of one leaves the others as they were.
    """
    streams = np.random.SeedSequence((seed, number)).spawn(5)
    people, buying, money, engagement, faults = (np.random.default_rng(stream) for stream in streams)
    population = draw_population(people, members)
    purchases = draw_purchases(buying, population)
    orders = draw_orders(money, population, purchases, rates)
    lines = draw_lines(money, population, orders, catalogue)
    return Chunk(
        number=number,
        members=members,
        population=population,
        purchases=purchases,
        orders=orders,
        lines=lines,
        refunds=draw_refunds(money, population, orders, lines),
        web=draw_web_events(engagement, population, orders),
        email=draw_email_events(engagement, population),
        faults=faults,
    )
