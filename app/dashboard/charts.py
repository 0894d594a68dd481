"""How charts look: two colours that colour-blind people tell apart, on light and on dark, units on axes."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

EUR_AXIS = "(datum.value < 0 ? '−€' : '€') + replace(format(abs(datum.value), '~s'), 'G', 'bn')"
EUR_WHOLE, EUR_CENTS, PERCENT, COUNT = ",.0f", ",.2f", ".0%", ",.0f"
BAR = 18
"""Pixels of a horizontal bar with its gap."""

ROW = 30
LABEL = 230
"""Pixels that the name of a bar may take."""


@dataclass(frozen=True)
class Colours:
    """Of Okabe and Ito (2008), with enough contrast to the background."""

    blue: str
    orange: str
    grey: str


LIGHT = Colours("#0072B2", "#D55E00", "#767676")
DARK = Colours("#56B4E9", "#E69F00", "#9A9A9A")


def colours() -> Colours:
    """Return the colours for the theme that the reader has."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def draw(says: str, chart: Any, note: str = "") -> None:
    """Show a chart below the one thing that it says; `note` says how to read it."""
    st.markdown(f"##### {says}")
    st.altair_chart(chart, width="stretch")
    if note:
        st.caption(note)


def eur(field: str, title: str, **axis: Any) -> dict[str, Any]:
    """Return the encoding of an amount on an axis."""
    return {"field": field, "type": "quantitative", "title": title, "axis": alt.Axis(labelExpr=EUR_AXIS, **axis)}


def shown(**fields: tuple[str, str]) -> list[alt.Tooltip]:
    """Return what hovering shows: `field=(title, number format)`, names with an empty format."""
    return [
        alt.Tooltip(field=name, type="quantitative", title=title, format=form)
        if form
        else alt.Tooltip(field=name, type="nominal", title=title)
        for name, (title, form) in fields.items()
    ]


def bars(rows: pd.DataFrame, name: str, value: str, title: str, tooltip: list[alt.Tooltip]) -> Any:
    """Return horizontal bars of signed EUR in the order of the rows: blue lifts, orange lowers."""
    tone = colours()
    return (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            y=alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL)),
            x=alt.X(**eur(value, title)),
            color=alt.condition(f"datum.{value} < 0", alt.value(tone.orange), alt.value(tone.blue)),
            tooltip=tooltip,
        )
        .properties(height=max(len(rows), 2) * ROW + 40)
    )


def columns_beside_marks(rows: pd.DataFrame, x: alt.X, value: str, mark: str, names: tuple[str, str]) -> Any:
    """Return columns of EUR with a mark each for what they are compared with; `names` are of column, mark."""
    tone = colours()
    scale = alt.Scale(domain=list(names), range=[tone.blue, tone.orange])
    legend = alt.Legend(orient="top", title=None)
    base = alt.Chart(rows).encode(
        x=x,
        tooltip=shown(**{x.shorthand.split(":")[0]: (str(x.title), ""), value: (f"{names[0]}, €", EUR_CENTS)}
        | {mark: (f"{names[1]}, €", EUR_CENTS), "customers": ("customers", COUNT)}),
    )
    column = base.transform_calculate(what=f"'{names[0]}'").mark_bar().encode(
        y=alt.Y(**eur(value, "EUR per customer")), color=alt.Color("what:N", scale=scale, legend=legend)
    )
    ticks = base.transform_calculate(what=f"'{names[1]}'").mark_tick(thickness=4, size=26).encode(
        y=alt.Y(**eur(mark, "EUR per customer")), color=alt.Color("what:N", scale=scale, legend=legend)
    )
    return (column + ticks).properties(height=300)


def intervals(rows: pd.DataFrame, name: str, title: str, value: str = "value") -> alt.Chart:
    """Return points with `low` to `high` lines, a row per name in the order given; to lay bands under."""
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL)),
    )
    scale = alt.Scale(zero=False)
    line = base.mark_rule(size=2).encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x=alt.X(f"{value}:Q", title=title, scale=scale))
    return line, point
