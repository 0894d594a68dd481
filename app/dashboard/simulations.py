"""What `clv simulate` left of one t₀: spend curve, frontier, sensitivity, draws of profit, their summary."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts
from app.dashboard.store import FRESH_SECONDS, Week
from app.report import words
from clv.decision_tables import FRONTIER, PROFIT_DRAWS, SENSITIVITY, SPEND_CURVE
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import simulation_at
from decisions.plan_budget import SUMMARY


@dataclass(frozen=True)
class Simulation:
    """The tables, and what the summary says of the plan that was simulated."""

    told: dict[str, Any]
    spend_curve: pd.DataFrame
    frontier: pd.DataFrame
    sensitivity: pd.DataFrame
    draws: pd.DataFrame


def simulation(week: Week) -> Simulation | None:
    """Return the simulation of a week, None where nobody has made one."""
    return _simulation(week.root, week.as_of)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _simulation(root: str, as_of: date) -> Simulation | None:
    lake, place = Lake.at(root), simulation_at(as_of)
    text = lake.committed_text(place, SUMMARY)
    if text is None:
        return None
    tables = (SPEND_CURVE, FRONTIER, SENSITIVITY, PROFIT_DRAWS)
    return Simulation(
        json.loads(text), *(read_frame(lake.files(place, f"{table.name}/")) for table in tables)
    )


def advice(root: str, as_of: date) -> str:
    """Return what to run for a simulation."""
    return f"Run `clv simulate --lake {root} --as-of {as_of} --budget-eur EUR` to see it."


def draw_spend_curve(found: Simulation) -> None:
    """Show what more or less budget would bring."""
    tone, rows = charts.colours(), found.spend_curve
    best = rows.loc[rows.profit_eur.idxmax()]
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
    at = rows.iloc[(rows.budget_eur - found.told["budget_eur"]).abs().argmin()]
    charts.draw(
        f"At {words.eur_short(at.budget_eur)} one euro more brings {words.eur(at.marginal_roi, 2)} beyond "
        f"itself; profit is largest at {words.eur_short(float(best.spent_eur))}",
        chart,
        "Best plan of each budget, without customers drawn by lot.",
    )


def draw_frontier(found: Simulation) -> None:
    """Show which plans have the most profit at their risk."""
    kept = found.frontier[found.frontier.efficient].sort_values("profit_eur")
    most, least = kept.iloc[-1], kept.iloc[0]
    charts.draw(
        f"Most profit: {words.eur_short(most.profit_eur)}, and {words.eur_short(most.cvar_eur)} lost in bad "
        f"outcomes; least risk: {words.eur_short(least.profit_eur)} and {words.eur_short(least.cvar_eur)}",
        _frontier(found.frontier, kept),
        "Efficient: no plan found has more profit at no more risk. Dashed: no plan at all lies above. "
        "A negative loss is a profit.",
    )


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
