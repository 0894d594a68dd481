"""Customer: one customer's forecast with its interval, what drives it, and what has happened so far."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts, queries
from app.dashboard.budgeting import of_customer
from app.dashboard.history import earlier_scores, months
from app.dashboard.shell import Desk
from app.dashboard.tiles import tiles
from app.report import words
from clv.errors import UserError
from decisions.actions import ASSUMPTION

PLACES = (1, 2, 3)


def customer(desk: Desk) -> None:
    """Show the customer whose id the reader looks for."""
    text = st.text_input("Customer id, or how it begins", key="sought", placeholder="c0000042")
    ids = queries.found(desk.week, text)
    if not ids:
        st.info(f"No customer id begins with “{words.short(text)}” among the scores of this week.")
        return
    chosen = st.selectbox("Customer", ids, help="Highest forecast first", key="customer")
    row = queries.customer(desk.week, chosen)
    if row is None:
        return
    if pd.isna(row.clv_eur):
        st.info(f"{chosen} has no order yet: a lead has no forecast.")
        return
    _score(row)
    left, right = st.columns(2, gap="large")
    with left:
        _drivers(row)
    with right:
        _history(desk, row)
    _returns(desk, chosen)
    _weeks(desk, row)


def _score(row: "pd.Series[float]") -> None:
    interval = words.span(words.eur(row.clv_low_eur), words.eur(row.clv_high_eur))
    shown = (
        (
            "Expected net revenue",
            words.eur(row.clv_eur, 2),
            f"80 % interval {interval}" if interval else "no interval yet",
        ),
        ("Last year (12m)", words.eur(row.baseline_last_year_eur, 2), f"{row.segment} customer"),
        (
            "Decile",
            words.number(row.decile),
            f"place {words.number(row.place)} of {words.number(row.of_all)}",
        ),
        ("Will order", words.percent(row.p_active), f"within {words.number(row.horizon_days)} days"),
        (
            "Last order",
            f"{words.number(row.recency_days)} days",
            f"ago; {words.number(row.frequency)} repeat days",
        ),
    )
    tiles(shown)
    st.caption(
        f"{words.short(row.country)}, came by {words.short(row.acquisition_channel)}, "
        f"{words.short(row.device)}, customer for {words.number(row.tenure_days)} days. "
        f"Scored by {row.model_version}."
    )


def steps(row: "pd.Series[float]") -> pd.DataFrame:
    """Return `driver` and `eur`: the start, the named drivers and the rest, which add up to the forecast."""
    named = [
        (words.short(row[f"driver_{k}"]), float(row[f"driver_{k}_eur"])) for k in PLACES if row[f"driver_{k}"]
    ]
    start = float(row.driver_start_eur)
    rest = float(row.clv_eur) - start - sum(eur for _, eur in named)
    return pd.DataFrame(
        [("typical customer", start), *named, ("all else together", rest)], columns=["driver", "eur"]
    )


def _drivers(row: "pd.Series[float]") -> None:
    if pd.isna(row.driver_start_eur):
        st.info("What drives this forecast is not known: too little has closed to say what is typical.")
        return
    rows = _stairs(row)
    largest = rows.iloc[1]
    verb = "lifts" if largest.eur >= 0 else "lowers"
    charts.draw(
        f"“{largest.driver}” {verb} this forecast most, by {words.eur(abs(largest.eur), 2)}",
        _waterfall(rows),
        "From the typical customer of the segment to the forecast; steps add up exactly. They say what the "
        "model looked at, not what would happen if somebody changed it.",
    )


def _stairs(row: "pd.Series[float]") -> pd.DataFrame:
    """Return `steps` and the forecast, each from `since` to `until`, and `said` beside it at `at`."""
    rows = steps(row)
    rows["until"] = rows.eur.cumsum()
    rows["since"] = rows.until - rows.eur
    total = pd.DataFrame([("forecast", row.clv_eur, row.clv_eur, 0.0)], columns=rows.columns)
    rows = pd.concat([rows, total], ignore_index=True)
    rows["kind"] = ["level", *("lifts" if eur >= 0 else "lowers" for eur in rows.eur[1:-1]), "level"]
    rows["said"] = [
        words.eur(eur) if kind == "level" else words.signed(eur)
        for eur, kind in zip(rows.eur, rows.kind, strict=True)
    ]
    return rows.assign(at=rows[["since", "until"]].max(axis=1))


def _waterfall(rows: pd.DataFrame) -> Any:
    tone, axis = charts.colours(), "EUR in the horizon"
    scale = alt.Scale(domain=["level", "lifts", "lowers"], range=[tone.grey, tone.blue, tone.orange])
    base = alt.Chart(charts.wrapped(rows, "driver")).encode(y=charts.names("driver"))
    bars = base.mark_bar().encode(
        x=alt.X(**charts.eur("since", axis)),
        x2="until:Q",
        color=alt.Color("kind:N", scale=scale, legend=None),
        tooltip=charts.shown(driver=("driver", ""), eur=("EUR", ",.2f")),
    )
    text = base.mark_text(align="left", dx=4, color=tone.grey).encode(
        x=alt.X(**charts.eur("at", axis)), text="said:N"
    )
    return (bars + text).properties(height=charts.ROW * 1.3 * len(rows) + 60)


def _history(desk: Desk, row: "pd.Series[float]") -> None:
    rows = months(desk.week, str(row.customer_id))
    if rows.empty:
        st.info("No entry of the ledger names this customer.")
        return
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month):T", title="month", axis=alt.Axis(format="%b %Y", labelOverlap=True)),
            y=alt.Y(**charts.eur("eur", "net revenue, EUR")),
            color=alt.condition(
                "datum.eur < 0", alt.value(charts.colours().orange), alt.value(charts.colours().blue)
            ),
            tooltip=[
                alt.Tooltip("yearmonth(month):T", title="month", format="%B %Y"),
                *charts.shown(eur=("EUR", ",.2f"), sales=("orders", ",.0f")),
            ],
        )
        .properties(height=300)
    )
    orders = words.counted(int(rows.sales.sum()), "order")
    charts.draw(
        f"{orders} and {words.eur(float(rows.eur.sum()), 2)} of net revenue so far",
        chart,
        "As known at the time of the forecast; below zero where refunds of a month exceed its sales.",
    )


def _returns(desk: Desk, customer_id: str) -> None:
    """Show what investing in this customer would return, action by action."""
    try:
        rows = of_customer(desk.week, desk.assumptions, customer_id)
    except UserError as error:
        st.caption(f"What an action would return is not known: {error}.")
        return
    if rows.empty:
        st.info("No marketing consent of this customer is known: no action may be taken.")
        return
    best, is_assumed = rows.iloc[0], (rows.source == ASSUMPTION).any()
    assumed = "ASSUMED, not measured: uplifts as on the page Budget. " if is_assumed else ""
    charts.draw(
        f"What if? “{best.action}” costs {words.eur(best.cost_eur, 2)} and is expected to gain "
        f"{words.eur(best.gain_eur, 2)}",
        _by_action(rows),
        f"{assumed}Lines: 80 % intervals of what this one customer returns, luck included.",
    )


def _by_action(rows: pd.DataFrame) -> Any:
    tone, title = charts.colours(), "return (gain − cost), EUR"
    base = alt.Chart(charts.wrapped(rows, "action")).encode(y=charts.names("action"))
    line = base.mark_rule(size=3, color=tone.grey).encode(x=alt.X(**charts.eur("low", title)), x2="high:Q")
    point = base.mark_point(filled=True, size=110, color=tone.blue, opacity=1).encode(
        x=alt.X(**charts.eur("return_eur", title)),
        tooltip=charts.shown(
            action=("action", ""),
            source=("uplift from", ""),
            cost_eur=("cost, €", charts.EUR_CENTS),
            gain_eur=("gain, €", charts.EUR_CENTS),
            return_eur=("return, €", charts.EUR_CENTS),
        ),
    )
    return (line + point).properties(height=charts.ROW * 1.3 * len(rows) + 60)


def _weeks(desk: Desk, row: "pd.Series[float]") -> None:
    rows = earlier_scores(desk.week, desk.days, str(row.customer_id))
    if len(rows) < 2:
        return
    chart = (
        alt.Chart(rows)
        .mark_line(point={"size": 70}, color=charts.colours().blue)
        .encode(
            x=alt.X("as_of:T", title="forecast of", axis=alt.Axis(format="%d %b %y", tickCount=5)),
            y=alt.Y(**charts.eur("clv_eur", "expected EUR")),
            tooltip=[alt.Tooltip("as_of:T", title="forecast of"), *charts.shown(clv_eur=("EUR", ",.2f"))],
        )
        .properties(height=220)
    )
    change = float(rows.clv_eur.iloc[-1] - rows.clv_eur.iloc[-2])
    moved = f"{'rose' if change >= 0 else 'fell'} by {words.eur(abs(change), 2)}"
    charts.draw(f"The forecast {moved} since {words.day(rows.as_of.iloc[-2])}", chart)
