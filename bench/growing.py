"""How the time of ledger and features grows with the number of customers."""

from itertools import pairwise
from math import log

from bench.measure import Measured, measure, typical
from bench.printed import Options, title
from bench.worlds import world


def growth(options: Options) -> None:
    """Run ledger and features at growing sizes; the exponent is log(time ratio) / log(size ratio)."""
    steps: dict[str, list[Measured]] = {"ledger": [], "features": []}
    for customers in options.sizes:
        lake = world(customers).path("")
        for step, runs in steps.items():
            runs.append(typical([measure(step, lake, options.as_of) for _ in range(options.rounds)]))
    title("Growth", options)
    print("| step | customers | seconds | peak MiB | exponent |\n|---|--:|--:|--:|--:|")
    for step, runs in steps.items():
        exponents = [
            "",
            *(f"{_exponent(*pair):.2f}" for pair in pairwise(zip(options.sizes, runs, strict=True))),
        ]
        for customers, run, exponent in zip(options.sizes, runs, exponents, strict=True):
            print(f"| {step} | {customers:,} | {run.seconds:.2f} | {run.peak_mib:,.0f} | {exponent} |")


def _exponent(small: tuple[int, Measured], large: tuple[int, Measured]) -> float:
    return log(large[1].seconds / small[1].seconds) / log(large[0] / small[0])
