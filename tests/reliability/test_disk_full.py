"""The disk is full from some write of the weekly run on: one clear error, whole partitions, and the next run ends it."""

import errno
import os
import shutil
from itertools import count

import pytest

import clv.engine
from app.disk_full import disk_full
from clv.engine import DuckEngine
from step_functions.laptop.replaced import replaced
from tests.reliability.disk import watched
from tests.reliability.week import check_readable, lake_at, left, run

TAKES_SPACE = {"open", "os.mkdir", "os.link"}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A lake before its week, and what an undisturbed week leaves."""
    home = tmp_path_factory.mktemp("full")
    lake = lake_at(home / "lake")
    shutil.copytree(lake.root, home / "fresh")
    run(lake)
    return lake, home / "fresh", left(lake)


def filled_at(turn):
    """Return what raises from the turn-th write on, and counts them."""
    numbers = count(1)

    def write(change=None):
        if (change is None or change.event in TAKES_SPACE) and next(numbers) >= turn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(change and change.path))

    return write


@pytest.mark.parametrize("turn", [1, 40, 110, 190])
def test_a_full_disk_is_one_clear_error_and_the_next_run_ends_the_work(fresh, turn):
    lake, before, wanted = fresh
    shutil.rmtree(lake.root)
    shutil.copytree(before, lake.root)
    write = filled_at(turn)
    of_duckdb = DuckEngine.write

    def engine_write(self, table, url, max_file_mb=None):
        write()
        of_duckdb(self, table, url, max_file_mb)

    with (
        replaced(clv.engine.DuckEngine, "write", engine_write),
        watched(lake.path(""), write),
        pytest.raises(Exception, match="No space left") as error,
    ):
        run(lake)
    assert "the disk is full" in disk_full(error.value)
    check_readable(lake)
    assert lake.read_text("runs/lock.json") is None
    run(lake)
    assert left(lake) == wanted
