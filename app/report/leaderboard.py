"""The leaderboard of a backtest: every model, by segment, and the paired differences to 12m."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid
from app.report.canvas import BLUE, GREY, VERMILLION, chart
from app.report.inputs import Backtest

BASELINE_MODEL = "12m"
EVERYONE = "all"
RANKING = "gini_normalised_vs_12m"
Write = Callable[[float], str]
Shown = dict[str, tuple[str, Write]]

SHOWN: Shown = {
    "gini_normalised": ("normalised Gini", partial(words.number, digits=3)),
    "gini": ("Gini", partial(words.number, digits=3)),
    "capture_top10": (f"top 10{words.SPACE}% hold", partial(words.percent, digits=1)),
    "capture_top20": (f"top 20{words.SPACE}% hold", partial(words.percent, digits=1)),
    "spearman": ("Spearman", partial(words.number, digits=3)),
    "rmse": ("RMSE €", words.number),
    "rmse_without_5_largest": ("RMSE € without the 5 largest", words.number),
    "mae": ("MAE €", partial(words.number, digits=1)),
    "mae_log": ("MAE of ln(1 + €)", partial(words.number, digits=2)),
    "wape": ("WAPE", partial(words.percent, digits=1)),
    "mape": ("MAPE", words.percent),
    "calibration_ratio": ("forecast / actual", partial(words.number, digits=2)),
    "median_mae": ("MAE € of the median", partial(words.number, digits=1)),
    "interval_coverage": ("interval holds", partial(words.percent, digits=1)),
    "interval_coverage_top10": ("in the top decile", partial(words.percent, digits=1)),
}
ESTIMATED = ("median_mae", "interval_coverage", "interval_coverage_top10")
"""Shown only where a model estimates medians and intervals."""
COMPARED: Shown = {
    RANKING: ("normalised Gini", partial(words.signed, digits=3)),
    "capture_top10_vs_12m": (
        f"top 10{words.SPACE}% hold, points",
        lambda value: words.signed(100 * value, 1),
    ),
    "rmse_vs_12m": ("RMSE €", words.signed),
    "mae_vs_12m": ("MAE €", partial(words.signed, digits=1)),
    "gini_normalised_vs_btyd": ("normalised Gini, less the best BTYD's", partial(words.signed, digits=3)),
}
INTERVALS = (
    f"In small print: 95{words.SPACE}% paired-bootstrap intervals over customers; they know nothing of "
    "calendar risk."
)


def best_btyd(back: Backtest) -> str | None:
    """Return the buy-till-you-die model that ranks best over all customers, None where none was run."""
    name = back.rows.btyd_reference.iloc[0]
    return str(name) if isinstance(name, str) else None


def leaderboard(back: Backtest) -> Grid:
    """Return every model with its metrics, a group of rows per segment."""
    shown = {name: how for name, how in SHOWN.items() if name not in ESTIMATED or _is_known(back, name)}
    columns = ("model", *(name for name, _ in shown.values()))
    share = words.percent(float(_of(back, back.headline)["mape_share"]))
    note = f"{words.BASELINE}. MAPE counts customers ({share} of all) who brought at least €1."
    return Grid("Leaderboard", columns, _body(back.rows, shown), note=note)


def differences(back: Backtest) -> Grid:
    """Return every model's difference to 12m with paired intervals, a group of rows per segment."""
    columns = ("model", *(name for name, _ in COMPARED.values()))
    others = back.rows[back.rows.model != BASELINE_MODEL]
    btyd = best_btyd(back)
    best = f" The best BTYD (buy-till-you-die) model is {words.model(btyd)}." if btyd else ""
    note = f"{INTERVALS} Above zero is better for rankings, below zero for errors. {words.BASELINE}.{best}"
    title = "Difference to 12m on the same customers: model − 12m"
    return Grid(title, columns, _body(others, COMPARED), note=note)


def _body(rows: pd.DataFrame, shown: Shown) -> list[list[str | Cell]]:
    """Return a heading for each segment, and below it its models from the best ranking down."""
    body: list[list[str | Cell]] = []
    for segment, group in rows.groupby("segment", sort=False):
        name = "everyone" if segment == EVERYONE else words.short(segment)
        body.append([Cell(f"{name.capitalize()}: {words.counted(int(group.n.iloc[0]), 'customer')}")])
        for _, row in group.sort_values("gini_normalised", ascending=False, kind="stable").iterrows():
            cells = (_cell(row, metric, write) for metric, (_, write) in shown.items())
            body.append([words.model(str(row["model"])), *cells])
    return body


def ranking_figure(back: Backtest) -> Figure:
    """Return how much better than 12m every model orders all customers, with intervals."""
    everyone = back.rows[back.rows.segment == EVERYONE]
    rows = everyone.sort_values("gini_normalised", ascending=False, kind="stable")
    colors = {back.headline: BLUE, BASELINE_MODEL: VERMILLION}
    with chart("ranking", 1.2 + 0.45 * len(rows)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        axes.axvline(0, color=VERMILLION, linewidth=1, linestyle="--")
        for at, (_, row) in enumerate(rows.iterrows()):
            color = colors.get(row["model"], GREY)
            axes.plot(_bounds(row, RANKING), [at, at], color=color)
            axes.plot(row[RANKING], at, "o", color=color, markersize=7)
        axes.set_yticks(np.arange(len(rows)), [_two_lines(words.model(name)) for name in rows.model])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(lambda value, _: words.signed(value, 2))
        axes.set_xlabel("normalised Gini less that of 12m")
        note = (
            f"All customers of the backtest, with 95{words.SPACE}% paired intervals; further right is better."
        )
        return drawn.figure(_verdict(back), f"{note} {words.BASELINE}.")


def _verdict(back: Backtest) -> str:
    ours, theirs = (_of(back, name) for name in (back.headline, BASELINE_MODEL))
    low, high = _bounds(ours, RANKING)
    ginis = (words.number(float(row["gini_normalised"]), 3) for row in (ours, theirs))
    figures = f"normalised Gini {' against '.join(ginis)}"
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"This forecast beside 12m: {figures}"
    interval = words.span(words.signed(low, 3), words.signed(high, 3))
    figures += f" (difference {words.signed(float(ours[RANKING]), 3)}, 95{words.SPACE}% interval {interval})"
    if low > 0:
        return f"This forecast orders customers better than 12m: {figures}"
    if high < 0:
        return f"This forecast orders customers worse than 12m: {figures}"
    return f"This forecast and 12m order customers about equally well: {figures}"


def _is_known(back: Backtest, metric: str) -> bool:
    return metric in back.rows and bool(back.rows[metric].notna().any())


def _of(back: Backtest, model: str) -> "pd.Series[float]":
    return back.rows[(back.rows.segment == EVERYONE) & (back.rows.model == model)].iloc[0]


def _cell(row: "pd.Series[float]", metric: str, write: Write) -> Cell:
    low, high = _bounds(row, metric)
    if low == high == 0:
        return Cell("reference")
    return Cell(write(float(row.get(metric, math.nan))), words.span(write(low), write(high)))


def _bounds(row: "pd.Series[float]", metric: str) -> tuple[float, float]:
    return float(row.get(f"{metric}_low", math.nan)), float(row.get(f"{metric}_high", math.nan))


def _two_lines(name: str) -> str:
    return name.replace(", ", ",\n")
