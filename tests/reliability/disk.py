"""Every change that this process makes to the files below a folder, seen at the moment before it happens.

Python's audit events tell of each file that is created, renamed or removed. What compiled code writes (DuckDB,
Arrow) tells nothing; its files are found between two events, whole or cut.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}


@dataclass(frozen=True)
class Change:
    """What is about to happen: the event of Python, and the path that it is about."""

    event: str
    path: Path


Seen = Callable[[Change], None]


class _Watch:
    """The one hook of the process; it can never be taken out again, only made deaf."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.seen: Seen | None = None
        self.turn = threading.RLock()
        self.own = threading.local()

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.root is None or not (event == "open" or event in CHANGES) or getattr(self.own, "busy", False):
            return
        if event == "open" and not _for_writing(args):
            return
        path = _path(event, args)
        if path is None or not path.startswith(self.root):
            return
        self.own.busy = True
        try:
            with self.turn:
                if self.seen is not None:
                    self.seen(Change(event, Path(path)))
        finally:
            self.own.busy = False


_watch: list[_Watch] = []


@contextmanager
def watched(root: Path, seen: Seen) -> Iterator[None]:
    """Call `seen` before every change below `root`, one at a time, for the length of a block.

    What `seen` raises is raised in place of the change.
    """
    if not _watch:
        _watch.append(_Watch())
        sys.addaudithook(_watch[0].hear)
    watch = _watch[0]
    watch.root, watch.seen = f"{root}/", seen
    try:
        yield
    finally:
        watch.root = watch.seen = None


def _for_writing(args: tuple[Any, ...]) -> bool:
    _, mode, flags = args
    return bool(flags & WRITES) if mode is None else any(letter in mode for letter in "wxa+")


def _path(event: str, args: tuple[Any, ...]) -> str | None:
    """Return the absolute path of an event; None for a file that is open already."""
    name, folder = args[0], -1
    if isinstance(name, int):
        return None
    if event in {"os.remove", "os.rmdir"}:
        folder = args[1]
    text = os.fsdecode(name)
    if folder == -1 or text.startswith("/"):
        return str(Path(text).absolute())
    return str(Path(f"/proc/self/fd/{folder}").readlink() / text)
