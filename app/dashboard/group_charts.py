"""Charts of groups of customers: a map of their value, and ratios with intervals over a band of limits."""

from typing import Any

import altair as alt
import pandas as pd

from app.dashboard import charts

LARGEST_RATIO = 3.0
"""Intervals of small groups are cut here; hovering tells the figure."""

WITHIN, LUCK, SURE = "within", "outside, may be luck", "surely outside"
SHADES = ("#E8F1F8", "#0072B2", "#00304B")


def banded(rows: pd.DataFrame, title: str, limits: tuple[float, float]) -> Any:
    """Return `value` with `low` to `high` of each `group` over a shaded band of what is within the limits.

    `verdict` is `WITHIN`, `LUCK` or `SURE`; shapes tell them apart beside colours. Hovering also shows
    `customers`.
    """
    tone = charts.colours()
    most = min(float(rows[["value", "high"]].max(axis=None)), LARGEST_RATIO)
    scale = alt.Scale(domain=[0, max(most, limits[1] * 1.2)], clamp=True)
    edges = alt.Chart(pd.DataFrame({"from": [limits[0]], "to": [limits[1]]}))
    band = edges.mark_rect(opacity=0.15, color=tone.grey).encode(x=alt.X("from:Q", scale=scale), x2="to:Q")
    lines, points = _judged(charts.wrapped(rows, "group"), title, scale)
    return (band + lines + points).properties(height=charts.ROW * len(rows) + 130)


def _judged(rows: pd.DataFrame, title: str, scale: alt.Scale) -> tuple[Any, Any]:
    tone, kinds = charts.colours(), [WITHIN, LUCK, SURE]
    base = alt.Chart(rows).encode(
        y=charts.names("group"),
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=kinds, range=[tone.blue, tone.grey, tone.orange]),
            legend=alt.Legend(orient="top", title=None, columns=2),
        ),
        tooltip=charts.shown(
            group=("group", ""),
            customers=("customers", charts.COUNT),
            value=("ratio", ".2f"),
            low=("from", ".2f"),
            high=("to", ".2f"),
            verdict=("verdict", ""),
        ),
    )
    lines = base.mark_rule(size=2).encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q")
    shapes = alt.Scale(domain=kinds, range=["circle", "square", "diamond"])
    shape = alt.Shape("verdict:N", scale=shapes, legend=None)
    points = base.mark_point(filled=True, size=90, opacity=1)
    return lines, points.encode(x=alt.X("value:Q", title=title, scale=scale), shape=shape)


def heat(rows: pd.DataFrame, value: str, written: tuple[str, str]) -> Any:
    """Return a map of `country` by `channel`, darker where `value` is larger, with the figure on each.

    written : what stands before a figure, and its number format
    """
    before, form = written
    most = float(rows[value].max())
    base = alt.Chart(rows).encode(
        x=alt.X("channel:N", title="acquisition channel", axis=alt.Axis(labelAngle=-45, labelOverlap=False)),
        y=alt.Y("country:N", title=None),
        tooltip=charts.shown(
            country=("country", ""),
            channel=("channel", ""),
            customers=("customers", charts.COUNT),
            mean_eur=("EUR per customer", charts.EUR_CENTS),
            clv_eur=("EUR in total", charts.EUR_WHOLE),
        ),
    )
    shade = alt.Color(f"{value}:Q", legend=None, scale=alt.Scale(domain=[0, most], range=list(SHADES)))
    ink = alt.condition(f"datum.{value} > {0.4 * most}", alt.value("white"), alt.value("#111111"))
    said = base.transform_calculate(said=f"'{before}' + replace(format(datum.{value}, '{form}'), 'G', 'bn')")
    cells = base.mark_rect(stroke="white", strokeWidth=1).encode(color=shade)
    figures = said.mark_text(fontSize=11).encode(text="said:N", color=ink)
    return (cells + figures).properties(height=34 * rows.country.nunique() + 90)
