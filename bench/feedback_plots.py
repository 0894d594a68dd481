"""What twelve campaigns do, drawn as small multiples: one row a figure, one column a way to target."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy import stats

from bench.feedback import COST_EUR
from clv.deciles import DECILES

LAST = 6
"""Cycles at the end over which a figure is a mean."""
SHOWN = tuple(range(6, DECILES + 1))
"""Deciles whose calibration is drawn: those below bring so little that any ratio may come of it."""
GREEDY = "greedy"
OWN, OTHER, LIMIT = "#0072B2", "#8A8A8A", "#333333"
"""Okabe and Ito's blue, which is told from grey without colour too."""

Curve = tuple[pd.Index, np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""Places on the x axis, means over seeds, half widths of their 95 % intervals."""


def plot(cycles: pd.DataFrame, arms: Sequence[str], file: Path) -> None:
    """Draw every arm beside greedy: bias and cost by cycle, who was found, calibration by decile.

    cycles : one row per seed, arm and cycle, as `bench.feedback.campaigns` tells them, with `top_bias`
    """
    plt.switch_backend("svg")
    mpl.rcParams.update({"svg.hashsalt": "clv", "font.size": 9, "axes.spines.top": False,
                         "axes.spines.right": False})  # fmt: skip
    rows: tuple[tuple[str, Callable[[pd.DataFrame, str], Curve], float, str], ...] = (
        ("Top decile: forecast\nagainst the twin shop", _bias, 0.0, "{x:+.0%}"),
        (f"Forecast / what comes\nuncontacted, cycles {13 - LAST}–12", _calibration, 1.0, "{x:.2f}"),
        ("Most promising tenth:\nshare ever contacted", _found, float("nan"), "{x:.0%}"),
        ("Revenue less contacts,\nto date, against greedy", _cost, 0.0, "{x:+.1%}"),
    )
    figure, grid = plt.subplots(
        len(rows), len(arms), figsize=(2.5 * len(arms), 8.4), sharey="row", layout="constrained"
    )
    for axes, (title, curve, limit, form) in zip(grid, rows, strict=True):
        axes[0].set_ylabel(title)
        axes[0].yaxis.set_major_formatter(form)
        for ax, arm in zip(axes, arms, strict=True):
            _panel(ax, curve(cycles, GREEDY), curve(cycles, arm), limit)
            ax.set_xlabel("decile of the forecast" if curve is _calibration else "cycle")
    for ax, arm in zip(grid[0], arms, strict=True):
        ax.set_title(arm.replace(", ", ",\n"), fontsize=10, fontweight="bold")
    figure.legend(
        [Line2D([], [], color=OWN), Line2D([], [], color=OTHER), Patch(color=OTHER, alpha=0.18)],
        ["the way named above", "greedy", "95 % interval over seeds"],
        loc="outside upper center", ncols=3, frameon=False,
    )  # fmt: skip
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _panel(ax: Any, greedy: Curve, own: Curve, limit: float) -> None:
    """Draw an arm over greedy; where the arm is greedy itself there is one line."""
    ax.axhline(limit, color=LIMIT, linewidth=0.8, linestyle=":")
    lines = ((greedy, OTHER),) if np.array_equal(greedy[1], own[1]) else ((greedy, OTHER), (own, OWN))
    for (places, mean, half), colour in lines:
        ax.plot(places, mean, color=colour, linewidth=1.6)
        ax.fill_between(places, mean - half, mean + half, alpha=0.18, color=colour, linewidth=0)
    ax.set_xticks(SHOWN if len(own[0]) == len(SHOWN) else [1, 4, 8, 12])


def _bias(cycles: pd.DataFrame, arm: str) -> Curve:
    return _by_cycle(cycles[cycles["arm"] == arm], "top_bias")


def _found(cycles: pd.DataFrame, arm: str) -> Curve:
    return _by_cycle(cycles[cycles["arm"] == arm], "found")


def _cost(cycles: pd.DataFrame, arm: str) -> Curve:
    net = cycles.assign(net=cycles["revenue_eur"] - COST_EUR * cycles["contacts"])
    so_far = net.set_index(["arm", "seed", "cycle"])["net"].sort_index().groupby(["arm", "seed"]).cumsum()
    against = so_far.loc[arm] / so_far.loc[GREEDY] - 1
    return _by_cycle(against.rename("cost").reset_index(), "cost")


def _calibration(cycles: pd.DataFrame, arm: str) -> Curve:
    late = cycles[(cycles["arm"] == arm) & (cycles["cycle"] > cycles["cycle"].max() - LAST)]
    said, alone = (
        np.array([np.sum(rows.tolist(), axis=0) for _, rows in late.groupby("seed")[column]])
        for column in ("said_by_decile", "alone_by_decile")
    )
    wide = pd.DataFrame(said / alone, columns=range(1, DECILES + 1))[list(SHOWN)]
    wide = wide.melt(var_name="cycle", value_name="ratio")
    return _by_cycle(wide, "ratio")


def _by_cycle(rows: pd.DataFrame, column: str) -> Curve:
    """Return the mean over seeds and the half width of its interval (Student), by cycle or decile."""
    found = rows.groupby("cycle")[column].agg(["mean", "sem", "count"])
    half = found["sem"] * stats.t.ppf(0.975, found["count"] - 1)
    return found.index, found["mean"].to_numpy(), half.to_numpy()
