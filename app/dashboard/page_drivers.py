"""Drivers: what moves forecasts, how one driver works, and why one group is worth more than another."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts, driver_queries
from app.dashboard.shell import Desk
from app.report import words

TOP = 10
STEADY, MODELS = 6, 3
"""Drivers and newest models whose sizes are held beside each other."""


def drivers(desk: Desk) -> None:
    """Show the largest drivers, their spread, one driver by level of forecast, and two groups compared."""
    segments = driver_queries.explained(desk.week)
    if not segments:
        st.info("Drivers are not known: too little has closed to say what is typical.")
        return
    st.markdown(
        "A forecast starts from the typical customer of its segment; drivers lift or lower it and add up "
        "to it exactly. Of each customer the three largest are published."
    )
    segment = st.segmented_control("Model", segments, default=segments[-1], required=True)
    rows = driver_queries.spread(desk.week, segment).head(TOP)
    left, right = st.columns(2, gap="large")
    with left:
        _means(rows, segment)
    with right:
        _spread(rows)
    _stability(desk, segment)
    _compare(desk, segment)


def _means(rows: pd.DataFrame, segment: str) -> None:
    tone = charts.colours()
    long = rows.melt(["driver"], ["up", "down"], "way", "eur").replace(
        {"way": {"up": "lifts", "down": "lowers"}}
    )
    scale = alt.Scale(domain=["lifts", "lowers"], range=[tone.blue, tone.orange])
    chart = (
        alt.Chart(charts.wrapped(long, "driver"))
        .mark_bar()
        .encode(
            y=charts.names("driver"),
            x=alt.X(**charts.eur("eur", "EUR, mean over all customers")),
            color=alt.Color("way:N", scale=scale, legend=alt.Legend(orient="top", title=None)),
            tooltip=charts.shown(driver=("driver", ""), way=("which", ""), eur=("EUR", ",.2f")),
        )
        .properties(height=charts.ROW * len(rows) * 1.3 + 90)
    )
    top = rows.iloc[0]
    charts.draw(
        f"“{top.driver}” moves {segment} forecasts most: {words.eur(float(top.up - top.down), 2)} on average",
        chart,
    )


def _spread(rows: pd.DataFrame) -> None:
    tone = charts.colours()
    base = alt.Chart(charts.wrapped(rows, "driver")).encode(y=charts.names("driver"))
    title = "EUR, where among the three largest"
    wide = base.mark_rule(color=tone.grey).encode(x=alt.X(**charts.eur("p5", title)), x2="p95:Q")
    box = base.mark_bar(size=12, color=tone.blue).encode(
        x=alt.X(**charts.eur("p25", title)),
        x2="p75:Q",
        tooltip=charts.shown(
            driver=("driver", ""),
            customers=("customers", ",.0f"),
            p5=("5 %", ",.2f"),
            p25=("25 %", ",.2f"),
            p50=("median", ",.2f"),
            p75=("75 %", ",.2f"),
            p95=("95 %", ",.2f"),
        ),
    )
    middle = base.mark_tick(color=tone.orange, thickness=3, size=16).encode(
        x=alt.X(**charts.eur("p50", title))
    )
    widest = rows.loc[(rows.p95 - rows.p5).idxmax()]
    charts.draw(
        f"“{widest.driver}” differs most between customers: "
        f"{words.eur(float(widest.p5))} to {words.eur(float(widest.p95))}",
        (wide + box + middle).properties(height=charts.ROW * len(rows) * 1.3 + 60),
        "Box: half of customers, line: nine tenths, tick: median.",
    )


def _stability(desk: Desk, segment: str) -> None:
    rows = driver_queries.by_model(desk.week, desk.days, segment)
    models = rows.model.nunique()
    if models < 2:
        st.caption(
            "Whether drivers stay the same from training to training shows once a second model has scored."
        )
        return
    same = len(set(rows[rows.place == 1].driver)) == 1
    says = "the same driver leads in each" if same else "the leading driver has changed"
    charts.draw(
        f"{models} models have scored: {says}", _sizes(rows), "By the week in which a model scored last."
    )


def _sizes(rows: pd.DataFrame) -> Any:
    newest = rows[rows.as_of == rows.as_of.max()]
    days = sorted(rows.week.unique(), reverse=True)[:MODELS]
    shown = rows[rows.driver.isin(newest.driver.head(STEADY)) & rows.week.isin(days)]
    tone = charts.colours()
    shapes = alt.Scale(domain=days, range=["circle", "diamond", "square"])
    return (
        alt.Chart(charts.wrapped(shown.sort_values(["as_of", "place"], ascending=[False, True]), "driver"))
        .mark_point(filled=True, size=110, opacity=0.9)
        .encode(
            y=charts.names("driver"),
            x=alt.X(**charts.eur("eur", "EUR, mean size over all customers")),
            color=charts.kinds("week", dict(zip(days, (tone.blue, tone.orange, tone.grey), strict=False))),
            shape=alt.Shape("week:N", scale=shapes, legend=None),
            tooltip=charts.shown(
                driver=("driver", ""), eur=("EUR", ",.2f"), place=("place", ",.0f"), model=("model", "")
            ),
        )
        .properties(height=charts.ROW * STEADY * 1.3 + 90)
    )


def _compare(desk: Desk, segment: str) -> None:
    st.markdown("#### Why is one group worth more than another?")
    with st.container(horizontal=True):
        by = st.selectbox("Compare by", list(driver_queries.BY), key="by")
        values = driver_queries.values(desk.week, segment, by)
        if len(values) < 2:
            st.info("There is only one such group.")
            return
        one = st.selectbox("This group", values, index=0, key=f"one-{by}")
        other = st.selectbox("with this one", values, index=1, key=f"other-{by}")
    rows, means = driver_queries.difference(desk.week, segment, by, (one, other))
    if one == other or rows.empty:
        st.info("Choose two groups.")
        return
    chart = charts.bars(
        charts.wrapped(rows.head(TOP), "driver"),
        "driver",
        "eur",
        f"EUR per customer, {one} less {other}",
        charts.shown(driver=("driver", ""), eur=("EUR", ",.2f")),
    )
    charts.draw(
        f"A customer of {one} is expected to bring {words.eur(means[0], 2)}, one of {other} "
        f"{words.eur(means[1], 2)}: {words.signed(means[0] - means[1], 2)} €",
        chart,
        "Differences of mean drivers; with “all else together” they add up to the difference exactly.",
    )
