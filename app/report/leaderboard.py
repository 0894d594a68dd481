"""The leaderboard of a backtest: every model, by segment, with intervals and the difference to 12m."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid
from app.report.canvas import BLUE, GREY, TWO_DIGITS, VERMILLION, chart
from app.report.inputs import Backtest

BASELINE_MODEL = "12m"
EVERYONE = "all"
Write = Callable[[float], str]

SHOWN: dict[str, tuple[str, Write]] = {
    "gini_normalised": ("normalised Gini", partial(words.number, digits=3)),
    "capture_top10": ("top 10\u00a0% hold", partial(words.percent, digits=1)),
    "capture_top20": ("top 20\u00a0% hold", partial(words.percent, digits=1)),
    "rmse": ("RMSE €", words.number),
    "rmse_without_5_largest": ("RMSE € without the 5 largest", words.number),
    "mae": ("MAE €", partial(words.number, digits=1)),
    "wape": ("WAPE", partial(words.percent, digits=1)),
    "calibration_ratio": ("forecast / actual", partial(words.number, digits=2)),
    "spearman": ("Spearman", partial(words.number, digits=3)),
    "mape": ("MAPE", words.percent),
}
COMPARED: dict[str, tuple[str, Write]] = {
    "difference_gini_normalised": ("normalised Gini", partial(words.signed, digits=3)),
    "difference_capture_top10": ("top 10\u00a0% hold, points", lambda value: words.signed(100 * value, 1)),
    "difference_rmse": ("RMSE €", words.signed),
    "difference_mae": ("MAE €", partial(words.signed, digits=1)),
}
INTERVALS = (
    "In small print: 95 % paired-bootstrap intervals over customers; they know nothing of calendar risk."
)


def best_btyd(back: Backtest) -> str | None:
    """Return the buy-till-you-die model that ranks best over all customers, None where none was run."""
    rows = back.rows[(back.rows.segment == EVERYONE) & back.rows.model.str.startswith("btyd")]
    rows = rows[rows.gini_normalised.notna()]
    return None if rows.empty else str(rows.loc[rows.gini_normalised.idxmax(), "model"])


def leaderboard(back: Backtest) -> Grid:
    """Return every model with the metrics and their intervals, a group of rows per segment."""
    columns = ("model", *(name for name, _ in SHOWN.values()))
    share = _of(back, back.headline).get("mape_share", math.nan)
    counted = f" ({words.percent(share)} of all)" if math.isfinite(share) else ""
    note = f"{INTERVALS} {words.BASELINE}. MAPE counts customers{counted} who brought at least €1."
    return Grid("Leaderboard", columns, _body(back.rows, SHOWN), note=note)


def differences(back: Backtest) -> Grid:
    """Return every model's difference to 12m with paired intervals, a group of rows per segment."""
    columns = ("model", *(name for name, _ in COMPARED.values()))
    others = back.rows[back.rows.model != BASELINE_MODEL]
    note = f"{INTERVALS} Above zero is better for the first two, below zero for the errors. {words.BASELINE}."
    return Grid(
        "Difference to 12m on the same customers: model − 12m", columns, _body(others, COMPARED), note=note
    )


def _body(rows: pd.DataFrame, shown: dict[str, tuple[str, Write]]) -> list[list[str | Cell]]:
    """Return a heading for each segment, and below it its models from the best ranking down."""
    body: list[list[str | Cell]] = []
    for segment, group in rows.groupby("segment", sort=False):
        name = "all customers" if segment == EVERYONE else words.short(segment)
        body.append([Cell(f"{name.capitalize()}: {words.counted(int(group.n.iloc[0]), 'customer')}")])
        for _, row in group.sort_values("gini_normalised", ascending=False, kind="stable").iterrows():
            body.append(
                [words.model(str(row["model"])), *(_cell(row, m, write) for m, (_, write) in shown.items())]
            )
    return body


def ranking_figure(back: Backtest) -> Figure:
    """Return the normalised Gini of every model over all customers, with intervals."""
    rows = back.rows[back.rows.segment == EVERYONE].sort_values(
        "gini_normalised", ascending=False, kind="stable"
    )
    place = np.arange(len(rows))
    colors = {back.headline: BLUE, BASELINE_MODEL: VERMILLION}
    with chart("ranking", 1.2 + 0.45 * len(rows)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        for at, (_, row) in zip(place, rows.iterrows(), strict=True):
            low, high = _bounds(row, "gini_normalised")
            color = colors.get(row["model"], GREY)
            axes.plot([low, high], [at, at], color=color)
            axes.plot(row["gini_normalised"], at, "o", color=color, markersize=7)
        axes.set_yticks(place, [_two_lines(words.model(name)) for name in rows.model])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(TWO_DIGITS)
        axes.set_xlabel("normalised Gini, 95 % interval")
        return drawn.figure(
            _verdict(back),
            f"All customers of the backtest; 1 would be a perfect order, 0 a random one. {words.BASELINE}.",
        )


def _verdict(back: Backtest) -> str:
    row = _of(back, back.headline)
    difference = float(row.get("difference_gini_normalised", math.nan))
    low, high = _bounds(row, "difference_gini_normalised")
    ours, theirs = (_of(back, m)["gini_normalised"] for m in (back.headline, BASELINE_MODEL))
    figures = f"normalised Gini {words.number(ours, 3)} against {words.number(theirs, 3)}"
    if not all(map(math.isfinite, (difference, low, high))):
        return f"This forecast beside 12m: {figures}"
    interval = f"difference {words.signed(difference, 3)}, 95 % interval {words.span(words.signed(low, 3), words.signed(high, 3))}"
    if low > 0:
        said = "This forecast orders customers better than 12m"
    elif high < 0:
        said = "This forecast orders customers worse than 12m"
    else:
        said = "This forecast and 12m order customers about equally well"
    return f"{said}: {figures} ({interval})"


def _of(back: Backtest, model: str) -> "pd.Series[float]":
    found = back.rows[(back.rows.segment == EVERYONE) & (back.rows.model == model)]
    return found.iloc[0]


def _cell(row: "pd.Series[float]", metric: str, write: Write) -> Cell:
    low, high = _bounds(row, metric)
    return Cell(write(float(row.get(metric, math.nan))), words.span(write(low), write(high)))


def _bounds(row: "pd.Series[float]", metric: str) -> tuple[float, float]:
    return float(row.get(f"{metric}_low", math.nan)), float(row.get(f"{metric}_high", math.nan))


def _two_lines(name: str) -> str:
    return name.replace(", ", ",\n")
