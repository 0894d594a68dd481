"""The weekly run without training: the state machine itself, in a process of its own, step by step."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from pathlib import Path

from bench.measure import Measured, between, so_far

MACHINE = "the machine itself"
BEGINS = {
    "BuildLedger": "ledger",
    "BuildFeatures": "features",
    "ResolveModels": "score",
    "PublishScores": "publish",
    "Watch": "watch",
    "Decide": "decide",
    "ReleaseLock": MACHINE,
}
"""The step that a state of the machine begins."""
TO_SCORES = ("ledger", "features", "score", "publish")
"""From the raw tables to published scores; monitoring and the plan follow."""
WRITTEN = (
    *("ledger", "quarantine", "excluded", "features", "priors", "inputs", "transform", "forecasts"),
    *("explanations", "scores", "monitoring", "decisions"),
)
"""What a run writes, removed before it."""


def week_of(lake: Path, as_of: date) -> dict[str, Measured]:
    """Run the week of a lake that has models in a fresh process; return its steps in their order.

    The peak of a step is that of the process up to its end.
    """
    command = [sys.executable, "-m", "bench.week", str(lake), str(as_of)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = {name: Measured(**told) for name, told in json.loads(done.stdout).items()}
    for name, step in found.items():
        print(f"  {name}: {step.seconds:.2f} s", file=sys.stderr, flush=True)
    return found


def together(steps: Iterable[Measured]) -> Measured:
    """Return several steps of a run as one."""
    mine = list(steps)
    return Measured(
        sum(step.seconds for step in mine),
        sum(step.cpu_seconds for step in mine),
        max(step.peak_mib for step in mine),
    )


def _steps(marks: list[tuple[str, Measured]]) -> dict[str, Measured]:
    """Return the time between marks by step, in the order of `BEGINS`."""
    found: dict[str, list[Measured]] = {name: [] for name in BEGINS.values()}
    for (name, begin), (_, end) in pairwise(marks):
        found[name].append(between(begin, end))
    return {name: together(parts) for name, parts in found.items()}


def main(folder: str, as_of: str) -> None:
    """Run the week and print its steps as JSON."""
    from app.runs import new_run  # noqa: PLC0415 - the parent needs none of it
    from clv.lake import Lake  # noqa: PLC0415
    from clv.settings import Settings  # noqa: PLC0415
    from step_functions.laptop.run import run_machine  # noqa: PLC0415

    lake, day = Lake.at(folder), date.fromisoformat(as_of)
    for partition in WRITTEN:
        shutil.rmtree(lake.path(partition), ignore_errors=True)
    marks = [(MACHINE, so_far())]

    def entered(line: str) -> None:
        state = line.partition(":")[0]
        if state in BEGINS:
            marks.append((BEGINS[state], so_far()))

    run_machine(lake, new_run(lake, day, "run"), day, Settings(), {"train": "never"}, entered)
    steps = _steps([*marks, (MACHINE, so_far())])
    print(json.dumps({name: asdict(step) for name, step in steps.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
