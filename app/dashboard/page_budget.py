"""Budget: what a campaign budget is best spent on, what comes back, and the audience as a file."""

from itertools import cycle

import altair as alt
import streamlit as st

from app.dashboard import charts
from app.dashboard.budgeting import Chosen, budgets, by_decile, chosen, notes, with_choices
from app.dashboard.shell import Desk, sentences
from app.dashboard.simulations import advice, draw_frontier, draw_spend_curve, simulation
from app.dashboard.tiles import tiles
from app.dashboard.weekly_plans import show_weekly_plan
from app.report import words
from decisions.actions import Assumptions
from decisions.labels import labels

SHOWN_ROWS = 200
SHARES = (0, 5, 10, 15, 20, 30)
COLUMNS = {
    "customer_id": "customer",
    "action": "action",
    "purpose": "purpose",
    "decile": "decile",
    "clv_eur": "CLV",
    "cost_eur": "cost",
    "gain_eur": "gain",
    "return_eur": "return",
    "return_low_eur": "from",
    "return_high_eur": "to",
    "stratum": "uplift of",
}


def budget(desk: Desk) -> None:
    """Show the audience that the sliders choose, with its money and risk, and what other budgets bring."""
    show_weekly_plan(desk)
    _own_plan(desk)
    known = simulation(desk.week)
    if known is None:
        st.info(f"Nobody has looked at other budgets yet. {advice(desk.root, desk.week.as_of)}")
        return
    st.markdown(f"#### Other budgets, as simulated around {words.eur(known.told['budget_eur'])}")
    left, right = st.columns(2, gap="large")
    with left:
        draw_spend_curve(known)
    with right:
        draw_frontier(known, desk.root, desk.week.as_of)


@st.fragment
def _own_plan(desk: Desk) -> None:
    """Show the audience that the sliders choose: they run this part of the page again, and no other."""
    with sentences(desk.root):
        assumptions, budget_eur, share = _choices(desk)
        found = chosen(desk.week, desk.assumptions, assumptions, budget_eur, share)
        _label(desk, found)
        _tiles(found)
        left, right = st.columns(2, gap="large")
        with left:
            _deciles(found, assumptions)
        with right:
            _audience(desk, found)


def _choices(desk: Desk) -> tuple[Assumptions, float, float]:
    whole = desk.assumptions
    names = [one.name for one in whole.actions]
    used = st.pills("Actions", names, selection_mode="multi", default=names, key="actions") or names
    step, most = budgets(desk.week, whole)
    first, second, third = st.columns(3, gap="large")
    budget_eur = first.slider("Budget, €", step, most, max(most // 2 // step, 1) * step, step, format="€%,d")
    margin = second.slider("Margin, % of net revenue", 1, 100, round(100 * whole.margin), 1, format="%d %%")
    share = third.select_slider("For customers drawn by lot, % of the budget", SHARES, 10)
    return with_choices(whole, margin / 100, tuple(used)), float(budget_eur), share / 100


def _label(desk: Desk, found: Chosen) -> None:
    sources = found.audience.uplift_source.value_counts().to_dict()
    said = [f"{one[:1].upper()}{one[1:]}." for one in labels(sources, desk.assumptions, "--assumptions")]
    if said:
        st.warning(" ".join(said), icon=":material/psychology_alt:")
    for note in notes(desk.week, desk.assumptions):
        st.info(note)


def _tiles(found: Chosen) -> None:
    roi = found.profit_eur / found.spent_eur if found.spent_eur > 0 else float("nan")
    low, high = (words.eur_short(found.risk[name]) for name in ("q10_eur", "q90_eur"))
    tiles(
        (
            (
                "Customers contacted",
                words.number(len(found.audience)),
                f"of {words.number(found.contactable)} contactable",
            ),
            ("Spent", words.eur_short(found.spent_eur), "contacts and vouchers"),
            ("Expected profit", words.eur_short(found.profit_eur), f"80 %: {low} to {high}"),
            ("ROI", words.number(roi, 2), "profit per euro spent"),
            ("Next euro", words.eur(found.money["marginal_roi"], 2), "beyond itself"),
            ("Risk of a loss", words.percent(found.risk["loss_probability"]), "of simulated outcomes"),
        )
    )


def _deciles(found: Chosen, assumptions: Assumptions) -> None:
    rows = by_decile(found.audience)
    if rows.empty:
        st.info("Nobody returns more than contacting costs at this margin.")
        return
    tones = dict(zip((one.name for one in assumptions.actions), cycle(charts.several()), strict=False))
    spent = rows.groupby("decile").cost_eur.sum()
    every = alt.Scale(domain=list(range(1, 11)))
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X(
                "decile:O", title="decile of CLV, 10 = highest", scale=every, axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y(**charts.eur("cost_eur", "EUR spent")),
            color=charts.kinds("action", tones, columns=2),
            tooltip=charts.shown(
                decile=("decile", ",.0f"),
                action=("action", ""),
                customers=("customers", ",.0f"),
                cost_eur=("cost, €", ",.0f"),
                return_eur=("return, €", ",.0f"),
            ),
        )
        .properties(height=380)
    )
    top = words.percent(float(spent.get(10, 0.0) / spent.sum()))
    charts.draw(f"{top} of the money goes to the most valuable tenth", chart)


def _audience(desk: Desk, found: Chosen) -> None:
    rows = found.audience
    st.markdown(f"##### The audience: {words.counted(len(rows), 'customer')}")
    st.download_button(
        "Download the audience (CSV)",
        data=lambda: rows.to_csv(index=False),
        file_name=f"audience-{desk.week.as_of}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    money = st.column_config.NumberColumn(format="euro")
    best = rows.nlargest(SHOWN_ROWS, "return_eur", keep="all")  # a tenth of the time of sorting them all
    best = best.sort_values(["return_eur", "customer_id"], ascending=[False, True]).head(SHOWN_ROWS)
    euros = ("CLV", "cost", "gain", "return", "from", "to")
    st.dataframe(
        best[list(COLUMNS)].rename(columns=COLUMNS),
        hide_index=True,
        height=340,
        column_config=dict.fromkeys(euros, money),
    )
    st.caption(
        f"The {words.number(len(best))} with the largest return; from, to: 80 % interval. The file has all."
    )
