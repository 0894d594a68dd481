"""Whether effects as large as a design promises to find are found that often, and intervals cover them.

`python -m bench power` draws experiments on `bench.experiment_ground`, adds the effects, and counts.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from bench.experiment_ground import Drawn, Ground, Promise, draw, with_more_orders
from bench.printed import share_of
from decisions.effects import winsorised
from decisions.experiment import TREATMENT
from decisions.outcomes import Outcomes, draws

RESAMPLES = 400
KINDS = ("constant", "orders", "differing")
FITTING, BEFORE = "these weeks", "the weeks before"
PROCESSES = 2

Row = dict[str, Any]


def promised(drawn: Drawn, promise: Promise, kind: str) -> Row:
    """Return what is found of an effect as large as the design promises to find, and the intervals.

    kind : `constant` adds it to each of the treatment; `orders` adds orders to some of them; `differing` adds
    orders to some of those whom the CLV ranking alone names
    """
    members = drawn.members
    treated = members["arm"].eq(TREATMENT)
    if kind == "constant":
        after = members.assign(revenue_eur=members["revenue_eur"] + promise.all_eur * treated)
    elif kind == "orders":
        after = with_more_orders(drawn, treated, promise.all_eur)
    else:
        reached = treated & members["contacted"] & ~members["named_by_control"]
        after = with_more_orders(drawn, reached, promise.differing_eur * treated.sum() / reached.sum())
    return _judged(drawn, after, kind)


def _judged(drawn: Drawn, after: pd.DataFrame, kind: str) -> Row:
    design = drawn.design
    seen, was = Outcomes.of(after, design), drawn.members["revenue_eur"].to_numpy()
    part = seen.apart if kind == "differing" else np.ones(len(was), dtype=np.bool_)
    found = seen.differing(design.alpha) if kind == "differing" else seen.everyone(design.alpha)
    control, treatment = draws(seen, design.weeks, RESAMPLES)
    low, high = np.quantile(treatment.resampled[:, 0] - control.resampled[:, 0], [0.025, 0.975]).tolist()
    treated = part & seen.treated
    return {
        "found": found.p_value < design.alpha,
        "low": found.low,
        "high": found.high,
        "gain": float((seen.capped - winsorised(was, design.winsor_cap_eur))[treated].mean()),
        "raw_low": low,
        "raw_high": high,
        "raw_gain": float((seen.revenue - was)[seen.treated].mean()),
    }


def simulated(grounds: Ground, number: int) -> list[Row]:
    """Return what is found in one drawn experiment, by kind of effect and by what its size was promised from."""
    drawn = draw(grounds, number)
    promises = {FITTING: grounds.fitting, BEFORE: grounds.promised}
    return [
        {"kind": kind, "source": source, **promised(drawn, promise, kind)}
        for source, promise in promises.items()
        for kind in KINDS
    ]


def tell_power(grounds: Ground, simulations: int) -> None:
    """Print how often effects of the promised size are found."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(partial(simulated, grounds), range(simulations), chunksize=10))
    print(
        f"{simulations:,} simulations\n\n| effect of the size promised | from | size, € of all | "
        "found (promise 80 %) | 95 % interval covers | bootstrap of the plain mean covers |\n"
        "|---|---|--:|--:|--:|--:|"
    )
    for line in _lines(grounds, pd.DataFrame([row for rows in found for row in rows])):
        print(line)


def _lines(grounds: Ground, rows: pd.DataFrame) -> Iterator[str]:
    promises = {FITTING: grounds.fitting, BEFORE: grounds.promised}
    for (source, kind), own in rows.groupby(["source", "kind"], sort=False):
        truth, raw = own["gain"].mean(), own["raw_gain"].mean()
        covered = share_of(own["low"].le(truth) & own["high"].ge(truth))
        plain = share_of(own["raw_low"].le(raw) & own["raw_high"].ge(raw))
        size = promises[source].differing_eur if kind == "differing" else promises[source].all_eur
        yield f"| {kind} | {source} | {size:.2f} | {share_of(own['found'])} | {covered} | {plain} |"
