"""How charts look: two colours that colour-blind people tell apart, on light and on dark, units on axes."""

from dataclasses import dataclass
from textwrap import fill
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

EUR_AXIS = (
    "(datum.value < 0 ? '−€' : '€') + (abs(datum.value) < 1000 ? format(abs(datum.value), '.2~f') "
    ": replace(format(abs(datum.value), '~s'), 'G', 'bn'))"
)
EUR_WHOLE, EUR_CENTS, PERCENT, COUNT = ",.0f", ",.2f", ".0%", ",.0f"
BAR = 18
ROW = 30
"""Pixels of a column, and of a row of bars with its gap."""

FORECAST, BASELINE = "forecast", "last year (12m)"

LETTERS = 30
"""Of a line of a name beside a row: it leaves room for the bars on a phone."""


@dataclass(frozen=True)
class Colours:
    """Of Okabe and Ito (2008), with enough contrast to the background."""

    blue: str
    orange: str
    grey: str
    ink: str
    """What stands out on all of them: ends of intervals."""


LIGHT = Colours("#0072B2", "#D55E00", "#767676", "#1F1F1F")
DARK = Colours("#56B4E9", "#E69F00", "#9A9A9A", "#F2F2F2")


def colours() -> Colours:
    """Return the colours for the theme that the reader has."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def several() -> list[str]:
    """Return colours for kinds that have no order, few enough to be told apart."""
    tone = colours()
    return [tone.blue, tone.orange, "#009E73", "#CC79A7", tone.grey]


def draw(says: str, chart: Any, note: str = "") -> None:
    """Show a chart below the one thing that it says; `note` says how to read it."""
    st.markdown(f"##### {says}")
    st.altair_chart(chart, width="stretch")
    if note:
        st.caption(note)


def eur(field: str, title: str, **axis: Any) -> dict[str, Any]:
    """Return the encoding of an amount on an axis."""
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "axis": alt.Axis(labelExpr=EUR_AXIS, **axis),
    }


def shown(**fields: tuple[str, str]) -> list[alt.Tooltip]:
    """Return what hovering shows: `field=(title, number format)`, names with an empty format."""
    return [
        alt.Tooltip(field=name, type="quantitative", title=title, format=form)
        if form
        else alt.Tooltip(field=name, type="nominal", title=title)
        for name, (title, form) in fields.items()
    ]


def kinds(field: str, tones: dict[str, str], **legend: Any) -> alt.Color:
    """Return the colour of each kind, with a legend on top."""
    scale = alt.Scale(domain=list(tones), range=list(tones.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=alt.Legend(orient="top", title=None, **legend))


def bars(rows: pd.DataFrame, name: str, value: str, title: str, tooltip: list[alt.Tooltip]) -> Any:
    """Return horizontal bars of signed EUR in the order of the rows: blue lifts, orange lowers."""
    tone = colours()
    return (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            y=names(name),
            x=alt.X(**eur(value, title)),
            color=alt.condition(f"datum.{value} < 0", alt.value(tone.orange), alt.value(tone.blue)),
            tooltip=tooltip,
        )
        .properties(height=len(rows) * ROW * 1.3 + 60)
    )


def beside_marks(rows: pd.DataFrame, name: str, title: str, value: str, mark: str) -> Any:
    """Return columns of the forecast `value`, EUR per customer, with a mark for the baseline's `mark`."""
    tone = colours()
    scale = alt.Scale(domain=[FORECAST, BASELINE], range=[tone.blue, tone.orange])
    legend = alt.Legend(orient="top", title=None, symbolType="square")
    told = {name: (title, ""), value: (f"{FORECAST}, €", EUR_CENTS), mark: (f"{BASELINE}, €", EUR_CENTS)}
    base = alt.Chart(rows).encode(
        x=alt.X(f"{name}:O", title=title, axis=alt.Axis(labelAngle=0)),
        tooltip=shown(**told, customers=("customers", COUNT)),
    )
    column = base.transform_calculate(what=f"'{FORECAST}'").mark_bar()
    ticks = base.transform_calculate(what=f"'{BASELINE}'").mark_tick(thickness=4, size=24, opacity=1)
    layers = (
        layer.encode(
            y=alt.Y(**eur(field, "EUR per customer")), color=alt.Color("what:N", scale=scale, legend=legend)
        )
        for layer, field in ((column, value), (ticks, mark))
    )
    return alt.layer(*layers).properties(height=300)


def wrapped(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows with long names broken into lines."""
    return rows.assign(**{name: rows[name].map(lambda text: fill(str(text), LETTERS))})


def names(name: str, order: list[str] | None = None) -> alt.Y:
    """Return the axis of `wrapped` names, in the order given, else of the rows."""
    lines = alt.Axis(
        labelExpr="split(datum.value, '\\n')", labelLimit=0, labelLineHeight=12, labelOverlap=False
    )
    return alt.Y(field=name, type="nominal", sort=order, title=None, axis=lines)
