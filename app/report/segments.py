"""Where the value lies: segment × country × acquisition channel."""

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section
from app.report.canvas import BLUE, SHARES, VERMILLION, chart
from app.report.inputs import Inputs
from clv.segments import EARLY, ESTABLISHED

ROWS = 25  # of each segment; the rest is added up in one row, so that the table still sums to the total
BARS = 10
LONGEST_LABEL = 16
COLUMNS = ("country", "channel", "customers", "expected €", "share of €", "mean €", "P(order)")


def segments(inputs: Inputs) -> Section:
    """Return the table of segment × country × channel, and what countries and channels hold."""
    scored = inputs.scored
    keys = {"country": scored.country, "channel": scored.acquisition_channel}
    named = scored.assign(**{name: values.map(words.short) for name, values in keys.items()})
    total = float(scored.clv_eur.sum())
    body: list[list[str | Cell]] = []
    for segment in (ESTABLISHED, EARLY):
        rows = named[named.segment == segment]
        body += _of_segment(segment, rows, total) if len(rows) else []
    everyone = _row("all", "", _sums(scored), total)
    title = "Segment × country × acquisition channel, by expected net revenue"
    grid = Grid(title, COLUMNS, body, names=2, total=everyone)
    charts = [_shares(named, key, total) for key in keys if total > 0 and len(named[key].unique()) > 1]
    return Section("segments", "Segments", blocks=[*charts, grid])


def _of_segment(segment: str, rows: pd.DataFrame, total: float) -> list[list[str | Cell]]:
    """Return a heading and the groups of one segment, the largest expected revenue first."""
    body: list[list[str | Cell]] = [
        [f"{segment.capitalize()}: {words.counted(len(rows), 'customer')}, {words.eur(rows.clv_eur.sum())}"]
    ]
    groups = list(rows.groupby(["country", "channel"]))
    groups.sort(key=lambda group: -float(group[1].clv_eur.sum()))
    for (country, channel), group in groups[:ROWS]:
        body.append(_row(country, channel, _sums(group), total))
    if len(groups) > ROWS:
        rest = pd.concat([group for _, group in groups[ROWS:]])
        body.append(_row(words.counted(len(groups) - ROWS, "smaller group"), "", _sums(rest), total))
    return body


def _sums(rows: pd.DataFrame) -> dict[str, float]:
    money = {"sum": float(rows.clv_eur.sum()), "mean": float(rows.clv_eur.mean())}
    return {"n": len(rows), **money, "p_active": float(rows.p_active.mean())}


def _row(country: str, channel: str, of: dict[str, float], total: float) -> list[str | Cell]:
    return [
        country,
        channel,
        words.number(of["n"]),
        words.eur(of["sum"]),
        words.percent(words.share_of(of["sum"], total), 1),
        words.eur(of["mean"], 2),
        words.percent(of["p_active"]),
    ]


def _shares(named: pd.DataFrame, key: str, total: float) -> Figure:
    """Return the shares of expected revenue and of customers, the groups with the most revenue first."""
    sums = named.groupby(key).clv_eur.agg(["sum", "size"])
    largest = sums.sort_values("sum", ascending=False, kind="stable").head(BARS)
    value, customers = largest["sum"] / total, largest["size"] / len(named)
    place = np.arange(len(largest))
    with chart(key, 1.2 + 0.36 * len(largest)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        axes.barh(place - 0.19, value, 0.36, color=BLUE, label="of expected net revenue")
        bars = axes.barh(place + 0.19, customers, 0.36, label="of customers", color="white", hatch="///")
        for bar in bars:
            bar.set_edgecolor(VERMILLION)
        axes.set_yticks(place, [_label(str(name)) for name in largest.index])
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(SHARES)
        axes.set_xlabel("share of the total")
        axes.legend(loc="lower right")
        holds = f"{largest.index[0]} holds {words.percent(value.iloc[0])} of expected net revenue"
        title = f"By {key}, {holds} with {words.percent(customers.iloc[0])} of customers"
        note = f"The {BARS} with the most expected net revenue, of {len(sums)}." if len(sums) > BARS else ""
        return drawn.figure(title, note)


def _label(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
