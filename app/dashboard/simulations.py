"""How a plan of one t₀ may turn out, drawn: spend curve and frontier."""

from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts
from app.dashboard.store import FRESH_SECONDS, Week
from app.report.outlook_words import FRONTIER_NOTE, curve_says, frontier_says
from clv.lake import Lake
from decisions.decided import decided
from decisions.simulated import Simulation, of_week, simulated


def simulation(week: Week) -> Simulation | None:
    """Return the simulation of a week, else that of its plan, which has no frontier; None without a plan."""
    return _simulation(week.root, week.as_of, week.run_id)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _simulation(root: str, as_of: date, run_id: str) -> Simulation | None:  # noqa: ARG001 - a part of the key
    lake = Lake.at(root)
    return simulated(lake, as_of) or of_week(decided(lake, as_of))


def advice(root: str, as_of: date) -> str:
    """Return what to run for a simulation."""
    return f"`clv simulate --lake {root} --as-of {as_of} --budget-eur EUR` does."


def draw_spend_curve(found: Simulation) -> None:
    """Show what more or less budget would bring."""
    tone, rows = charts.colours(), found.spend_curve
    chart = (
        alt.Chart(rows)
        .mark_line(point={"size": 80, "color": tone.blue}, color=tone.blue)
        .encode(
            x=alt.X(**charts.eur("spent_eur", "EUR spent")),
            y=alt.Y(**charts.eur("profit_eur", "expected profit, EUR")),
            tooltip=charts.shown(
                budget_eur=("budget, €", ",.0f"),
                contacts=("contacts", ",.0f"),
                profit_eur=("profit, €", ",.0f"),
                roi=("ROI", ".2f"),
                marginal_roi=("profit of the next €", ".2f"),
                loss_probability=("P(loss)", ".1%"),
            ),
        )
        .properties(height=300)
    )
    charts.draw(
        curve_says(rows, found.told["budget_eur"]),
        chart,
        "Best plan of each budget, without customers drawn by lot.",
    )


def draw_frontier(found: Simulation, root: str, as_of: date) -> None:
    """Show which plans have the most profit at their risk; else what computes them."""
    if found.frontier is None:
        st.info(f"The weekly run does not look for plans of less risk. {advice(root, as_of)}")
        return
    kept = found.frontier[found.frontier.efficient].sort_values("profit_eur")
    charts.draw(frontier_says(kept), _frontier(found.frontier, kept), FRONTIER_NOTE)


def _frontier(plans: pd.DataFrame, kept: pd.DataFrame) -> Any:
    tone = charts.colours()
    rows = plans.assign(kind=plans.efficient.map({True: "efficient", False: "beaten"}))
    x = alt.X(**charts.eur("cvar_eur", "mean loss in the worst 5 % of outcomes, EUR"))
    y = alt.Y(**charts.eur("profit_eur", "expected profit, EUR"))
    shapes = alt.Scale(domain=["efficient", "beaten"], range=["circle", "cross"])
    points = (
        alt.Chart(rows)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=charts.kinds("kind", {"efficient": tone.blue, "beaten": tone.grey}),
            shape=alt.Shape("kind:N", scale=shapes),
            tooltip=charts.shown(
                budget_eur=("budget, €", ",.0f"),
                contacts=("contacts", ",.0f"),
                profit_eur=("profit, €", ",.0f"),
                profit_bound_eur=("profit at most, €", ",.0f"),
                cvar_eur=("CVaR 95 %, €", ",.0f"),
                aversion=("weight of risk", ".2f"),
            ),
        )
    )
    line = alt.Chart(kept).mark_line(color=tone.blue).encode(x=x, y=y, order="profit_eur:Q")
    above = alt.Y(**charts.eur("profit_bound_eur", "expected profit, EUR"))
    dashed = alt.Chart(kept).mark_line(color=tone.grey, strokeDash=[5, 4])
    return (dashed.encode(x=x, y=above, order="cvar_eur:Q") + line + points).properties(height=300)
