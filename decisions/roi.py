"""What more or less spend would bring: spend curve, efficient frontier, sensitivity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.actions import EIGHTY, Ranges
from decisions.duality import mixed
from decisions.optimiser import best_plan
from decisions.programme import NOTHING, Plan, Programme
from decisions.returns import Returns
from decisions.risk import Draws, Exposure, exposure, figures, line_means, outcomes, scaled, tail_of
from decisions.spend import AtLeast, programme

Floats = npt.NDArray[np.float64]

CURVE = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Budgets of the spend curve, as shares of the one asked for."""
AVERSIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Weights of CVaR against expected profit along the frontier."""
FRONTIER_BUDGETS = (0.25, 0.5, 0.75, 1.0)
ROUNDING = 1e-6
TAIL_STEPS = 4
"""Times that a plan's tail is looked at anew."""


def spend_curve(
    returns: Returns, budget_eur: float, minimums: Sequence[AtLeast], draws: Draws
) -> pd.DataFrame:
    """Return what budgets around the one asked for bring: one row each, of their best plans without a lot.

    `budget_eur`, `spent_eur`, `contacts`, `gain_eur`, `profit_eur`, `roi` (profit per EUR spent),
    `marginal_roi` (what one EUR more would bring beyond itself), `gap`, `loss_probability`, `cvar_eur`.
    A budget that does not do for the minimum spends is left out.
    """
    least = sum(one.least_eur for one in minimums)
    rows = []
    for share in CURVE:
        if share * budget_eur < least:
            continue
        plan = best_plan(programme(returns, share * budget_eur, minimums))
        told = figures(outcomes(exposure(returns, plan.choice), draws))
        at_risk = {name: told[name] for name in ("loss_probability", "cvar_eur")}
        rows.append({"budget_eur": share * budget_eur, **money(returns, plan), **at_risk})
    return pd.DataFrame(rows)


def money(returns: Returns, plan: Plan) -> dict[str, float]:
    """Return what a plan spends and is expected to bring."""
    at_stake = exposure(returns, plan.choice)
    return {
        "spent_eur": at_stake.cost_eur,
        "contacts": int((plan.choice != NOTHING).sum()),
        "gain_eur": at_stake.expected_eur + at_stake.cost_eur,
        "profit_eur": at_stake.expected_eur,
        "roi": at_stake.expected_eur / at_stake.cost_eur if at_stake.cost_eur > 0 else float("nan"),
        "marginal_roi": plan.marginal,
        "gap": plan.gap,
    }


def frontier(returns: Returns, budget_eur: float, minimums: Sequence[AtLeast], draws: Draws) -> pd.DataFrame:
    """Return the efficient frontier: plans of which none has more expected profit at no more CVaR.

    Along it the weight of CVaR grows, and the budget falls. The CVaR of a plan is the mean loss in its worst
    draws; in these each line of uplift is worth less, and its gradient is what each choice is worth there. A
    plan that minds it is the best one for values between expectation and tail (sequential linear programming
    on Rockafellar and Uryasev's function); plans of another kind that do slightly better may exist.

    `budget_eur`, `aversion` (weight of CVaR), `spent_eur`, `contacts`, `profit_eur`, `cvar_eur`, `efficient`.
    """
    least = sum(one.least_eur for one in minimums)
    rows = [
        {"budget_eur": share * budget_eur, **row}
        for share in FRONTIER_BUDGETS
        if share * budget_eur >= least
        for row in _averse(returns, programme(returns, share * budget_eur, minimums), draws)
    ]
    found = pd.DataFrame(rows).drop_duplicates(["spent_eur", "profit_eur", "cvar_eur"], ignore_index=True)
    return found.assign(efficient=efficient(found["profit_eur"].to_numpy(), found["cvar_eur"].to_numpy()))


def efficient(profit_eur: Floats, cvar_eur: Floats) -> npt.NDArray[np.bool_]:
    """Return which of some points no other dominates: at least the profit, at most the risk, one strictly."""
    more = profit_eur[:, None] >= profit_eur
    safer = cvar_eur[:, None] <= cvar_eur
    better = (profit_eur[:, None] > profit_eur) | (cvar_eur[:, None] < cvar_eur)
    return np.asarray(~(more & safer & better).any(axis=0), np.bool_)


Turn = tuple[str, Exposure]
"""What a figure is set to, in words, and the plan with it."""


def sensitivity(plan: Exposure, horizon_days: int, ranges: Ranges) -> pd.DataFrame:
    """Return the tornado: the profit of a plan, kept as it is, when one figure at a time is lower or higher.

    `figure`, `low`, `high` (what it is set to, in words), `profit_low_eur`, `profit_high_eur`, widest first.
    Uplift: the ends of the 80 % interval of all of them together. Response: of gains and of vouchers that
    contacts cause alike. Horizon: gains end early, a like share of revenue falling on each day.
    """
    rows = [
        {
            "figure": name,
            "low": low[0],
            "high": high[0],
            "profit_low_eur": low[1].expected_eur,
            "profit_high_eur": high[1].expected_eur,
        }
        for name, (low, high) in _turned(plan, horizon_days, ranges).items()
    ]
    found = pd.DataFrame(rows)
    width = (found["profit_high_eur"] - found["profit_low_eur"]).abs()
    return found.loc[width.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _turned(plan: Exposure, horizon_days: int, ranges: Ranges) -> dict[str, list[Turn]]:
    """Return the lower and the higher turn of each figure."""
    gain = plan.expected_eur + plan.cost_eur
    spread = EIGHTY * plan.spread_eur() / gain if gain else 0.0
    shorter = min(ranges.horizon_days / horizon_days, 1.0)
    margins = [min(max(plan.margin + sign * ranges.margin, 0.0), 1.0) for sign in (-1, 1)]
    responses = [1 - ranges.response, 1 + ranges.response]
    return {
        "uplift": [(_times(by), scaled(plan, by)) for by in (1 - spread, 1 + spread)],
        "margin": [(f"{margin:.0%}", scaled(plan, margin=margin)) for margin in margins],
        "cost": [
            (_times(by), scaled(plan, cost=plan.cost_eur * by)) for by in (1 + ranges.cost, 1 - ranges.cost)
        ],
        "response": [
            (_times(by), scaled(plan, by, cost=plan.cost_eur + (by - 1) * plan.response_eur))
            for by in responses
        ],
        "horizon": [
            (f"{round(shorter * horizon_days)} days", scaled(plan, shorter)),
            (f"{horizon_days} days", plan),
        ],
    }


def _times(factor: float) -> str:
    return f"× {factor:.2f}"


def _averse(returns: Returns, problem: Programme, draws: Draws) -> Iterator[dict[str, float]]:
    """Yield for each weight the best plan found for (1 − weight) × expected profit − weight × CVaR.

    Each begins where the one before ended. What lines are worth in the tail is at first that of the last
    plan's tail, then the mean over those of all plans tried, as the former alone may go back and forth
    (fictitious play; Brown 1951). Its solution is a mix of these plans, which spreads spend over strata.
    """
    nothing = Plan(np.full(problem.customers, NOTHING, np.int64), 0.0, 0.0, 0.0, "")
    last, idle = _Stake.of(returns, best_plan(problem), draws), _Stake.of(returns, nothing, draws)
    expected = returns.uplifts.lines["uplift"].to_numpy(np.float64)
    for weight in AVERSIONS:
        tried = [last]
        for step in range(TAIL_STEPS if weight > 0 else 0):
            seen = tried if step >= TAIL_STEPS // 2 else tried[-1:]
            in_tail = np.mean([one.tail_lines for one in seen], axis=0)
            worth = _net(returns, (1 - weight) * expected + weight * in_tail)
            value = np.where(returns.possible, worth, -np.inf)
            tried.append(_Stake.of(returns, best_plan(replace(problem, value_eur=value)), draws))
        spread = _spread([one.plan for one in tried], problem)
        tried += [_Stake.of(returns, plan, draws) for plan in spread]
        last = max([*tried, idle], key=partial(_Stake.worth, weight=weight))
        yield {"aversion": weight, **last.told}


def _spread(plans: Sequence[Plan], problem: Programme) -> list[Plan]:
    """Return the mix of some plans if it keeps the limits, without the last ones if it overspends."""
    choice = mixed(np.stack([plan.choice for plan in plans]), np.ones(len(plans)))
    own = problem.of(choice, problem.value_eur)
    chosen = np.flatnonzero(choice != NOTHING)
    order = chosen[np.argsort(-own[chosen], kind="stable")]
    paid = np.cumsum(problem.spent_eur(choice)[order])
    choice[order[paid > problem.budget_eur + ROUNDING]] = NOTHING
    used, (low, high) = problem.use(choice), problem.limits()
    kept = bool(np.all(used >= low - ROUNDING) and np.all(used <= high + ROUNDING))
    return [replace(plans[0], choice=choice)] if kept else []


@dataclass(frozen=True)
class _Stake:
    """A plan, its figures, and what each line of uplift is worth in its tail."""

    plan: Plan
    told: dict[str, float]
    tail_lines: Floats

    def worth(self, weight: float) -> float:
        """Return (1 − weight) × expected profit − weight × CVaR."""
        return (1 - weight) * self.told["profit_eur"] - weight * self.told["cvar_eur"]

    @classmethod
    def of(cls, returns: Returns, plan: Plan, draws: Draws) -> "_Stake":
        at_stake = exposure(returns, plan.choice)
        profit = outcomes(at_stake, draws)
        told = {
            "spent_eur": at_stake.cost_eur,
            "contacts": int((plan.choice != NOTHING).sum()),
            "profit_eur": at_stake.expected_eur,
            "cvar_eur": figures(profit)["cvar_eur"],
        }
        in_tail = line_means(at_stake, draws, tail_of(profit))
        return cls(plan, told, in_tail)


def _net(returns: Returns, uplift: Floats) -> Floats:
    """Return what each action returns with each customer if the lines' uplifts are these."""
    clv = returns.customers["clv_eur"].to_numpy(np.float64)[:, None]
    gain = np.append(uplift, 0.0)[returns.uplifts.of] * clv * returns.assumptions.margin
    return np.asarray(gain - returns.cost_eur, np.float64)
