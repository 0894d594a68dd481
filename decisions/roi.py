"""What more or less spend would bring, and what profit depends on: spend curve and sensitivity."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.actions import EIGHTY, Ranges
from decisions.optimiser import NoPlanError, best_plan
from decisions.programme import NOTHING, Plan
from decisions.returns import Returns
from decisions.risk import Draws, Exposure, exposure, figures, outcomes, scaled
from decisions.spend import AtLeast, programme

Floats = npt.NDArray[np.float64]

CURVE = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Budgets of the spend curve, as shares of the one asked for."""
CURVE_GAP = 1e-3
"""Gap of its plans that will do: a curve is read by eye, and the last thousandth takes most of the time."""


def spend_curve(
    returns: Returns, budget_eur: float, minimums: Sequence[AtLeast], draws: Draws
) -> pd.DataFrame:
    """Return what budgets around the one asked for bring: one row each, of their best plans without a lot.

    `budget_eur`, `spent_eur`, `contacts`, `gain_eur`, `profit_eur`, `roi` (profit per EUR spent),
    `marginal_roi` (what one EUR more would bring beyond itself), `gap`, `loss_probability`, `cvar_eur`.
    A budget that does not do for the minimum spends is left out.
    """
    rows = []
    for share in CURVE:
        plan = _plan_of(returns, share * budget_eur, minimums)
        if plan is None:
            continue
        told = figures(outcomes(exposure(returns, plan.choice), draws))
        at_risk = {name: told[name] for name in ("loss_probability", "cvar_eur")}
        rows.append({"budget_eur": share * budget_eur, **money(returns, plan), **at_risk})
    return pd.DataFrame(rows)


def _plan_of(returns: Returns, budget_eur: float, minimums: Sequence[AtLeast]) -> Plan | None:
    """Return the best plan of a budget, None where it does not do for the minimum spends."""
    if budget_eur < sum(one.least_eur for one in minimums):
        return None
    try:
        return best_plan(programme(returns, budget_eur, minimums), CURVE_GAP)
    except NoPlanError:  # contacts are whole: a budget barely as large as the minimums may not reach them
        return None


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
