"""The figures of the feedback loop over seeds, with intervals, and their plots."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from scipy import stats

from bench.feedback import ARMS, COST_EUR, NOBODY, campaigns
from bench.feedback_lessons import lessons
from bench.feedback_shop import CAMPAIGN_CYCLES, shop_of

SOLD_TO = 6_000
"""Customers of each marketplace; about a third is contactable from the first campaign on."""
LAST = 6
"""Cycles at the end over which a figure is a mean."""
PLOT = Path("docs/feedback.svg")
GREEDY = "greedy"


def simulate(seeds: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures by seed, arm and cycle, and the lessons by seed and arm."""
    cycles: list[dict[str, Any]] = []
    learned: list[dict[str, Any]] = []
    for seed in seeds:
        shop = shop_of(SOLD_TO, seed)
        for arm in ARMS:
            season, told = campaigns(shop, arm, seed)
            cycles += told
            if arm.name != NOBODY:
                learned.append({"arm": arm.name, "seed": seed} | lessons(season, seed)._asdict())
    found = pd.DataFrame(cycles)
    twin = found[found["arm"] == NOBODY].set_index(["seed", "cycle"])
    at = pd.MultiIndex.from_frame(found[["seed", "cycle"]])
    found["top_bias"] = found["top_ratio"] / twin.loc[at, "top_ratio"].to_numpy() - 1
    found["bias"] = found["ratio"] / twin.loc[at, "ratio"].to_numpy() - 1
    return found, pd.DataFrame(learned)


def figures(cycles: pd.DataFrame, learned: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seed and arm: the figures that are told."""
    late = cycles[cycles["cycle"] > CAMPAIGN_CYCLES - LAST].groupby(["arm", "seed"])
    early = cycles[cycles["cycle"].between(2, 4)].groupby(["arm", "seed"])
    whole = cycles.groupby(["arm", "seed"])
    table = pd.DataFrame(
        {
            "top decile: forecast over its twin's − 1": late["top_bias"].mean(),
            "the same, cycles 2 to 4": early["top_bias"].mean(),
            "all: forecast over its twin's − 1": late["bias"].mean(),
            "norm. Gini, by what was logged": late["gini_logged"].mean(),
            "norm. Gini, by what comes uncontacted": late["gini_alone"].mean(),
            "the same, less greedy's": _less_greedy(late["gini_alone"].mean()),
            "most promising tenth ever contacted": whole["found"].last(),
        }
    )
    net = whole["revenue_eur"].sum() - COST_EUR * whole["contacts"].sum()
    table["revenue less contacts, against greedy"] = net / net[GREEDY].reindex(net.index, level="seed") - 1
    own = learned.set_index(["arm", "seed"])
    table["added by a contact: said − true, EUR"] = own["added_eur"] - own["truly_added_eur"]
    table["next campaign chosen by the log, of the best"] = own["best_share"]
    table["the same, less that by greedy's log"] = _less_greedy(own["best_share"])
    table["next campaign by lot, of the best"] = own["by_lot_share"]
    return table


def _less_greedy(values: "pd.Series[float]") -> "pd.Series[float]":
    """Return each seed's figure less that of the greedy arm of the seed."""
    return values - values[GREEDY].reindex(values.index, level="seed")


def interval(values: "pd.Series[float]") -> str:
    """Return mean and 95 % interval over seeds (Student)."""
    mean, half = values.mean(), stats.t.ppf(0.975, len(values) - 1) * values.sem()
    return f"{mean:+.3f} ({mean - half:+.3f} to {mean + half:+.3f})"


def tell(cycles: pd.DataFrame, learned: pd.DataFrame) -> None:
    """Print the table and write the plots."""
    table = figures(cycles, learned)
    names = [arm.name for arm in ARMS]
    print(f"| mean over seeds (95 % interval) | {' | '.join(names)} |\n|---|{'--:|' * len(names)}")
    for figure in table:
        own = [table.loc[name, figure] for name in names]
        print(f"| {figure} | {' | '.join('–' if v.isna().all() else interval(v) for v in own)} |")
    plot(cycles, PLOT)
    print(f"\nplots: {PLOT}")


def plot(cycles: pd.DataFrame, file: Path) -> None:
    """Draw bias by cycle, calibration by decile, and who was found by cycle."""
    plt.switch_backend("svg")
    mpl.rcParams["svg.hashsalt"] = "clv"
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
    for number, arm in enumerate(ARMS):
        own = cycles[cycles["arm"] == arm.name]
        colour = f"C{number}"
        _band(left, own, "top_bias", arm.name, colour)
        _band(right, own, "found", arm.name, colour)
        _by_decile(middle, own, arm.name, colour)
    left.set(title="Top decile: forecast against the twin shop\nthat contacts nobody", xlabel="cycle")
    middle.set(
        title=f"Forecast / what comes uncontacted,\nlast {LAST} cycles", xlabel="decile of the forecast"
    )
    right.set(title="Most promising tenth of the customers:\nshare ever contacted", xlabel="cycle")
    left.yaxis.set_major_formatter("{x:+.0%}")
    right.yaxis.set_major_formatter("{x:.0%}")
    middle.axhline(1, color="grey", linewidth=0.8)
    left.legend(fontsize=8, frameon=False)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _band(axes: Any, own: pd.DataFrame, column: str, name: str, colour: str) -> None:
    by_cycle = own.groupby("cycle")[column].agg(["mean", "sem", "count"])
    half = by_cycle["sem"] * stats.t.ppf(0.975, by_cycle["count"] - 1)
    axes.plot(by_cycle.index, by_cycle["mean"], label=name, color=colour)
    axes.fill_between(
        by_cycle.index, by_cycle["mean"] - half, by_cycle["mean"] + half, alpha=0.12, color=colour
    )


def _by_decile(axes: Any, own: pd.DataFrame, name: str, colour: str) -> None:
    late = own[own["cycle"] > CAMPAIGN_CYCLES - LAST]
    said, alone = (
        np.array([np.sum(rows.tolist(), axis=0) for _, rows in late.groupby("seed")[column]])
        for column in ("said_by_decile", "alone_by_decile")
    )
    ratio = said / alone
    half = stats.t.ppf(0.975, len(ratio) - 1) * ratio.std(axis=0, ddof=1) / np.sqrt(len(ratio))
    axes.errorbar(range(1, 11), ratio.mean(axis=0), half, label=name, color=colour, capsize=2, linewidth=1)
