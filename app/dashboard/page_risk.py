"""Risk: how a plan may turn out, and what its profit depends on."""

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts
from app.dashboard.shell import Desk
from app.dashboard.simulations import advice, draw_frontier, simulation
from app.dashboard.tiles import tiles
from app.report import words
from app.report.outlook_words import histogram, lost_says, tornado_says
from decisions.simulated import Simulation


def risk(desk: Desk) -> None:
    """Show the simulated outcomes of a plan, its sensitivity and the efficient frontier."""
    found = simulation(desk.week)
    if found is None:
        st.info(f"This week has no plan, and nobody has simulated one. {advice(desk.root, desk.week.as_of)}")
        return
    told = found.told
    st.markdown(
        f"A plan that spends **{words.eur_short(told['spent_eur'])}** of a budget of "
        f"{words.eur_short(told['budget_eur'])} on **{words.counted(told['contacts'], 'customer')}**, in "
        f"{words.number(len(found.draws))} simulated outcomes: forecasts, uplifts and luck all vary."
    )
    _tiles(found)
    left, right = st.columns(2, gap="large")
    with left:
        _outcomes(found)
    with right:
        _tornado(found.sensitivity, told["profit_eur"])
    draw_frontier(found, desk.root, desk.week.as_of)
    for note in told["notes"]:
        st.caption(note)


def _tiles(found: Simulation) -> None:
    told = found.told["risk"]
    tiles(
        (
            (
                "Expected profit",
                words.eur_short(told["mean_eur"]),
                f"spread {words.eur_short(told['sd_eur'])}",
            ),
            ("Risk of a loss", words.percent(told["loss_probability"], 1), "of outcomes"),
            ("80 % of outcomes", words.eur_short(told["q10_eur"]), f"to {words.eur_short(told['q90_eur'])}"),
            ("Value at risk, 95 %", words.eur_short(told["var_eur"]), "loss exceeded in 1 of 20"),
            ("CVaR, 95 %", words.eur_short(told["cvar_eur"]), "mean loss in that 1 of 20"),
        )
    )
    st.caption("Losses: a negative one is a profit.")


def _outcomes(found: Simulation) -> None:
    rows = histogram(found.draws.profit_eur)
    rows["what"] = rows.loses.map({True: "loss", False: "profit"})
    tone = charts.colours()
    chart = (
        alt.Chart(rows)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X(**charts.eur("low", "profit of the plan, EUR"), bin="binned"),
            x2="high:Q",
            y=alt.Y("share:Q", title="share of outcomes", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=["profit", "loss"], range=[tone.blue, tone.orange]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=charts.shown(low=("from, €", ",.0f"), high=("to, €", ",.0f"), share=("share", ".1%")),
        )
        .properties(height=330)
    )
    charts.draw(lost_says(found.told), chart)


def _tornado(rows: pd.DataFrame, profit_eur: float) -> None:
    tone = charts.colours()
    down = rows.assign(side="lower", to=rows.profit_low_eur, set=rows.low)
    up = rows.assign(side="higher", to=rows.profit_high_eur, set=rows.high)
    chart = (
        alt.Chart(pd.concat([down, up]).assign(base=profit_eur))
        .mark_bar()
        .encode(
            y=alt.Y("figure:N", sort=list(rows.figure), title=None),
            x=alt.X(**charts.eur("base", "expected profit, EUR")),
            x2="to:Q",
            color=charts.kinds("side", {"lower": tone.orange, "higher": tone.blue}),
            tooltip=charts.shown(figure=("figure", ""), set=("set to", ""), to=("profit, €", ",.0f")),
        )
        .properties(height=330)
    )
    charts.draw(tornado_says(rows), chart, "One figure turned at a time, the audience kept.")
