"""What comes back: which lines are refunded, when, and when the source records it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from app.world import parameters as p
from app.world import seasons
from app.world.baskets import Lines, Orders, contained_vat
from app.world.customers import Population
from app.world.seasons import Floats, Ints

PAID_BACK = 1 - p.PARTIAL_REFUND_SHARE / 2
"""Mean share of a refunded line that is paid back."""
_RETURNS = np.array(p.RETURN_SHARES)


@dataclass(frozen=True)
class Refunds:
    """Refunds paid and recorded before the end; cents of the order's currency."""

    line: Ints
    day: Floats
    recorded: Floats
    amount: Ints
    tax: Ints
    net_eur: Floats


def line_return_share(population: Population, orders: Orders, lines: Lines) -> Floats:
    """Return for each line the probability that it is refunded; none of a cancelled order."""
    share = np.minimum(
        population.returns[orders.customer[lines.order]] * _RETURNS[lines.category], p.MAX_RETURN_SHARE
    )
    return np.asarray(share * np.isnan(orders.cancelled)[lines.order])


def expected_return_share(population: Population) -> Floats:
    """Return for each customer the expected share of an order's net value that is paid back in the end."""
    by_category = np.minimum(population.returns[:, None] * _RETURNS, p.MAX_RETURN_SHARE)
    base = by_category @ np.array(p.BASE_CATEGORY_SHARES)
    favourite = by_category[np.arange(len(population)), population.favourite]
    return np.asarray(PAID_BACK * (p.FAVOURITE_SHARE * favourite + (1 - p.FAVOURITE_SHARE) * base))


def refunded_within(days: Floats) -> Floats:
    """Return the share of refunds paid within `days` of the order."""
    days = np.maximum(days, 0.0)
    usual = gammainc(p.REFUND_SHAPE, days * p.REFUND_SHAPE / p.REFUND_MEAN_DAYS)
    late = -np.expm1(-np.maximum(days - p.LATE_REFUND_AFTER_DAYS, 0.0) / p.LATE_REFUND_MEAN_DAYS)
    return np.asarray((1 - p.LATE_REFUND_SHARE) * usual + p.LATE_REFUND_SHARE * late, dtype=np.float64)


def draw_refunds(rng: np.random.Generator, population: Population, orders: Orders, lines: Lines) -> Refunds:
    """Return the refunds."""
    line = np.flatnonzero(rng.random(len(lines.order)) < line_return_share(population, orders, lines))
    size = len(line)
    usual = rng.gamma(p.REFUND_SHAPE, p.REFUND_MEAN_DAYS / p.REFUND_SHAPE, size)
    late = p.LATE_REFUND_AFTER_DAYS + rng.exponential(p.LATE_REFUND_MEAN_DAYS, size)
    delay = np.where(rng.random(size) < p.LATE_REFUND_SHARE, late, usual)
    day = orders.day[lines.order[line]] + delay
    lag = np.where(
        rng.random(size) < p.LATE_RECORD_SHARE,
        rng.uniform(*p.LATE_RECORD_DAYS, size),
        rng.exponential(0.1, size),
    )
    half = rng.random(size) < p.PARTIAL_REFUND_SHARE
    paid = lines.paid[line]
    amount = np.where(half, paid // 2, paid)
    net_eur = lines.net_eur[line] * np.where(half, 0.5, 1.0)
    known = (day + lag < seasons.DAYS) & (amount > 0)
    line, amount = line[known], amount[known]
    tax = contained_vat(amount, lines.vat[line])
    return Refunds(line, day[known], (day + lag)[known], amount, tax, net_eur[known])
