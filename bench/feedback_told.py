"""The figures of the feedback loop over seeds, with intervals, and their plots."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bench.feedback import ARMS, COST_EUR, NOBODY, PLACEBO, campaigns
from bench.feedback_lessons import lessons
from bench.feedback_plots import GREEDY, LAST, plot
from bench.feedback_shop import CAMPAIGN_CYCLES, SOLD_TO, shop_of

PLOT = Path("docs/feedback.svg")
PROCESSES = 2
NO_EFFECT = ", no effect"


def simulate(seeds: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the figures by seed, arm and cycle, and the lessons by seed and arm."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        by_seed = list(pool.map(_of_seed, seeds))
    cycles = [row for told, _ in by_seed for row in told]
    learned = [row for _, taught in by_seed for row in taught]
    found = pd.DataFrame(cycles)
    twin = found[found["arm"] == NOBODY].set_index(["seed", "cycle"])
    at = pd.MultiIndex.from_frame(found[["seed", "cycle"]])
    found["top_bias"] = found["top_ratio"] / twin.loc[at, "top_ratio"].to_numpy() - 1
    found["bias"] = found["ratio"] / twin.loc[at, "ratio"].to_numpy() - 1
    return found, pd.DataFrame(learned)


def _of_seed(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the figures by arm and cycle of one marketplace, and the lessons by arm."""
    cycles, learned, shop = [], [], shop_of(SOLD_TO, seed)
    for arm in ARMS:
        season, told = campaigns(shop, arm, seed)
        cycles += told
        if arm.name != NOBODY:
            learned.append({"arm": arm.name, "seed": seed} | lessons(season, seed)._asdict())
    for arm in PLACEBO:
        _, told = campaigns(replace(shop, pull=np.zeros_like(shop.pull)), arm, seed)
        cycles += [row | {"arm": f"{arm.name}{NO_EFFECT}"} for row in told]
    return cycles, learned


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
    print("\n| where contacts add nothing | top decile: forecast over its twin's − 1 | all |\n|---|--:|--:|")
    for arm in PLACEBO:
        alone = table.loc[f"{arm.name}{NO_EFFECT}"]
        print(f"| {arm.name} | {interval(alone.iloc[:, 0])} | {interval(alone.iloc[:, 2])} |")
    plot(cycles, [arm.name for arm in ARMS if arm.name != NOBODY], PLOT)
    print(f"\nplots: {PLOT}")
