"""The true expected net revenue after a t₀, from the latent state then; nothing realised later enters.

Conditions on: the customer's own parameters; whether it has ordered, has left, is in an off spell; the stage
of its gap; its orders (which may set off others) and their lines (which may be refunded) before t₀. Time
enters through the calendar's seasons and prices. Refunds count when paid (cash view), cancellations at once.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.world import parameters as p
from app.world import seasons
from app.world.chunk import Chunk
from app.world.customers import Flags, Population, of_kind
from app.world.refunds import PAID_BACK, expected_return_share, line_return_share, refunded_within
from app.world.seasons import Floats, Ints

STEP_DAYS = 5.0
"""Grid of the time integrals: the rates change little within it."""
CONVERSION_STEPS = 15


@dataclass(frozen=True)
class State:
    """The latent state at t₀ of customers who have ordered; `due` is the expected number of follow-ups."""

    alive: Flags
    on: Flags
    stage: Ints
    due: Floats


def expected_net_eur(chunk: Chunk, day: int, horizon_days: int) -> Floats:
    """Return E[net revenue in [day, day + horizon)] of each member, NaN for those not signed up by then."""
    everyone = chunk.population.take(np.arange(chunk.members))
    end = float(day + horizon_days)
    expected = np.full(chunk.members, np.nan)
    buyers = np.flatnonzero(everyone.first_order < day)
    state = _state(chunk, float(day), buyers)
    own = everyone.take(buyers)
    expected[buyers] = _revenue(own, state, own.first_order, float(day), end)
    expected[buyers] -= _pending_refunds(chunk, float(day), end)[buyers]
    leads = np.flatnonzero((everyone.signup < day) & (everyone.first_order >= day))
    expected[leads] = _revenue_of_leads(everyone.take(leads), float(day), end)
    return expected


def renewals(events: Floats, stages: Ints, stage: Ints) -> Floats:
    """Return E[floor((stage + N) / stages)] for N ~ Poisson(events): every `stages`-th event orders.

    events : (customers, times); stages, stage : (customers,). Exact: the mean of (stage + N) mod stages
    follows from the Poisson generating function at the roots of unity.
    """
    orders = events.copy()
    for k in np.unique(stages[stages > 1]):
        rows = stages == k
        mean, start = events[rows], stage[rows][:, None]
        residue = np.full(mean.shape, (k - 1) / 2)
        for m in range(1, int(k)):
            root = np.exp(2j * np.pi * m / k)
            residue += (root**start * np.exp(mean * (root - 1)) / (1 / root - 1)).real
        orders[rows] = (start + mean - residue) / k
    return orders


def _state(chunk: Chunk, day: float, buyers: Ints) -> State:
    everyone, purchases = chunk.population, chunk.purchases
    size = len(everyone)
    passed = np.bincount(purchases.stage_customer[purchases.stage_day < day], minlength=size)
    stages = of_kind("stages", everyone.kind).astype(np.int64)
    sources = np.concatenate([np.arange(size), purchases.stage_customer])
    days = np.concatenate([everyone.first_order, purchases.stage_day])
    before = days < day
    ages = day - days[before]
    due = np.bincount(sources[before], np.exp(-ages / p.FOLLOW_UP_DAYS), size) * of_kind(
        "follow_ups", everyone.kind
    )
    age = day - everyone.first_order
    off = (everyone.switches <= age[:, None]).sum(axis=1) % 2 == 1
    return State((everyone.end > day)[buyers], ~off[buyers], (passed % stages)[buyers], due[buyers])


def _revenue(population: Population, state: State, origin: Floats, begin: float, end: float) -> Floats:
    """Return E[net revenue in [begin, end)] of customers whose first order was at `origin`."""
    edges = np.linspace(begin, end, int(np.ceil((end - begin) / STEP_DAYS)) + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    age = np.maximum(middle - origin[:, None], 0.0)
    stages = of_kind("stages", population.kind)
    events = _seasonal_years(population, edges) * (population.orders_per_year * stages)[:, None]
    events *= np.exp(-population.fade_per_day[:, None] * age) * _on_share(
        population, state.on, middle - begin
    )
    total = np.hstack([np.zeros((len(origin), 1)), events.cumsum(axis=1)])
    orders = np.diff(renewals(total, stages.astype(np.int64), state.stage), axis=1)
    orders *= _staying(population, np.maximum(edges - origin[:, None], 0.0)) * state.alive[:, None]
    orders += _follow_ups(population, orders, state.due, edges)
    return np.asarray((orders * _order_value(population, age, middle, end)).sum(axis=1))


def _follow_ups(population: Population, orders: Floats, due: Floats, edges: Floats) -> Floats:
    """Return the follow-ups per step: of orders before t₀ where they fall, of later ones with their order."""
    mean = of_kind("follow_ups", population.kind)[:, None]
    in_time = -np.expm1(-(edges[-1] - (edges[:-1] + edges[1:]) / 2) / p.FOLLOW_UP_DAYS)
    waiting = np.exp(-(edges - edges[0]) / p.FOLLOW_UP_DAYS)
    return np.asarray(orders * mean * in_time - due[:, None] * np.diff(waiting))


def _order_value(population: Population, age: Floats, middle: Floats, end: float) -> Floats:
    """Return (customers, steps) the net value of an order, less what is cancelled or paid back by `end`."""
    basket = np.interp(middle, np.arange(seasons.ALL_DAYS) + 0.5, seasons.BASKET)
    value = population.basket_eur[:, None] * np.exp(population.drift_per_year[:, None] * age / 365.0) * basket
    returned = expected_return_share(population)[:, None] * refunded_within(end - middle)
    return np.asarray(value * (1 - returned) * (1 - p.CANCELLED_SHARE))


def _revenue_of_leads(population: Population, begin: float, end: float) -> Floats:
    """Return E[net revenue in [begin, end)] of customers whose first order comes at a constant hazard."""
    size = len(population)
    follow_ups = of_kind("follow_ups", population.kind)
    fresh = State(np.ones(size, bool), np.ones(size, bool), np.zeros(size, np.int64), follow_ups)
    hazard = population.conversions_per_year / 365.0
    edges = np.linspace(begin, end, CONVERSION_STEPS + 1)
    total = np.zeros(size)
    for low, high in itertools.pairwise(edges):
        day = (low + high) / 2
        chance = np.exp(-hazard * (low - begin)) - np.exp(-hazard * (high - begin))
        first = _order_value(population, np.zeros((size, 1)), np.array([day]), end)[:, 0]
        total += chance * (first + _revenue(population, fresh, np.full(size, day), day, end))
    return total


def _pending_refunds(chunk: Chunk, begin: float, end: float) -> Floats:
    """Return the net value expected to be paid back in [begin, end) for orders before `begin`."""
    orders, lines = chunk.orders, chunk.lines
    mine = np.flatnonzero(orders.day[lines.order] < begin)
    order = lines.order[mine]
    bought = orders.day[order]
    paid = refunded_within(end - bought) - refunded_within(begin - bought)
    share = line_return_share(chunk.population, orders, lines)[mine] * PAID_BACK
    back = lines.net_eur[mine] * share * paid
    return np.asarray(np.bincount(orders.customer[order], back, len(chunk.population)), dtype=np.float64)


def _seasonal_years(population: Population, edges: Floats) -> Floats:
    """Return (customers, steps) the seasonal years within each step."""
    days = np.arange(seasons.ALL_DAYS + 1, dtype=np.float64)
    passed = np.stack([np.interp(edges, days, course) for course in seasons.CUMULATIVE])
    return np.diff(passed, axis=1)[population.season]


def _on_share(population: Population, on: Flags, later: Floats) -> npt.NDArray[np.float64]:
    """Return P(interest is on) at times `later`, given whether it is now: a two-state Markov chain."""
    goes_off, goes_on = 1 / population.on_days[:, None], 1 / population.off_days[:, None]
    usual = goes_on / (goes_off + goes_on)
    return np.asarray(usual + (on[:, None] - usual) * np.exp(-(goes_off + goes_on) * later))


def _staying(population: Population, ages: Floats) -> Floats:
    """Return (customers, steps) P(still there in the step | there at the first edge), Weibull lifetimes."""
    stays = np.ones(ages.shape)
    leave = np.isfinite(population.lifetime_scale)
    shape = of_kind("lifetime_shape", population.kind[leave])[:, None]
    hazard = (ages[leave] / population.lifetime_scale[leave, None]) ** shape
    stays[leave] = np.exp(hazard[:, :1] - hazard)
    return np.asarray((stays[:, :-1] + stays[:, 1:]) / 2)
