"""What takes too long for every submission: `python -m tests.reliability.soak deaths | mutations`."""

import argparse
import os
import platform
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from clv.lake import Lake
from tests.reliability.deaths import Deaths
from tests.reliability.fuzz import deliveries
from tests.reliability.week import AS_OF, WEEK_AFTER, check_readable, deliver, lake_at, left, run

FIRST, SECOND = "first week", "second week"
WEEKS = (FIRST, SECOND)
FINE = ("equal", "used", "quarantined", "too bad", "refused")
TELL_EVERY = 10


def deaths(every: int, first: int) -> Counter[str]:
    """Try every n-th state that a death can leave; return how many recovered, and how not.

    The first week of a lake and the week after it, side by side, each in a process of its own.
    """
    with ProcessPoolExecutor(len(WEEKS), mp_context=get_context("spawn")) as pool:
        found = pool.map(deaths_of, WEEKS, repeat(every), repeat(first))
        return sum((Counter(one) for one in found), Counter())


def deaths_of(week: str, every: int, first: int) -> Counter[str]:
    """Try every n-th state of one week."""
    found: Counter[str] = Counter()
    began = time.process_time()
    with TemporaryDirectory(prefix="clv-deaths-") as home:
        lake = lake_at(Path(home) / "lake")
        if week == SECOND:
            run(lake)
            deliver(lake, "2025-06")
        as_of = WEEK_AFTER if week == SECOND else AS_OF
        died = Deaths(Path(home) / "lake", Path(home) / "copies").during(lambda: run(lake, as_of=as_of))
        wanted = left(lake)
        say(f"{week}: {died.points:,} points at which it may die, {len(died.states)} different states")
        for state in died.states[first::every]:
            died.restore(state)
            found[_outcome(lake, as_of, wanted, f"{week}: {state.said}")] += 1
            if found.total() % TELL_EVERY == 0:
                say(f"{week}: {found.total()} tried: {dict(found)}, {time.process_time() - began:,.0f} s")
    return found


def _outcome(lake: Lake, as_of: date, wanted: dict[str, object], said: str) -> str:
    """Read a lake in which a run died, run again, and return how its tables are then."""
    try:
        check_readable(lake)
        run(lake, as_of=as_of)
        check_readable(lake)
        outcome = "equal" if left(lake) == wanted else "different"
    except Exception as error:  # noqa: BLE001 - told, and counted
        outcome = type(error).__name__
        say(repr(error))
    if outcome != "equal":
        say(f"{outcome}: {said}")
    return outcome


def mutations(number: int, first: int, minutes: float) -> Counter[str]:
    """Try so many changes of raw tables, or as many as the time allows; return the deliveries by outcome."""
    found: Counter[str] = Counter()
    done, until = 0, time.monotonic() + 60 * minutes
    with TemporaryDirectory(prefix="clv-fuzz-") as home:
        for one in deliveries(Path(home), number, first):
            done += len(one.changes)
            found[one.outcome.split(":")[0]] += 1
            if found.total() % TELL_EVERY == 0:
                say(f"{done:,} mutations in {found.total()} deliveries: {dict(found)}")
            if one.is_bug:
                say(f"{one.number}: {one.outcome} {one.changes}")
            if time.monotonic() > until:
                break
    say(f"{done:,} mutations in {found.total():,} deliveries")
    return found


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201


def main(argv: list[str]) -> None:
    """Print what was found, by outcome, and the machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("deaths", "mutations"))
    parser.add_argument("--every", type=int, default=1, help="deaths: try one state of so many")
    parser.add_argument("--number", type=int, default=10_000, help="mutations: how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first state or delivery")
    parser.add_argument("--minutes", type=float, default=60, help="mutations: stop after this time")
    told = parser.parse_args(argv)
    say(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    began, worked = time.perf_counter(), _processor_seconds()
    by_death = told.what == "deaths"
    found = deaths(told.every, told.first) if by_death else mutations(told.number, told.first, told.minutes)
    for outcome, number in found.most_common():
        say(f"{number:6,}  {outcome}")
    say(f"{time.perf_counter() - began:,.0f} s, {_processor_seconds() - worked:,.0f} processor seconds")
    sys.exit(1 if _bugs(found) else 0)


def _processor_seconds() -> float:
    """Return the processor time of this process and of those that it started and that have ended."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _bugs(found: Counter[str]) -> int:
    return sum(number for outcome, number in found.items() if outcome not in FINE)


if __name__ == "__main__":
    main(sys.argv[1:])
