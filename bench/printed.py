"""What every benchmark prints: a heading, a table of measurements, ratios."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from os import cpu_count

import numpy as np

from bench.measure import Measured, typical

LIBRARIES = ("duckdb", "ibis-framework", "pandas", "pyarrow", "numpy")


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    customers: int
    sizes: list[int]
    rounds: int
    as_of: date
    seeds: list[int]
    simulations: int


def title(what: str, options: Options) -> None:
    """Print the heading of a benchmark: machine and versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = (
        f"{platform.system()} {platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"\n## {what}\n\n{machine}; {versions}; t₀ {options.as_of}; rounds: {options.rounds}\n")


def table(found: dict[str, list[Measured]]) -> None:
    """Print time and memory of each contender."""
    print("| | seconds (median) | processor seconds | peak MiB |\n|---|--:|--:|--:|")
    for name, runs in found.items():
        run = typical(runs)
        print(f"| {name} | {run.seconds:.2f} | {run.cpu_seconds:.2f} | {run.peak_mib:,.0f} |")


def ratios(*lines: tuple[str, float, str]) -> None:
    """Print ratios beside their targets."""
    print("\n| ratio | measured | target |\n|---|--:|--:|")
    for what, measured, target in lines:
        print(f"| {what} | {measured:,.2f} | {target} |")


def share_of(flags: Sequence[bool]) -> str:
    """Return the share of true ones in per cent with its standard error."""
    share, n = float(np.mean(flags)), len(flags)
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / n) ** 0.5:.1f} %"
