"""Curves of customers against revenue, from the highest-ranked down."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.report.blocks import Figure
from app.report.canvas import FAINT, GREY, SHARES, chart
from clv.metrics import gains_curve

TOPS = (0.01, 0.05, 0.10, 0.20, 0.50)
GRID = np.linspace(0.0, 1.0, 201)  # enough for print, however many customers
TICKS = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


class Curve(NamedTuple):
    """Customers ranked by `score`, and the `actual` revenue that they hold."""

    label: str
    actual: npt.ArrayLike
    score: npt.ArrayLike
    color: str
    style: str


class Words(NamedTuple):
    """What stands around the curves."""

    title: str
    note: str
    customers: str
    revenue: str
    diagonal: str


def curves_figure(name: str, curves: list[Curve], words: Words) -> Figure:
    """Return the curves, the first on top, with the top tenth marked."""
    with chart(name) as drawn:
        axes = drawn.axes
        axes.plot([0, 1], [0, 1], color=FAINT, label=words.diagonal)
        for curve in reversed(curves):
            held = np.interp(GRID, *gains_curve(curve.actual, curve.score))
            axes.plot(GRID, held, color=curve.color, linestyle=curve.style, label=curve.label)
        axes.axvline(0.1, color=GREY, linewidth=0.8, linestyle=":")
        axes.set(xlabel=words.customers, ylabel=words.revenue, xlim=(0, 1), xticks=TICKS)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(SHARES)
        axes.yaxis.set_major_formatter(SHARES)
        axes.legend(loc="lower right", reverse=True)
        return drawn.figure(words.title, words.note)
