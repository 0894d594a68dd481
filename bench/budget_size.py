"""How long a budget takes to spend, and how near the bound it comes: `python -m bench budget`."""

from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

import numpy as np
import pandas as pd

from clv.deciles import decile
from clv.segment_figures import clv_band
from decisions.actions import EXAMPLE
from decisions.returns import returns
from decisions.spend import AtLeast, Wishes, audience, programme, spend
from decisions.uplift_lines import uplift_lines

COUNTRIES = ("AT", "CZ", "DE", "FR", "GB", "PL")
EUR_PER_CUSTOMER = 0.1
MINIMUMS = (*(AtLeast("country", one, 2_000.0) for one in COUNTRIES), AtLeast("stage", "early", 3_000.0))
CASES: Mapping[str, tuple[float, Sequence[AtLeast]]] = {
    "budget and cap": (1.0, ()),
    "the same, 7 minimum spends": (1.0, MINIMUMS),
    "a hundredth of the budget": (0.01, ()),
    "ten times the budget": (10.0, ()),
}


def shop(size: int, seed: int = 1) -> pd.DataFrame:
    """Return customers with lognormal CLV; only size and spread matter here."""
    rng = np.random.default_rng(seed)
    clv = rng.lognormal(4, 1.5, size)
    ids = np.array([f"c{i:07d}" for i in range(size)], dtype=object)
    found = pd.DataFrame(
        {
            "customer_id": ids,
            "segment": np.where(rng.random(size) < 0.1, "early", "established"),
            "country": rng.choice(COUNTRIES, size),
            "acquisition_channel": "organic",
            "recency_days": rng.integers(0, 700, size),
            "clv_eur": clv,
            "clv_low_eur": 0.2 * clv,
            "clv_high_eur": 2.2 * clv,
            "p_active": rng.random(size),
            "decile": decile(clv, ids),
        }
    )
    return found.assign(value_band=clv_band(found))


def tell(size: int) -> None:
    """Print seconds, memory and gap of each case, each in a process of its own."""
    print("| case | returns, s | optimum, s | audience, s | peak MiB | contacts | method | duality gap |")
    print("|---|--:|--:|--:|--:|--:|---|--:|")
    for name in CASES:
        with get_context("spawn").Pool(1) as pool:
            print(pool.apply(_case, (name, size)), flush=True)


def _case(name: str, size: int) -> str:
    scale, minimums = CASES[name]
    customers = shop(size)
    begin = perf_counter()
    found = returns(customers, EXAMPLE, uplift_lines(customers, EXAMPLE, {}))
    programme(found, 1.0)
    returned = perf_counter()
    spent = spend(found, Wishes(scale * EUR_PER_CUSTOMER * size, 0.1, minimums), 1)
    solved = perf_counter()
    audience(found, spent)
    done = perf_counter()
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    contacts = int((spent.choice >= 0).sum())
    return (
        f"| {name} | {returned - begin:.1f} | {solved - returned:.1f} | {done - solved:.1f} | {peak:,.0f} "
        f"| {contacts:,} | {spent.plan.method} | {spent.plan.gap:.5%} |"
    )
