"""How a plan may turn out, what its profit depends on, what other budgets bring, and plans of less risk."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from app.report import words
from app.report.blocks import Figure
from app.report.canvas import BLACK, BLUE, EUROS, GREY, SHARES, VERMILLION, chart
from app.report.outlook_words import (
    FRONTIER_NOTE,
    curve_says,
    frontier_says,
    histogram,
    lost_says,
    tornado_says,
)
from decisions.simulated import Simulation

LOOKS: dict[bool, dict[str, Any]] = {
    False: {"color": BLUE},
    True: {"color": "white", "hatch": "////", "edgecolor": VERMILLION},
}
"""Of profits and of losses, apart in print as well."""


def outcomes_figure(found: Simulation) -> Figure:
    """Return the distribution of the profit of a plan."""
    bars = histogram(found.draws.profit_eur)
    with chart("plan-outcomes") as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="x")
        for loses, label in ((False, "profit"), (True, "loss")):
            rows = bars[bars.loses == loses]
            axes.bar(
                rows.low, rows.share, (rows.high - rows.low) * 0.9, align="edge", label=label, **LOOKS[loses]
            )
        mean = found.told["profit_eur"]
        axes.axvline(
            mean, color=BLACK, linestyle="--", linewidth=1.2, label=f"expected, {words.eur_short(mean)}"
        )
        axes.set(xlabel="profit of the plan, EUR", ylabel="share of outcomes")
        axes.xaxis.set_major_formatter(EUROS)
        axes.xaxis.set_major_locator(_few())
        axes.yaxis.set_major_formatter(SHARES)
        axes.legend(loc="upper right")
        low, high = (words.eur(found.told["risk"][name]) for name in ("q10_eur", "q90_eur"))
        note = (
            f"{words.number(len(found.draws))} simulated outcomes; 80{words.SPACE}% of them lie "
            f"between {low} and {high}. The outermost bars hold what lies beyond."
        )
        return drawn.figure(lost_says(found.told), note)


def tornado_figure(found: Simulation) -> Figure:
    """Return what the profit of a plan depends on, one figure at a time."""
    rows, base = found.sensitivity, found.told["profit_eur"]
    place = np.arange(len(rows))
    with chart("plan-tornado", 1.4 + 0.5 * len(rows)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        lower = axes.barh(place, rows.profit_low_eur - base, 0.6, left=base, color="white", hatch="////")
        for bar in lower:
            bar.set_edgecolor(VERMILLION)
        axes.barh(place, rows.profit_high_eur - base, 0.6, left=base, color=BLUE)
        axes.axvline(base, color=BLACK, linewidth=1)
        names = [f"{one.figure}\n{one.low} to {one.high}" for one in rows.itertuples()]
        axes.set_yticks(place, names)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(EUROS)
        axes.xaxis.set_major_locator(_few())
        axes.set_xlabel("expected profit, EUR")
        note = (
            "One figure turned at a time to the values beside it, the audience kept; hatched: lower profit. "
            f"Uplift: the ends of the 80{words.SPACE}% interval of all of them together."
        )
        return drawn.figure(tornado_says(rows), note)


def curve_figure(found: Simulation) -> Figure:
    """Return what more or less budget would bring."""
    rows, budget = found.spend_curve, found.told["budget_eur"]
    at = rows.iloc[(rows.budget_eur - budget).abs().argmin()]
    with chart("plan-curve") as drawn:
        axes = drawn.axes
        axes.plot(rows.spent_eur, rows.profit_eur, color=BLUE, marker="o", markersize=5)
        label = f"the budget, {words.eur(budget)}"
        axes.plot(
            [at.spent_eur], [at.profit_eur], "D", color=VERMILLION, markersize=9, label=label, clip_on=False
        )
        axes.set(xlabel="EUR spent", ylabel="expected profit, EUR")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=min(0.0, float(rows.profit_eur.min())))
        axes.xaxis.set_major_formatter(EUROS)
        axes.yaxis.set_major_formatter(EUROS)
        axes.xaxis.set_major_locator(_few())
        axes.legend(loc="lower right")
        return drawn.figure(
            curve_says(rows, budget), "The best plan of each budget, without customers drawn by lot."
        )


def frontier_figure(found: Simulation) -> list[Figure]:
    """Return the efficient plans with what no plan exceeds; nothing where they are not known."""
    if found.frontier is None:
        return []
    plans = found.frontier
    kept = plans[plans.efficient].sort_values("profit_eur")
    with chart("plan-frontier") as drawn:
        axes = drawn.axes
        _plans(axes, plans[~plans.efficient], kept)
        axes.set(xlabel="mean loss in the worst 5 % of outcomes (CVaR), EUR", ylabel="expected profit, EUR")
        axes.xaxis.set_major_formatter(EUROS)
        axes.yaxis.set_major_formatter(EUROS)
        axes.xaxis.set_major_locator(_few())
        axes.legend(loc="lower right")
        budget = words.eur(found.told["budget_eur"])
        return [drawn.figure(frontier_says(kept), f"Plans of a budget of {budget}. {FRONTIER_NOTE}")]


def _plans(axes: Axes, beaten: pd.DataFrame, kept: pd.DataFrame) -> None:
    bound = kept.sort_values("cvar_eur")
    axes.plot(
        bound.cvar_eur, bound.profit_bound_eur, "--", color=GREY, linewidth=1.4, label="no plan lies above"
    )
    axes.plot(kept.cvar_eur, kept.profit_eur, "-o", color=BLUE, markersize=5, label="efficient")
    if not beaten.empty:
        axes.plot(beaten.cvar_eur, beaten.profit_eur, "x", color=GREY, label="beaten by another")


def _few() -> MaxNLocator:
    return MaxNLocator(5, steps=[1, 2, 2.5, 5, 10])
