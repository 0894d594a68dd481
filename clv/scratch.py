"""Scratch folders: of one process each, removed with it or, where it died, by the next that needs one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def scratch(kind: str, beside: Path | None) -> Iterator[Path]:
    """Yield a new folder `.<kind>-<process>-…` in a folder of this machine, or where temporary ones go.

    Those of the same kind whose process is gone are removed first: they may be as large as what was sorted.
    """
    if beside is not None:
        for folder in beside.glob(f".{kind}-*"):
            if not _lives(folder.name.split("-")[1]):
                shutil.rmtree(folder, ignore_errors=True)
    prefix = f".{kind}-{os.getpid()}-"
    with TemporaryDirectory(prefix=prefix, dir=beside, ignore_cleanup_errors=True) as made:
        yield Path(made)


def _lives(process: str) -> bool:
    """Say whether a process of this number is at work; who is not sure leaves the folder alone."""
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
