"""`python -m bench [NAME …]`: run benchmarks and print their tables as Markdown."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from app.world.parameters import BACKTEST_AS_OF
from bench.experiment_ground import START, ground
from bench.experiment_power import tell_power
from bench.experiment_seasons import tell_kept
from bench.experiments import tell as tell_experiments
from bench.fitting import CONTENDERS, fits_in_turns
from bench.forecasting import newest_trees, seconds
from bench.growing import growth
from bench.marketplace import SOLD_TO, judge_marketplace, tell
from bench.measure import in_turns, measure, ratio, typical
from bench.printed import Options, ratios, table, title
from bench.rehearsal import REHEARSED_CUSTOMERS, rehearse_once
from bench.tasks import HORIZON
from bench.week import TO_SCORES, together, week_of
from bench.worlds import bring_models, world
from clv.lake import Lake
from clv.partitions import features_at, priors_at
from clv.segments import ESTABLISHED
from clv.snapshots import snapshot

MEMORY_LIMIT_MIB = 4096
FEEDBACK_SEEDS = 6


def features(options: Options) -> None:
    """Set the feature step beside a bare scan, hand-written SQL and pandas."""
    lake = _with_ledger(options.customers, options.as_of)
    found = in_turns(("scan", "sql", "features", "pandas"), lake, options.as_of, options.rounds)
    mine = found["features"]
    memory = typical(mine).peak_mib / typical(found["pandas"]).peak_mib
    title(f"Features of {options.customers:,} customers", options)
    table(found)
    ratios(
        ("features / scan", ratio(mine, found["scan"]), "≤ 8"),
        ("features / hand-written SQL", ratio(mine, found["sql"]), "≤ 1.5"),
        ("pandas / features", ratio(found["pandas"], mine), "≥ 1.5"),
        ("memory: features / pandas", memory, "≤ 0.6"),
    )


def week(options: Options) -> None:
    """Run the week without training through the state machine, and its features alone, in turns."""
    lake = world(options.customers)
    bring_models(lake, options.as_of)
    weeks, alone = [], []
    for _ in range(options.rounds):
        weeks.append(week_of(lake.path(""), options.as_of))
        alone.append(measure("features", lake.path(""), options.as_of))
    found = {name: [one[name] for one in weeks] for name in weeks[0]}
    to_scores = [together(one[name] for name in TO_SCORES) for one in weeks]
    run = [together(one.values()) for one in weeks]
    title(f"The weekly run of {options.customers:,} customers, without training", options)
    table(
        found
        | {"from the raw tables to scores": to_scores, "the whole run": run, "build_features alone": alone}
    )
    ratios(
        ("to scores / feature step", ratio(to_scores, found["features"]), "≤ 3"),
        ("the whole run / feature step", ratio(run, found["features"]), "–"),
        ("to scores / build_features alone", ratio(to_scores, alone), "–"),
        ("peak memory, MiB", typical(run).peak_mib, f"< {MEMORY_LIMIT_MIB}"),
    )


def compilation(options: Options) -> None:
    """Tell how much of the feature step goes into writing its SQL."""
    lake = _with_ledger(options.customers, options.as_of)
    found = in_turns(("compile", "features"), lake, options.as_of, options.rounds)
    title(f"Ibis writes the SQL, DuckDB runs it: {options.customers:,} customers", options)
    table(found)
    ratios(("writing the SQL / feature step", ratio(found["compile"], found["features"]), "–"))


def forecast(options: Options) -> None:
    """Set the forecast of a boosted model beside XGBoost's own prediction of the same rows, in one process."""
    lake = world(options.customers)
    bring_models(lake, options.as_of)
    built = {
        "ledger": "ledger",
        "features": features_at(options.as_of),
        "priors": priors_at(options.as_of, HORIZON),
    }
    for step, partition in built.items():
        if lake.current(partition) is None:
            measure(step, lake.path(""), options.as_of)
    rows = snapshot(lake, options.as_of, HORIZON, labelled=False)
    ours, alone = seconds(newest_trees(lake, ESTABLISHED), rows, options.rounds)
    title(f"Forecast of {len(rows):,} customers in memory", options)
    print("| | processor seconds (median) |\n|---|--:|")
    print(f"| forecast | {ours:.2f} |\n| XGBoost alone, every booster of the model | {alone:.2f} |")
    ratios(("forecast / XGBoost alone", ours / alone, "≤ 2"))


def fits(options: Options) -> None:
    """Set the fit of BG/NBD beside that of lifetimes."""
    lake = world(options.customers)
    if lake.current(features_at(options.as_of)) is None:
        measure("features", _with_ledger(options.customers, options.as_of), options.as_of)
    found, reached, customers = fits_in_turns(lake, options.as_of, options.rounds)
    title(f"Fit of BG/NBD on {customers:,} customers", options)
    table(found)
    for name, log_likelihood in reached.items():
        print(f"\nlog-likelihood, {name}: {log_likelihood:,.3f}")
    mine, *others = CONTENDERS
    targets = ("≥ 5", "–")
    ratios(
        *((f"{o} / {mine}", ratio(found[o], found[mine]), t) for o, t in zip(others, targets, strict=True))
    )


def rehearsal(options: Options) -> None:
    """Deploy to moto and run one week there; its size is fixed, the server keeps every object in memory."""
    found, cost = rehearse_once(REHEARSED_CUSTOMERS, options.as_of)
    title(f"Rehearsal of the deployment, {REHEARSED_CUSTOMERS:,} customers", options)
    print("| step | seconds |\n|---|--:|")
    print(f"| deploy | {found.deploy_seconds:.1f} |\n| execution | {found.execution_seconds:.1f} |")
    for state in found.states:
        print(f"| {state.name} | {state.seconds:.1f} |")
    print("\n| cost by the price file | EUR |\n|---|--:|")
    for what, eur in cost.items():
        print(f"| one {what} | {eur:.2f} |")


def marketplace(options: Options) -> None:
    """Set forecasts of the marketplace's past t₀ between last year's revenue and the true expected value."""
    found = [judgement for seed in options.seeds for judgement in judge_marketplace(seed)]
    named = f"The marketplace of {SOLD_TO:,} customers, seeds {', '.join(map(str, options.seeds))}"
    title(named, replace(options, as_of=BACKTEST_AS_OF))
    tell(found)


def experiments(options: Options) -> None:
    """Simulate experiments on the marketplace's revenue: false findings, power, coverage."""
    lake = Lake.at(_with_ledger(SOLD_TO, options.as_of))
    title(f"Experiments on the marketplace of {SOLD_TO:,} customers", replace(options, as_of=START))
    tell_experiments(ground(lake), options.simulations)


def power(options: Options) -> None:
    """Simulate effects of the size that a design promises to find; hold its promises against a year of weeks."""
    lake = Lake.at(_with_ledger(SOLD_TO, options.as_of))
    title(f"Power of experiments on the marketplace of {SOLD_TO:,} customers", replace(options, as_of=START))
    tell_power(ground(lake), options.simulations)
    tell_kept(SOLD_TO, options.seeds)


def feedback(options: Options) -> None:
    """Run twelve campaigns, greedy and with exploration, on marketplaces that answer to them."""
    from bench import feedback_told  # noqa: PLC0415 - draws, which no other benchmark needs

    seeds = list(range(1, max(FEEDBACK_SEEDS, len(options.seeds)) + 1))
    title(f"Feedback: twelve campaigns, seeds {', '.join(map(str, seeds))}", options)
    feedback_told.tell(*feedback_told.simulate(seeds))


def weights(options: Options) -> None:
    """Train the project's own recipe on snapshots in whose horizon a campaign ran, weighted and not."""
    from bench.feedback_recipe import AS_OF, learn, tell_learned  # noqa: PLC0415 - draws the same campaigns

    title("Treatment weights and the recipe of the weekly run", replace(options, as_of=AS_OF))
    tell_learned(list(learn(options.seeds)))


def budget(options: Options) -> None:
    """Spend budgets on customers of a made-up shop, four actions each."""
    from bench import budget_size  # noqa: PLC0415 - HiGHS, which no other benchmark needs

    title(f"Budgets: {options.customers:,} customers × 4 actions", options)
    budget_size.tell(options.customers)


def policies(options: Options) -> None:
    """Set ways to choose whom to contact side by side, judged by what contacting truly brings."""
    from bench import policies as ways  # noqa: PLC0415 - the same
    from bench.policy_ground import AS_OF  # noqa: PLC0415

    named = f"Policies on marketplaces of {SOLD_TO:,} customers, seeds {', '.join(map(str, options.seeds))}"
    title(named, replace(options, as_of=AS_OF))
    ways.tell(ways.compare(SOLD_TO, options.seeds))


def learner(options: Options) -> None:
    """Set a fitted uplift beside uplift by stratum, judged by what contacting truly brings."""
    from bench import learner as model  # noqa: PLC0415 - the same
    from bench.policy_ground import AS_OF  # noqa: PLC0415

    named = f"A fitted uplift: {SOLD_TO:,} customers, seeds {', '.join(map(str, options.seeds))}"
    title(named, replace(options, as_of=AS_OF))
    model.tell(model.compare(SOLD_TO, options.seeds))


BENCHMARKS: dict[str, Callable[[Options], None]] = {
    "features": features,
    "week": week,
    "growth": growth,
    "compilation": compilation,
    "forecast": forecast,
    "fits": fits,
    "rehearsal": rehearsal,
    "marketplace": marketplace,
    "experiments": experiments,
    "power": power,
    "feedback": feedback,
    "weights": weights,
    "budget": budget,
    "policies": policies,
    "learner": learner,
}


def _with_ledger(customers: int, as_of: date) -> Path:
    lake = world(customers)
    if lake.current("ledger") is None:
        measure("ledger", lake.path(""), as_of)
    return lake.path("")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000, 3_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 7, 1))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--simulations", type=int, default=1_000)
    said = parser.parse_args(arguments)
    unknown = [name for name in said.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    options = Options(said.customers, said.sizes, said.rounds, said.as_of, said.seeds, said.simulations)
    for name in said.names or BENCHMARKS:
        BENCHMARKS[name](options)


if __name__ == "__main__":
    main()
