"""The weekly run dies at a write, finds the disk full or another run at work: readers find whole partitions.

The next run ends what was begun. `make soak` tries every death; here are a few that a seed chose.
"""

import random
import signal
import subprocess
import sys

import pytest

from app.disk_full import disk_full
from clv.lake import Lake
from clv.partitions import features_at, scores_at
from tests.reliability.disk import watched
from tests.reliability.full import full_from
from tests.reliability.week import AS_OF, LONG_AGO, check_readable, left, run

SEED = 20251126
FEW = 2


def of(states, few):
    """Return some states in the order of the run; the last ones cost the least."""
    return sorted(random.Random(SEED).sample(range(len(states)), few))


def at(deaths, share):
    """Return the state at a share of the run."""
    return deaths.states[int(share * len(deaths.states))]


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
    deaths.restore(at(deaths, 0.7))
    lake.storage.delete(["runs/lock.json"])
    command = [sys.executable, "-m", "tests.reliability.dying", lake.root, "20"]
    died = subprocess.run(command, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    check_readable(lake)
    assert lake.read_text("runs/lock.json") is not None
    run(lake)
    assert left(lake) == wanted
    assert not [path.name for path in lake.path("").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(("share", "turn"), [(0.5, 12), (0.75, 30)])
def test_a_full_disk_is_one_clear_error_and_the_next_run_ends_the_work(week, share, turn):
    lake, deaths, wanted = week
    deaths.restore(at(deaths, share))
    with full_from(lake.path(""), turn), pytest.raises(Exception, match="No space left") as error:
        run(lake)
    assert disk_full(error.value).startswith("the disk is full (")
    check_readable(lake)
    run(lake)
    assert left(lake) == wanted


def test_a_second_run_says_who_is_at_work_and_leaves_all_as_it_is(week):
    lake, deaths, wanted = week
    told = []

    def second(change):
        if told or lake.read_text("runs/lock.json") is None:
            return
        command = [sys.executable, "-m", "app", "run", "--lake", lake.root, "--as-of", str(AS_OF)]
        told.append(subprocess.run(command, capture_output=True, text=True, check=False))

    deaths.restore(at(deaths, 0.95))
    lake.storage.delete(["runs/lock.json"])
    with watched(lake.path(""), second):
        run(lake)
    assert told[0].returncode == 2
    assert "is at work; wait for it" in " ".join(told[0].stderr.split())
    assert left(lake) == wanted
