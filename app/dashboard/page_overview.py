"""Overview: what the customer base is worth, who holds it, whether the forecast is good, what is wrong."""

from datetime import timedelta
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from app.dashboard import charts, queries
from app.dashboard.alarms import Raised, raised
from app.dashboard.base import decided_run
from app.dashboard.evaluations import quality
from app.dashboard.shell import Desk
from app.dashboard.store import monitored, told
from app.dashboard.tiles import tiles
from app.report import words
from clv.tables import METRICS
from clv.timeline import Horizon

NOT_SUMMED_UP = (
    "The run did not sum up this week, so it was computed from the scores at this visit; `clv run` of the "
    "same t₀ keeps it."
)


def overview(desk: Desk) -> None:
    """Show the value of the base, its concentration, deciles, model quality, the last run and alarms."""
    totals = queries.totals(desk.week)
    if not totals.customers:
        st.info("No customer had an order by then: there is nothing to forecast. Choose a later week.")
        return
    horizon = Horizon(int(totals.horizon_days))
    last = horizon.end(desk.week.as_of) - timedelta(days=1)
    st.markdown(
        f"**{words.counted(int(totals.customers), 'customer')}** are expected to bring "
        f"**{words.eur_short(totals.clv_eur)}** of net revenue from {words.day(desk.week.as_of)} to "
        f"{words.day(last)}, after discounts, VAT and refunds. They brought "
        f"{words.eur_short(totals.year_eur)} in the 365 days before."
    )
    concentration = queries.concentration(desk.week)
    _tiles(totals, concentration)
    _alarms(desk)
    left, right = st.columns(2, gap="large")
    with left:
        _deciles(queries.deciles(desk.week))
    with right:
        _concentration(concentration)
    _quality(desk, horizon)
    _last_run(desk)
    if decided_run(desk.week) is None:
        st.caption(NOT_SUMMED_UP)


def _tiles(totals: "pd.Series[float]", concentration: pd.DataFrame) -> None:
    top = float(np.interp(0.1, concentration.customers, concentration.revenue))
    shown = (
        (
            "Expected net revenue",
            words.eur_short(totals.clv_eur),
            f"12m: {words.eur_short(totals.last_year_eur)}",
        ),
        (
            "Customers",
            words.number(totals.customers),
            f"and {words.number(totals.leads)} leads",
        ),
        ("Expected per customer", words.eur(totals.mean_eur, 2), f"median {words.eur(totals.median_eur, 2)}"),
        ("In the top tenth", words.percent(top), "of expected revenue"),
        ("Will order", words.percent(totals.p_active), f"within {words.number(totals.horizon_days)} days"),
    )
    tiles(shown)
    st.caption(f"{words.BASELINE}: what the shop would expect if last year simply came again.")


def _alarms(desk: Desk) -> None:
    metrics = monitored(desk.root, desk.week.as_of, METRICS.name)
    if metrics is None:
        st.warning(
            "Nobody has watched this week yet: `clv run` of the same t₀ does.", icon=":material/visibility:"
        )
        return
    found = raised(metrics)
    if not found:
        st.success("No alarm: every figure of this week is within its limits.", icon=":material/check:")
        return
    lines = "\n".join(f"- {_alarm(one)}" for one in found)
    st.warning(f"**{words.counted(len(found), 'alarm')}**\n{lines}", icon=":material/warning:")


def _alarm(one: Raised) -> str:
    of = f" ({one.model.rpartition('-')[0]} model)" if one.model else ""
    value = words.number(one.value, 0 if one.indicator.unit == "Count" else 2)
    return f"{one.indicator.meaning}{of}: **{value}**. What to do: `{one.rule.runbook}`"


def _deciles(rows: pd.DataFrame) -> None:
    top = rows.iloc[-1]
    charts.draw(
        f"A customer of the best tenth is expected to bring {words.eur(top.mean_eur)}",
        charts.beside_marks(
            rows, "decile", "decile of forecast, 10 = best", "mean_eur", "last_year_mean_eur"
        ),
    )


def _concentration(rows: pd.DataFrame) -> None:
    fifth = float(np.interp(0.2, rows.customers, rows.revenue))
    tone = charts.colours()
    curve = (
        alt.Chart(rows)
        .mark_line(color=tone.blue, strokeWidth=3)
        .encode(
            x=alt.X(
                "customers:Q",
                title="share of customers, highest forecast first",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y("revenue:Q", title="share of expected revenue", axis=alt.Axis(format="%")),
            tooltip=charts.shown(customers=("customers", ".0%"), revenue=("revenue", ".0%")),
        )
    )
    equal = pd.DataFrame({"x": [0, 1], "y": [0, 1]})
    line = alt.Chart(equal).mark_line(color=tone.grey, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q")
    charts.draw(
        f"A fifth of customers holds {words.percent(fifth)} of expected revenue",
        (line + curve).properties(height=300),
        "Dashed: if all customers were worth the same.",
    )


def _quality(desk: Desk, horizon: Horizon) -> None:
    rows = quality(desk.week, horizon)
    if rows.empty:
        st.info(
            "No forecast has been judged yet: too little has closed. "
            f"`clv backtest --lake {desk.root} --as-of YYYY-MM-DD` judges a past one."
        )
        return
    best = rows.iloc[-1]
    days = ", ".join(sorted({str(day) for day in rows.judged_as_of}))
    charts.draw(
        f"Of {best.who}, the tenth ranked highest held {words.percent(best.capture_top10)} of what came; "
        f"ranked by last year's revenue {words.percent(best.capture_top10_12m)}",
        _held(rows),
        f"Out of time, forecasts of {days}, which saw nothing later. Difference of the normalised Gini to "
        "12m: " + "; ".join(_gain(row) for _, row in rows.iterrows()) + ".",
    )


def _held(rows: pd.DataFrame) -> Any:
    tone = charts.colours()
    long = rows.melt(["who", "customers"], ["capture_top10", "capture_top10_12m"], "which", "share")
    long["which"] = long.which.map({"capture_top10": charts.FORECAST, "capture_top10_12m": charts.BASELINE})
    tones = {charts.FORECAST: tone.blue, charts.BASELINE: tone.orange}
    return (
        alt.Chart(charts.wrapped(long, "who"))
        .mark_bar()
        .encode(
            y=charts.names("who"),
            yOffset=alt.YOffset("which:N", sort=list(tones)),
            x=alt.X("share:Q", title="share of revenue that came", axis=alt.Axis(format="%")),
            color=charts.kinds("which", tones),
            tooltip=charts.shown(who=("customers", ""), which=("ranked by", ""), share=("held", ".1%")),
        )
        .properties(height=60 * len(rows) + 80)
    )


def _gain(row: "pd.Series[float]") -> str:
    low, high = (words.signed(float(row[name]), 3) for name in ("gain_low", "gain_high"))
    return f"{row.who} {words.signed(float(row.gain), 3)} ({low} to {high})"


def _last_run(desk: Desk) -> None:
    record = told(desk.root, f"runs/{desk.week.run_id}/publish.json") or {}
    remarks = (told(desk.root, f"runs/{desk.week.run_id}/watch.json") or {}).get("notes", [])
    notes = [*record.get("notes", []), *remarks]
    st.caption(f"Published by {desk.week.run_id}." + (f" It remarked: {'; '.join(notes)}." if notes else ""))
