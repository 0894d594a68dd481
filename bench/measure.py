"""One task in a process of its own, so that its peak memory is its own."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")

MIB_PER_MAXRSS = 1 / 1024 if sys.platform == "linux" else 1 / 1024**2


@dataclass(frozen=True)
class Measured:
    """Wall and processor seconds of the work without imports, and the process's peak memory."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def measure(task: str, lake: Path, as_of: date) -> Measured:
    """Run a task in a fresh process."""
    command = [sys.executable, "-m", "bench.measure", task, str(lake), str(as_of)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = Measured(**json.loads(done.stdout))
    print(f"  {task}: {found.seconds:.2f} s, {found.peak_mib:,.0f} MiB", file=sys.stderr, flush=True)
    return found


def in_turns(tasks: tuple[str, ...], lake: Path, as_of: date, rounds: int) -> dict[str, list[Measured]]:
    """Run the tasks one after the other, `rounds` times."""
    found: dict[str, list[Measured]] = {task: [] for task in tasks}
    for _ in range(rounds):
        for task in tasks:
            found[task].append(measure(task, lake, as_of))
    return found


def typical(runs: list[Measured]) -> Measured:
    """Return the medians of seconds, the maximum of memory."""
    cpu = median(run.cpu_seconds for run in runs)
    return Measured(median(run.seconds for run in runs), cpu, max(run.peak_mib for run in runs))


def ratio(these: list[Measured], those: list[Measured]) -> float:
    """Return the median over the rounds of seconds over seconds, so that a drift of the machine cancels."""
    return median(a.seconds / b.seconds for a, b in zip(these, those, strict=True))


def so_far() -> Measured:
    """Return what both clocks show now, and the peak of the process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MIB_PER_MAXRSS
    return Measured(time.perf_counter(), time.process_time(), peak)


def between(begin: Measured, end: Measured) -> Measured:
    """Return the time from one `so_far` to another, with the peak at its end."""
    return Measured(end.seconds - begin.seconds, end.cpu_seconds - begin.cpu_seconds, end.peak_mib)


def clocked(work: Callable[[], Result]) -> tuple[Result, Measured]:
    """Do the work and return its result and what it took; the peak is that of the process so far."""
    begin = so_far()
    result = work()
    return result, between(begin, so_far())


def main(task: str, folder: str, as_of: str) -> None:
    """Do the work and print what it took as JSON."""
    import ibis  # noqa: PLC0415 - the parent needs none of it

    from bench.tasks import TASKS  # noqa: PLC0415
    from clv.lake import Lake  # noqa: PLC0415

    ibis.duckdb.connect().disconnect()  # Ibis imports an engine where it is first used

    lake, day = Lake.at(folder), date.fromisoformat(as_of)
    TASKS[task].clear(lake, day)
    _, measured = clocked(lambda: TASKS[task].run(lake, day))
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(*sys.argv[1:])
