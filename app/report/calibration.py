"""Whether the euros are right: forecast against actual, by decile of the forecast."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from app.report import words
from app.report.blocks import Cell, Figure, Grid
from app.report.canvas import BLACK, BLUE, EUROS, chart
from app.report.inputs import Backtest
from clv.bootstrap import paired_bootstrap
from clv.deciles import DECILES, decile, decile_table
from clv.metrics import METRICS, calibration_ratio

MEAN = {"mean_actual_eur": METRICS["mean_actual_eur"]}
LINEAR_BELOW_EUR = 1.0  # a logarithmic axis bears neither zero nor negative means
MOST_TICKS = 8
CAME = f"came, 95{words.SPACE}% interval"

Vector = npt.NDArray[np.float64]


def calibrated(back: Backtest) -> pd.DataFrame:
    """Return `decile_table` of the headline model against 12m, with `low` and `high` of the mean actual."""
    rows = back.customers
    came, said = rows.label_eur.to_numpy(np.float64), rows[back.headline].to_numpy(np.float64)
    found = decile_table(came, said, rows["12m"], rows.customer_id)
    place = decile(said, rows.customer_id)
    bounds = np.array([_interval(came[place == d], said[place == d]) for d in found.index])
    return found.assign(low=bounds[:, 0], high=bounds[:, 1])


def _interval(came: Vector, said: Vector) -> tuple[float, float]:
    drawn = paired_bootstrap(came, {"ours": said}, "ours", MEAN).iloc[0]
    return float(drawn.low), float(drawn.high)


def calibration_figure(back: Backtest, rows: pd.DataFrame) -> Figure:
    """Return mean forecast and mean actual of each decile (`calibrated`) on a logarithmic axis."""
    place = np.arange(len(rows))
    marked = (
        (0.12, rows.mean_actual_eur, "s", BLACK, CAME),
        (-0.12, rows.mean_predicted_eur, "o", BLUE, "forecast"),
    )
    with chart("calibration") as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="x")
        axes.vlines(place + 0.12, rows.low, rows.high, color=BLACK, linewidth=1.5)
        for aside, means, marker, color, label in marked:
            axes.plot(place + aside, means, marker, color=color, markersize=6, clip_on=False, label=label)
        _scale_eur(axes, rows[["mean_actual_eur", "mean_predicted_eur", "low", "high"]].to_numpy())
        axes.set_xticks(place, [str(d) for d in rows.index])
        axes.set_xlabel(f"decile by forecast ({DECILES} = highest)")
        axes.set_ylabel("mean € per customer (log scale)")
        axes.legend(loc="upper right")
        return drawn.figure(_verdict(back, rows), "All customers of the backtest, by decile of the forecast.")


def _scale_eur(axes: Axes, shown: Vector) -> None:
    lowest, highest = float(np.nanmin(shown)), float(np.nanmax(shown))
    axes.set_yscale("symlog", linthresh=LINEAR_BELOW_EUR)
    axes.set_yticks(_ticks(lowest, highest))
    axes.set_yticks([], minor=True)
    axes.set_ylim(lowest * (0.7 if lowest > 0 else 1.5), highest * 1.5)
    axes.yaxis.set_major_formatter(EUROS)


def decile_grid(rows: pd.DataFrame) -> Grid:
    """Return the deciles (`calibrated`) of forecast and of 12m, each by its own ranking."""
    body: list[list[str | Cell]] = [
        [
            str(d),
            words.number(row["n"]),
            words.eur(row["mean_predicted_eur"], 2),
            Cell(
                words.eur(row["mean_actual_eur"], 2),
                words.span(words.eur(row["low"], 2), words.eur(row["high"], 2)),
            ),
            words.number(row["calibration_ratio"], 2),
            words.percent(row["share_of_actual"], 1),
            words.eur(row["baseline_mean_predicted_eur"], 2),
            words.eur(row["baseline_mean_actual_eur"], 2),
            words.number(row["baseline_calibration_ratio"], 2),
            words.percent(row["baseline_share_of_actual"], 1),
        ]
        for d, row in rows.iterrows()
    ]
    columns = (
        *("decile", "customers", "mean forecast", "mean that came", "forecast / came", "share of what came"),
        *("12m: mean", "mean that came", "12m / came", "share of what came"),
    )
    note = (
        "Left by deciles of the forecast, right by deciles of 12m; customers whom a ranking does not tell "
        f"apart are placed by id. In small print: 95{words.SPACE}% bootstrap intervals. {words.BASELINE}."
    )
    return Grid("What came in each decile, by this forecast and by 12m", columns, body, note=note)


def _verdict(back: Backtest, rows: pd.DataFrame) -> str:
    overall = calibration_ratio(back.customers.label_eur, back.customers[back.headline])
    top = float(rows.calibration_ratio.iloc[0])
    if not (math.isfinite(overall) and math.isfinite(top)):
        return "Forecast and what came, by decile"
    return (
        f"For every €1.00 that came the forecast had said {words.eur(overall, 2)}, "
        f"in the top tenth {words.eur(top, 2)}"
    )


def _ticks(lowest: float, highest: float) -> list[float]:
    """Return round amounts (0; 1, 2, 5 times a power of ten, either sign) from just below to just above."""
    sizes = [m * 10.0**k for k in range(9) for m in (1, 2, 5)]
    candidates = [-size for size in reversed(sizes)] + [0.0] + sizes
    below = max((c for c in candidates if c <= lowest), default=candidates[0])
    above = min((c for c in candidates if c >= highest), default=candidates[-1])
    ticks = [c for c in candidates if below <= c <= above]
    inner = [c for c in ticks if len(ticks) <= MOST_TICKS or f"{abs(c):.0e}"[0] in "01"]
    return inner if len(inner) > 1 else ticks
