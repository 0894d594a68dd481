"""Whether an experiment keeps its promises: false findings, power, coverage, lost customers, harm.

`python -m bench experiments` draws experiments on `bench.experiment_ground` and prints how often each promise
was kept, with the Monte-Carlo error (one standard error).
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from bench.experiment_ground import Drawn, Ground, draw, with_fewer_buyers, with_more_orders
from decisions.effects import mean_difference, winsorised
from decisions.experiment import TREATMENT
from decisions.looks import boundaries
from decisions.outcomes import Outcomes, draws
from decisions.readout import Look, harms, readout
from decisions.sample_checks import sample_ratio

RESAMPLES = 400
KINDS = ("constant", "orders", "differing")
LOSSES = (0.0, 0.02, 0.05, 0.1)
HARMS = (0.0, 0.05, 0.1, 0.2, 0.3)

Row = dict[str, bool | float]


def no_effect(drawn: Drawn, seed: int) -> Row:
    """Return which findings the read-out makes where nothing differs."""
    members, design = drawn.members, drawn.design
    told = readout(design, members, Look(design.end), seed, RESAMPLES)
    revenue, segments = members["revenue_eur"].to_numpy(), told["segments"]
    welch = mean_difference(revenue, members["arm"].eq(TREATMENT).to_numpy())
    return {
        "mean, Welch": welch.p_value < design.alpha,
        "mean, bootstrap": not told["revenue"]["low"] <= 0 <= told["revenue"]["high"],
        "winsorised mean": told["revenue_winsorised"]["p_value"] < design.alpha,
        "winsorised mean, CUPED": told["revenue_adjusted"]["p_value"] < design.alpha,
        "the same, where rules differ": told["revenue_differing"]["p_value"] < design.alpha,
        "conversion": not told["conversion"]["low"] <= 0 <= told["conversion"]["high"],
        "any of all segments": min(row["p_value"] for row in segments) < design.alpha,
        "any of all segments, Holm": min(row["p_holm"] for row in segments) < design.alpha,
        "sample-ratio mismatch": told["sample_ratio"]["mismatch"],
        **_peeks(drawn),
        "harm flag, raw": any(row["raw"] == "harm" for row in told["harm"]),
        "harm flag or warning, sure": any(row["sure"] != "none" for row in told["harm"]),
    }


def _peeks(drawn: Drawn) -> Row:
    """Return whether one of eight weekly looks finds a difference, at the full level and at what is spent."""
    design = drawn.design
    p_values = [
        Outcomes.of(drawn.members.assign(revenue_eur=drawn.members[f"revenue_{week + 1}"]), design)
        .everyone(design.alpha)
        .p_value
        for week in range(design.weeks)
    ]
    levels = _levels(design.alpha, design.weeks)
    return {
        "one of 8 weekly looks at 5 %": min(p_values) < design.alpha,
        "one of 8 weekly looks, group-sequential": any(p < q for p, q in zip(p_values, levels, strict=True)),
    }


@cache
def _levels(alpha: float, weeks: int) -> list[float]:
    """Return the level of each weekly look, as `level_now` gives it."""
    reached = boundaries(alpha, [(week + 1) / weeks for week in range(weeks)])
    return [float(2 * stats.norm.sf(one)) for one in reached]


def promised(drawn: Drawn, grounds: Ground, kind: str) -> Row:
    """Return what is found of an effect as large as the design promises to find, and the intervals.

    kind : `constant` adds it to each of the treatment; `orders` adds orders to some of them; `differing` adds
    orders to some of those whom the CLV ranking alone names
    """
    members = drawn.members
    treated = members["arm"].eq(TREATMENT)
    if kind == "constant":
        after = members.assign(revenue_eur=members["revenue_eur"] + grounds.promised_all_eur * treated)
    elif kind == "orders":
        after = with_more_orders(drawn, treated, grounds.promised_all_eur)
    else:
        reached = treated & members["contacted"] & ~members["named_by_control"]
        mean = grounds.promised_differing_eur * treated.sum() / reached.sum()
        after = with_more_orders(drawn, reached, mean)
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


def mismatched(drawn: Drawn, share: float) -> bool:
    """Return whether it is noticed that a share of the treatment is missing."""
    treated = drawn.members["arm"].eq(TREATMENT).to_numpy()
    lost = treated & (drawn.rng.random(len(treated)) < share)
    there = treated[~lost]
    split = sample_ratio(int((~there).sum()), int(there.sum()), drawn.design.treatment_share)
    return bool(split["mismatch"])


def harmed(drawn: Drawn, share: float, seed: int) -> Row:
    """Return which flags are raised where the treatment loses a share of its buyers."""
    after = with_fewer_buyers(drawn, drawn.members["arm"].eq(TREATMENT), share)
    flags = harms(draws(Outcomes.of(after, drawn.design), seed, RESAMPLES), drawn.design)
    return {
        f"{one.figure}, {sort}": level != "none"
        for one in flags
        for sort, level in (("raw", one.raw), ("sure", one.sure))
    }


def tell(grounds: Ground, simulations: int) -> None:
    """Simulate and print all tables."""
    population, design = grounds.population, grounds.design
    print(
        f"{len(population):,} customers, {design.contacts:,} named by each rule, cap {design.winsor_cap_eur:,.0f} €, "
        f"{(population['orders'] > 0).mean():.1%} buy, mean {population['revenue_eur'].mean():.2f} €; "
        f"{simulations:,} simulations a row\n"
    )
    drawn = [no_effect(draw(grounds, number), number) for number in range(simulations)]
    print("| nothing differs | found |\n|---|--:|")
    for name, flags in pd.DataFrame(drawn).items():
        print(f"| {name} | {share_of(flags)} |")
    _tell_promised(grounds, simulations)
    print("\n| of the treatment missing | noticed |\n|---|--:|")
    for share in LOSSES:
        print(
            f"| {share:.0%} | {share_of([mismatched(draw(grounds, n), share) for n in range(simulations)])} |"
        )
    _tell_harm(grounds, simulations // 2)


def _tell_promised(grounds: Ground, simulations: int) -> None:
    print(
        "\n| effect of the promised size | size, € of all | found (promise 80 %) | 95 % interval covers | bootstrap of the plain mean covers |\n|---|--:|--:|--:|--:|"
    )
    for kind in KINDS:
        rows = pd.DataFrame([promised(draw(grounds, number), grounds, kind) for number in range(simulations)])
        truth, raw = rows["gain"].mean(), rows["raw_gain"].mean()
        covered = share_of(rows["low"].le(truth) & rows["high"].ge(truth))
        plain = share_of(rows["raw_low"].le(raw) & rows["raw_high"].ge(raw))
        size = grounds.promised_differing_eur if kind == "differing" else grounds.promised_all_eur
        print(f"| {kind} | {size:.2f} | {share_of(rows['found'])} | {covered} | {plain} |")


def _tell_harm(grounds: Ground, simulations: int) -> None:
    print(f"\n{simulations:,} simulations a row\n")
    for place, share in enumerate(HARMS):
        rows = pd.DataFrame([harmed(draw(grounds, number), share, number) for number in range(simulations)])
        if place == 0:
            print("| buyers lost | " + " | ".join(rows) + " |\n|---|" + "--:|" * len(rows.columns))
        print(f"| {share:.0%} | " + " | ".join(share_of(rows[name]) for name in rows) + " |")


def share_of(flags: Sequence[bool]) -> str:
    """Return the share of true ones in per cent with its standard error."""
    share, n = float(np.mean(flags)), len(flags)
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / n) ** 0.5:.1f} %"
