"""What takes too long for every submission: `python -m tests.reliability.soak deaths | mutations [--number N]`."""

import argparse
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability.deaths import Deaths
from tests.reliability.week import check_readable, lake_at, left, run


def deaths(every: int) -> Counter[str]:
    """Try every n-th state that a death can leave; return how many recovered, and how not."""
    found: Counter[str] = Counter()
    with TemporaryDirectory(prefix="clv-deaths-") as home:
        lake = lake_at(Path(home) / "lake")
        died = Deaths(Path(home) / "lake", Path(home) / "copies").during(lambda: run(lake))
        wanted = left(lake)
        say(f"{died.points:,} points at which the run may die, {len(died.states)} different states")
        for state in died.states[::every]:
            died.restore(state)
            try:
                check_readable(lake)
                run(lake)
                check_readable(lake)
                outcome = "equal" if left(lake) == wanted else "different"
            except Exception as error:  # noqa: BLE001 - told, and counted
                outcome = type(error).__name__
                say(repr(error))
            found[outcome] += 1
            if outcome != "equal":
                say(f"{outcome}: {state.said}")
    return found


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201


def main(argv: list[str]) -> Iterator[str]:
    """Yield what was found, by outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("deaths",))
    parser.add_argument("--every", type=int, default=1, help="try one state of so many")
    told = parser.parse_args(argv)
    began, worked = time.perf_counter(), time.process_time()
    yield f"{platform.platform()}, Python {platform.python_version()}"
    found = deaths(told.every)
    for outcome, number in found.most_common():
        yield f"{number:6,}  {outcome}"
    seconds = time.perf_counter() - began
    yield f"{seconds:,.0f} seconds, {time.process_time() - worked:,.0f} of them processor's"


if __name__ == "__main__":
    for text in main(sys.argv[1:]):
        say(text)
