"""The process dies at a write of the weekly run: readers find whole partitions, the next run ends it.

`make soak` tries all of them; here are a few that a seed chose.
"""

import random
import signal
import subprocess
import sys

import pytest

from clv.lake import Lake
from clv.partitions import features_at, scores_at
from tests.reliability.week import AS_OF, LONG_AGO, check_readable, left, run

SEED = 20251126
FEW = 5


def of(states, few):
    """Return some states in the order of the run; the last ones cost the least."""
    return sorted(random.Random(SEED).sample(range(len(states)), few))


def test_every_death_leaves_whole_partitions_to_readers(week):
    _, deaths, _ = week
    assert deaths.points > 1_000
    assert len(deaths.states) > 200
    for state in deaths.states:
        check_readable(Lake.at(state.folder))


def test_the_run_merges_expires_and_publishes(week):
    lake, deaths, _ = week
    raw = lake.path("raw/web_events")
    assert any("-merged-" in path.name for path in raw.iterdir())
    assert not any("-clv-web-events-" in path.name for path in raw.iterdir())
    assert lake.current(features_at(LONG_AGO)) is None
    assert lake.current(scores_at(AS_OF)) is not None
    assert Lake.at(deaths.states[0].folder).current(features_at(LONG_AGO)) is not None


@pytest.mark.parametrize("place", range(FEW))
def test_after_a_death_the_next_run_leaves_what_an_undisturbed_one_leaves(week, place):
    lake, deaths, wanted = week
    state = deaths.states[of(deaths.states, FEW)[place]]
    deaths.restore(state)
    run(lake)
    check_readable(lake)
    assert left(lake) == wanted, state.said


def test_a_killed_process_is_followed_by_one_that_ends_its_work(week):
    lake, deaths, wanted = week
    deaths.restore(deaths.states[len(deaths.states) // 2])
    command = [sys.executable, "-m", "tests.reliability.dying", lake.root, "50"]
    died = subprocess.run(command, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    check_readable(lake)
    assert lake.read_text("runs/lock.json") is not None
    run(lake)
    assert left(lake) == wanted
    assert not [path.name for path in lake.path("").iterdir() if path.name.startswith(".")]
