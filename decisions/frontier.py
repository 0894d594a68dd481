"""The efficient frontier: the most expected profit at each risk, and a bound of what no plan can exceed.

For a weight w of risk a plan is worth (1 − w) × expected profit − w × CVaR. On draws of the errors that
customers share, the CVaR of a mix of plans is the largest mean loss over weights q of the draws, Σ q = 1 and
0 ≤ q ≤ 1 / tail (Rockafellar and Uryasev 2000, "Optimization of conditional value-at-risk", th. 1; the dual:
Artzner, Delbaen, Eber and Heath 1999). At given q the worth is linear in the choices, a budget problem like
any other: its best plan is a new column, its dual bound holds for every plan (column generation; Dantzig and
Wolfe 1960). Luck of single customers is left out of the bound: it only adds risk (Jensen), so the bound holds
with it, up to what a few thousand draws tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.duality import mixed
from decisions.highs import worst_mix
from decisions.optimiser import best_plan
from decisions.programme import NOTHING, Choice, Plan, Programme
from decisions.returns import Returns
from decisions.risk import Draws, exposure, figures, outcomes, shared_outcomes, tail_size
from decisions.spend import AtLeast, programme

Floats = npt.NDArray[np.float64]

AVERSIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Weights of CVaR against expected profit that are tried first."""
HALVINGS = 8
"""More weights, each half way between the two whose plans' profits lie furthest apart."""
BETWEEN = (0.25, 0.5, 0.75)
FAR = 0.1
"""Share of the largest profit from which on plans of two weights still lie far apart: then mixes of both are
plans too. The frontier mostly ends in a straight line from its last plan to none at all, on which no weight
lies."""
STEPS = 4
"""Plans that are tried at each weight, at most."""
NEAR = 2e-3
"""Share of the bound at which a weight's mix of plans is near enough to it."""
USED = 1e-6
ROUNDING = 1e-6


def frontier(returns: Returns, budget_eur: float, minimums: Sequence[AtLeast], draws: Draws) -> pd.DataFrame:
    """Return the efficient frontier: plans of which none has more expected profit at no more CVaR.

    `budget_eur`, `aversion` (weight of CVaR; of a mix of two plans between theirs), `spent_eur`, `contacts`,
    `profit_eur`, `cvar_eur`, `profit_bound_eur` (no plan within the budget with no more CVaR has more
    expected profit), `efficient`.
    """
    problem = programme(returns, budget_eur, minimums)
    found = _along(returns, problem, draws)
    weights = sorted(found)
    points = {weight: found[weight][0] for weight in weights}
    limits = np.array([found[weight][1] for weight in weights])
    far = FAR * max(one.told["profit_eur"] for one in points.values())
    for low, high in pairwise(weights):
        if _apart(points[low], points[high]) > far:
            points |= _mixes(returns, problem, draws, {w: points[w].choice for w in (low, high)})
    rows = [{"budget_eur": budget_eur, "aversion": one, **points[one].told} for one in sorted(points)]
    told = pd.DataFrame(rows).drop_duplicates(["spent_eur", "profit_eur", "cvar_eur"], ignore_index=True)
    profit, cvar = told["profit_eur"].to_numpy(), told["cvar_eur"].to_numpy()
    limit = most_profit(np.array(weights), limits, cvar)
    return told.assign(profit_bound_eur=limit, efficient=efficient(profit, cvar))


def efficient(profit_eur: Floats, cvar_eur: Floats) -> npt.NDArray[np.bool_]:
    """Return which of some points no other dominates: at least the profit, at most the risk, one strictly."""
    more = profit_eur[:, None] >= profit_eur
    safer = cvar_eur[:, None] <= cvar_eur
    better = (profit_eur[:, None] > profit_eur) | (cvar_eur[:, None] < cvar_eur)
    return np.asarray(~(more & safer & better).any(axis=0), np.bool_)


def most_profit(weight: Floats, bound_eur: Floats, cvar_eur: Floats) -> Floats:
    """Return what no plan of so much CVaR, or less, exceeds in expected profit: shape of `cvar_eur`.

    (1 − w) × profit − w × CVaR ≤ bound at each weight w below 1; the tightest counts.
    """
    counts = weight < 1
    w, limit = weight[counts], bound_eur[counts]
    return np.asarray(((limit + w * cvar_eur[:, None]) / (1 - w)).min(axis=1), np.float64)


def _along(returns: Returns, problem: Programme, draws: Draws) -> dict[float, tuple["_Stake", float]]:
    """Return for each weight of CVaR the best plan found, and what no plan is worth more than."""
    stake = partial(_Stake.of, returns, draws=draws)
    nothing = np.full(problem.customers, NOTHING, np.int64)
    pool = [stake(nothing)] if _kept(problem, nothing) else []
    pool.append(stake(best_plan(problem).choice))
    found: dict[float, tuple[_Stake, float]] = {}
    left = list(AVERSIONS)
    while len(found) < len(AVERSIONS) + HALVINGS:
        if not left:
            steps = list(pairwise(sorted(found)))
            low, high = max(steps, key=lambda step: _apart(*(found[weight][0] for weight in step)))
            left = [(low + high) / 2]
        weight = left.pop(0)
        pool, bound, shares = _columns(returns, problem, draws, weight, pool)
        spread = _spread([one.choice for one in pool], shares, problem)
        best = max([*pool, *map(stake, spread)], key=partial(_Stake.worth, weight=weight))
        found[weight] = best, bound
    return found


def _apart(one: "_Stake", other: "_Stake") -> float:
    return abs(one.told["profit_eur"] - other.told["profit_eur"])


def _mixes(
    returns: Returns, problem: Programme, draws: Draws, ends: dict[float, Choice]
) -> dict[float, "_Stake"]:
    """Return mixes of the plans of two weights by the weight that lies between as they do."""
    found = {}
    for share in BETWEEN:
        parts = np.array([1 - share, share])
        for choice in _spread(list(ends.values()), parts, problem):
            found[float(parts @ np.array(list(ends)))] = _Stake.of(returns, choice, draws)
    return found


@dataclass(frozen=True)
class _Stake:
    """A choice, its figures, and its profit in each draw before anybody's own luck."""

    choice: Choice
    told: dict[str, float]
    shared_eur: Floats

    def worth(self, weight: float) -> float:
        """Return (1 − weight) × expected profit − weight × CVaR."""
        return (1 - weight) * self.told["profit_eur"] - weight * self.told["cvar_eur"]

    @classmethod
    def of(cls, returns: Returns, choice: Choice, draws: Draws) -> "_Stake":
        at_stake = exposure(returns, choice)
        told = {
            "spent_eur": at_stake.cost_eur,
            "contacts": int((choice != NOTHING).sum()),
            "profit_eur": at_stake.expected_eur,
            "cvar_eur": figures(outcomes(at_stake, draws))["cvar_eur"],
        }
        return cls(choice, told, shared_outcomes(at_stake, draws))


def _columns(
    returns: Returns, problem: Programme, draws: Draws, weight: float, pool: list[_Stake]
) -> tuple[list[_Stake], float, Floats]:
    """Return the plans of a weight's best mix, the bound of every plan's worth, and the plans' shares."""
    bound, most = np.inf, weight / tail_size(len(draws.level))
    for _ in range(STEPS):
        profit = np.stack([one.shared_eur for one in pool])
        expected = (1 - weight) * np.array([one.told["profit_eur"] for one in pool])
        worth, tail, shares = worst_mix(expected, profit, weight, most)
        plan = _best_at(returns, problem, draws, weight, tail)
        bound = min(bound, plan.bound_eur)
        if bound - worth <= NEAR * max(abs(bound), 1.0):
            break
        pool = [*pool, _Stake.of(returns, plan.choice, draws)]
        shares = np.append(shares, 0.0)
    # The first plans stay: nothing at all, and the most profitable.
    kept = [n for n, share in enumerate(shares) if share > USED or n < 2]
    return [pool[n] for n in kept], bound, shares[kept]


def _best_at(returns: Returns, problem: Programme, draws: Draws, weight: float, tail: Floats) -> Plan:
    """Return the best plan where each line is worth its mean between expectation and weighted draws."""
    uplift = returns.uplifts.lines["uplift"].to_numpy(np.float64)
    levelled = tail * draws.level
    in_tail = levelled.sum() * uplift + levelled @ draws.shift
    value = np.where(returns.possible, returns.net_eur((1 - weight) * uplift + in_tail), -np.inf)
    return best_plan(replace(problem, value_eur=value))


def _spread(choices: Sequence[Choice], shares: Floats, problem: Programme) -> list[Choice]:
    """Return the mix of some choices if it keeps the limits, without the last ones if it overspends."""
    used = np.flatnonzero(shares > USED)
    if len(used) < 2:
        return []
    choice = mixed(np.stack([choices[n] for n in used]), shares[used])
    own = problem.of(choice, problem.value_eur)
    chosen = np.flatnonzero(choice != NOTHING)
    order = chosen[np.argsort(-own[chosen], kind="stable")]
    paid = np.cumsum(problem.spent_eur(choice)[order])
    choice[order[paid > problem.budget_eur + ROUNDING]] = NOTHING
    return [choice] if _kept(problem, choice) else []


def _kept(problem: Programme, choice: Choice) -> bool:
    used, (low, high) = problem.use(choice), problem.limits()
    return bool(np.all(used >= low - ROUNDING) and np.all(used <= high + ROUNDING))
