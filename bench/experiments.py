"""Whether an experiment keeps its promises: false findings, lost customers, harm.

`python -m bench experiments` draws experiments on `bench.experiment_ground` and prints how often each promise
was kept, with the Monte-Carlo error (one standard error).
"""

from functools import cache

import pandas as pd
from scipy import stats

from bench.experiment_ground import Drawn, Ground, draw, with_fewer_buyers
from bench.printed import share_of
from decisions.effects import mean_difference
from decisions.experiment import TREATMENT
from decisions.looks import boundaries
from decisions.outcomes import Outcomes, draws
from decisions.readout import Look, harms, readout
from decisions.sample_checks import sample_ratio

RESAMPLES = 400
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
    print("\n| of the treatment missing | noticed |\n|---|--:|")
    for share in LOSSES:
        print(
            f"| {share:.0%} | {share_of([mismatched(draw(grounds, n), share) for n in range(simulations)])} |"
        )
    _tell_harm(grounds, simulations // 2)


def _tell_harm(grounds: Ground, simulations: int) -> None:
    print(f"\n{simulations:,} simulations a row\n")
    for place, share in enumerate(HARMS):
        rows = pd.DataFrame([harmed(draw(grounds, number), share, number) for number in range(simulations)])
        if place == 0:
            print("| buyers lost | " + " | ".join(rows) + " |\n|---|" + "--:|" * len(rows.columns))
        print(f"| {share:.0%} | " + " | ".join(share_of(rows[name]) for name in rows) + " |")
