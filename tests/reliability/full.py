"""A disk that is full from some write on."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from clv.engine import DuckEngine
from step_functions.laptop.replaced import replaced
from tests.reliability.disk import watched

TAKES_SPACE = {"open", "os.mkdir", "os.link"}


@contextmanager
def full_from(root: Path, turn: int) -> Iterator[None]:
    """Refuse the turn-th write below a folder and all after it; those of DuckDB too."""
    numbers, of_duckdb = count(1), DuckEngine.write

    def write(change=None):
        if (change is None or change.event in TAKES_SPACE) and next(numbers) >= turn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(change and change.path))

    def engine_write(self, table, url, max_file_mb=None):
        write()
        of_duckdb(self, table, url, max_file_mb)

    with replaced(DuckEngine, "write", engine_write), watched(root, write):
        yield
