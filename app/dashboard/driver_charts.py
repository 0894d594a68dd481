"""Charts of drivers: sizes, beeswarm, dependence, and the way from one group's forecast to another's."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from app.dashboard import charts
from app.drivers.dependence import along
from app.drivers.swarm import every

POINTS = 500
"""Of a dependence plot; the line is of all sampled customers."""
UNEVEN = alt.Scale(type="symlog", constant=1)
"""Steps of tens on either side of zero, so that cents and hundreds of euros are both seen."""
SPAN = ("low_eur", "high_eur")


def sizes(rows: pd.DataFrame) -> Any:
    """Return bars of the mean size of drivers, what lifts beside what lowers, with its interval."""
    tone = charts.colours()
    named = charts.wrapped(rows.assign(down_eur=-rows.down_eur), "driver")
    long = named.melt(["driver", "size_eur"], ["up_eur", "down_eur"], "way", "eur").replace(
        {"way": {"up_eur": "lifts", "down_eur": "lowers"}}
    )
    title = "EUR per customer, up or down"
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            y=charts.names("driver"),
            x=alt.X(**charts.eur("eur", title)),
            color=charts.kinds("way", {"lifts": tone.blue, "lowers": tone.orange}),
            order=alt.Order("way:N"),
            tooltip=charts.shown(driver=("driver", ""), way=("which", ""), eur=("EUR", ",.2f")),
        )
    )
    spans = _whiskers(named, title, tone.ink)
    return (bars + spans).properties(height=charts.ROW * len(rows) * 1.3 + 90)


def swarm(points: pd.DataFrame, drivers: list[str]) -> Any:
    """Return one point per customer and driver; colour is the driver's value, low to high."""
    tone = charts.colours()
    shown = charts.wrapped(points, "driver")
    y = charts.names("driver", _lines(drivers))
    legend = alt.Legend(
        orient="top",
        title="value of the driver",
        values=[0.1, 0.9],
        labelExpr="datum.value < 0.5 ? 'low' : 'high'",
        gradientLength=110,
    )
    scale = alt.Scale(domain=[0, 1], range=[tone.blue, tone.orange], interpolate="lab")
    x = charts.eur("eur", "EUR that it adds, steps of tens", values=_tens(points.eur))
    base = alt.Chart(shown).encode(
        y=y,
        yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-1.25, 1.25])),
        x=alt.X(**x, scale=UNEVEN),
        tooltip=charts.shown(driver=("driver", ""), said=("value", ""), eur=("EUR", ",.2f")),
    )
    numbers = base.transform_filter("isValid(datum.rank)").encode(
        color=alt.Color("rank:Q", scale=scale, legend=legend)
    )
    others = base.transform_filter("!isValid(datum.rank)")
    layers = (
        others.mark_circle(size=14, opacity=0.75, color=tone.grey),
        numbers.mark_circle(size=14, opacity=0.75),
    )
    return alt.layer(*layers).properties(height=charts.ROW * len(drivers) * 1.3 + 90)


def dependence(rows: pd.DataFrame, meaning: str, *, in_eur: bool) -> Any:
    """Return what a driver adds by its value: customers as points, the median as a line."""
    tone = charts.colours()
    x = alt.X("value:Q", title=meaning, scale=alt.Scale(zero=False), axis=alt.Axis(format=",~r"))
    if in_eur:
        x = alt.X(**charts.eur("value", meaning))
    y = alt.Y(**charts.eur("eur", "EUR that it adds"))
    told = charts.shown(value=(meaning, ",.4~g"), eur=("EUR", ",.2f"))
    points = alt.Chart(rows.loc[every(rows.index, POINTS)]).mark_circle(
        size=22, opacity=0.35, color=tone.blue
    )
    line = alt.Chart(along(rows)).mark_line(color=tone.orange, strokeWidth=3, point={"color": tone.orange})
    zero = alt.Chart(pd.DataFrame({"eur": [0.0]})).mark_rule(color=tone.grey).encode(y=y)
    layers = (layer.encode(x=x, y=y, tooltip=told) for layer in (points, line))
    return alt.layer(zero, *layers).properties(height=340)


def names(rows: pd.DataFrame) -> Any:
    """Return what a driver adds by its value where that is a name: the middle half and the median."""
    tone = charts.colours()
    base = alt.Chart(charts.wrapped(rows, "name")).encode(
        y=charts.names("name"),
        tooltip=charts.shown(
            name=("value", ""),
            customers=("customers", ",.0f"),
            p25=("25 %", ",.2f"),
            p50=("median", ",.2f"),
            p75=("75 %", ",.2f"),
        ),
    )
    title = "EUR that it adds"
    box = base.mark_bar(size=12, color=tone.blue).encode(x=alt.X(**charts.eur("p25", title)), x2="p75:Q")
    middle = base.mark_tick(color=tone.orange, thickness=3, size=18).encode(
        x=alt.X(**charts.eur("p50", title))
    )
    return (box + middle).properties(height=charts.ROW * len(rows) * 1.3 + 60)


def steps(rows: pd.DataFrame, means: tuple[float, float], labels: tuple[str, str]) -> Any:
    """Return the way from the second group's mean forecast to the first one's, driver by driver."""
    tone = charts.colours()
    way = _way(rows, means[1])
    ends = pd.DataFrame({"driver": [labels[1], labels[0]], "end": [means[1], means[0]]})
    order = [labels[1], *way.driver, labels[0]]
    y = charts.names("driver", _lines(order))
    title = "EUR per customer"
    x = alt.X(**charts.eur("start", title), scale=alt.Scale(zero=False))
    told = charts.shown(driver=("driver", ""), eur=("EUR", ",.2f"))
    shown = charts.wrapped(way, "driver")
    bars = (
        alt.Chart(shown)
        .mark_bar(size=16)
        .encode(
            y=y,
            x=x,
            x2="end:Q",
            color=charts.kinds("way", {"lifts": tone.blue, "lowers": tone.orange}),
            tooltip=told,
        )
    )
    marks = (
        alt.Chart(charts.wrapped(ends, "driver"))
        .mark_tick(thickness=5, size=20, color=tone.ink)
        .encode(
            y=y, x=alt.X("end:Q", title=title), tooltip=charts.shown(driver=("", ""), end=("EUR", ",.2f"))
        )
    )
    spans = _whiskers(shown, title, tone.ink).encode(y=y)
    return (bars + spans + marks).properties(height=charts.ROW * len(order) * 1.25 + 90)


def _way(rows: pd.DataFrame, begin_eur: float) -> pd.DataFrame:
    """Return where each driver's step starts and ends, with its interval there."""
    end = begin_eur + rows.eur.cumsum()
    start = end - rows.eur
    return rows.assign(
        start=start,
        end=end,
        way=np.where(rows.eur < 0, "lowers", "lifts"),
        low_eur=start + rows.low_eur,
        high_eur=start + rows.high_eur,
    )


def beside(rows: pd.DataFrame, tones: dict[str, str]) -> Any:
    """Return the mean sizes of drivers of several weeks (`week`, `driver`, `size_eur`) beside each other."""
    shapes = alt.Scale(domain=list(tones), range=["circle", "diamond", "square"][: len(tones)])
    return (
        alt.Chart(charts.wrapped(rows, "driver"))
        .mark_point(filled=True, size=110, opacity=0.9)
        .encode(
            y=charts.names("driver"),
            x=alt.X(**charts.eur("size_eur", "EUR per customer, up or down")),
            color=charts.kinds("week", tones),
            shape=alt.Shape("week:N", scale=shapes, legend=None),
            tooltip=charts.shown(week=("week", ""), driver=("driver", ""), size_eur=("EUR", ",.2f")),
        )
        .properties(height=charts.ROW * rows.driver.nunique() * 1.3 + 90)
    )


def _whiskers(rows: pd.DataFrame, title: str, colour: str) -> Any:
    low, high = SPAN
    return (
        alt.Chart(rows)
        .mark_rule(color=colour, strokeWidth=1.5)
        .encode(
            y=charts.names("driver"),
            x=alt.X(**charts.eur(low, title)),
            x2=f"{high}:Q",
            tooltip=charts.shown(driver=("driver", ""), low_eur=("from", ",.2f"), high_eur=("to", ",.2f")),
        )
    )


def _lines(drivers: list[str]) -> list[str]:
    """Return names as `wrapped` writes them."""
    return list(charts.wrapped(pd.DataFrame({"driver": drivers}), "driver").driver)


def _tens(eur: "pd.Series[float]") -> list[float]:
    """Return marks of an axis: tens, hundreds, … on either side of zero, as far as the amounts reach."""
    powers = [10.0**power for power in range(1, 7)]
    up, down = float(eur.max()), -float(eur.min())
    return [*(-p for p in reversed(powers) if p <= down), 0.0, *(p for p in powers if p <= up)]
