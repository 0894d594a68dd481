"""The Lagrangian dual of the budget problem, minimised by cutting planes in a box of trust.

With prices π ≥ 0 of budget, caps and minimum spends each customer chooses alone, so the dual is a sum over
customers and cheap: L(π) = π·limit + Σ_i max(0, max_a w_ia(π)). It is convex, piecewise linear in a handful
of prices, equals the linear relaxation at its minimum (Geoffrion 1974, "Lagrangean relaxation for integer
programming"), and bounds every choice from above at any π. Cutting planes: Kelley (1960); the box around the
best prices keeps them from jumping: Marsten, Hogan and Blankenship (1975), "The boxstep method".
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from decisions.highs import CuttingPlanes
from decisions.programme import NOTHING, Choice, Floats, Programme

MOST_CUTS = 200
WEIGHTLESS = 1e-9
TIGHT = 1e-7
"""Relative distance of the best value from the cutting planes' bound at which prices are good enough."""


@dataclass(frozen=True)
class Priced:
    """The dual at some prices.

    prices : of the budget, of each action's cap, of each minimum spend
    bound_eur : L(π)
    worth_eur : w, shape (customers, actions)
    choice : what each customer chooses
    slope : subgradient of L
    """

    prices: Floats
    bound_eur: float
    worth_eur: Floats
    choice: Choice
    slope: Floats


def priced(programme: Programme, prices: Floats) -> Priced:
    """Return the dual at prices of the budget, of each action, of each minimum spend."""
    actions = len(programme.most)
    per_eur = np.full(programme.customers, prices[0])
    for one, price in zip(programme.minimums, prices[1 + actions :], strict=True):
        per_eur -= price * one.members
    worth = programme.value_eur - per_eur[:, None] * programme.cost_eur - prices[1 : 1 + actions]
    best = worth.argmax(axis=1)
    own = worth[np.arange(len(worth)), best]
    choice = np.where(own > 0, best, NOTHING).astype(np.int64)
    low, high = programme.limits()
    bounded = np.isfinite(high)
    limit = np.where(bounded, np.where(bounded, high, 0.0), -low)
    used = programme.use(choice)
    slope = np.where(bounded, limit - used, limit + used)
    slope[~bounded & (low == 0)] = 0.0
    bound = float(np.maximum(own, 0.0).sum() + np.where(prices > 0, prices * limit, 0.0).sum())
    return Priced(prices, bound, worth, choice, slope)


def best_prices(programme: Programme) -> Priced:
    """Return the dual at its minimum, as near as `TIGHT` or `MOST_CUTS` allow.

    Its `choice` is the mix of those that were tried which solves the linear relaxation: customers who are
    alike are indifferent together at these prices, and only the mix says how many of them get what.
    """
    widest = _widest(programme)
    planes = CuttingPlanes(widest)
    best = priced(programme, np.zeros_like(widest))
    planes.add(best.prices, best.bound_eur, best.slope)
    tried_choices = [best.choice]
    trust = widest.copy()
    for _ in range(MOST_CUTS):
        prices, promised, weights = planes.lowest(best.prices - trust, best.prices + trust)
        if best.bound_eur - promised <= TIGHT * max(abs(best.bound_eur), 1.0):
            if np.all((trust >= widest) | (np.abs(prices - best.prices) < trust * (1 - 1e-9))):
                break
            trust = np.minimum(trust * 4, widest)
            continue
        tried = priced(programme, prices)
        planes.add(tried.prices, tried.bound_eur, tried.slope)
        tried_choices.append(tried.choice)
        if tried.bound_eur < best.bound_eur:
            best = tried
        else:
            trust = trust / 2
    used = np.flatnonzero(weights > WEIGHTLESS)
    return replace(best, choice=mixed(np.stack([tried_choices[cut] for cut in used]), weights[used]))


def mixed(choices: Choice, weights: Floats) -> Choice:
    """Return one choice of each customer from several, so that each counts by its weight among those alike.

    choices : shape (n, customers)
    weights : shape (n,), above 0
    """
    one: Choice = choices[0].copy()
    apart = np.flatnonzero((choices != one).any(axis=0))
    kinds, kind, sizes = np.unique(choices[:, apart], axis=1, return_inverse=True, return_counts=True)
    order = np.argsort(kind.ravel(), kind="stable")
    within = np.arange(len(apart)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    middle = (within + 0.5) / np.repeat(sizes, sizes)
    picked = np.searchsorted(np.cumsum(weights) / weights.sum(), middle)
    one[apart[order]] = kinds[np.minimum(picked, len(weights) - 1), np.repeat(np.arange(len(sizes)), sizes)]
    return one


def regrets(worth_eur: Floats) -> Floats:
    """Return what each customer's second best choice is worth less than the best, nothing being one."""
    options = np.column_stack([worth_eur, np.zeros(len(worth_eur))])
    top = np.partition(options, -2, axis=1)[:, -2:]
    return np.asarray(top[:, 1] - top[:, 0], np.float64)


def _widest(programme: Programme) -> npt.NDArray[np.float64]:
    """Return prices beyond all that can matter; 0 pins those of constraints that cannot bind."""
    value, cost = programme.value_eur, programme.cost_eur
    there = np.isfinite(value) & (cost > 0)
    rates = np.abs(value[there]) / cost[there]
    rate = float(rates.max(initial=0.0))
    most = np.where(np.isfinite(programme.most), 2 * value.max(axis=0, initial=0.0), 0.0)
    return np.array([2 * rate, *most, *([4 * rate] * len(programme.minimums))])
