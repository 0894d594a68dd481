"""Every state in which a death can leave a lake, taken from one run that lives.

A process that dies leaves its files as they were at that moment. So one run is enough: before each change it
is stopped and the lake is copied. What may have been half written at that moment is half written in a further
copy. States that are equal count once.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.disk import Change, watched

SCRATCH = (".jobs-", ".spill-")
"""Folders of one process, which no other looks into."""
ATTEMPTS = 100
Files = dict[str, tuple[int, int, int] | None]
"""By name: inode, bytes and time of change of a file, None for a folder."""


@dataclass(frozen=True)
class State:
    """A copy of the lake, and what was about to happen."""

    folder: Path
    said: str


@dataclass
class Deaths:
    """The states of one run: `points` deaths that were possible, `states` of them different."""

    root: Path
    copies: Path
    points: int = 0
    states: list[State] = field(default_factory=list)
    _seen: set[frozenset[object]] = field(default_factory=set)
    _before: Files = field(default_factory=dict)
    _last: Path | None = None

    def during(self, work: Callable[[], object]) -> "Deaths":
        """Do the work and return the states in which it might have died."""
        with watched(self.root, self._before_change):
            work()
        self._take("after the last change")
        return self

    def restore(self, state: State) -> None:
        """Put the lake into a state."""
        shutil.rmtree(self.root)
        shutil.copytree(state.folder, self.root)

    def _before_change(self, change: Change) -> None:
        name = change.path.relative_to(self.root)
        if name.parts[0].startswith(SCRATCH):
            self.points += 1
        else:
            self._take(f"{change.event} {name}")

    def _take(self, said: str) -> None:
        """Copy the lake as it is, unless it was so before.

        A change of another thread may be under way since its turn ended; then the copy begins anew.
        """
        self.points += 1
        folder = self.copies / f"{self.points:05}"
        for _ in range(ATTEMPTS):
            try:
                files = self._files()
                if frozenset(files.items()) in self._seen:
                    return
                self._copy(files, folder)
                break
            except FileNotFoundError:
                shutil.rmtree(folder, ignore_errors=True)
        else:
            raise RuntimeError(f"{said}: the lake does not stand still")
        self._seen.add(frozenset(files.items()))
        self.states.append(State(folder, said))
        for name in self._written(files):
            self.points += 1
            torn = self.copies / f"{self.points:05}"
            shutil.copytree(folder, torn, copy_function=os.link)
            _cut(torn / name)
            self.states.append(State(torn, f"half of {name} written"))
        self._before, self._last = files, folder

    def _files(self) -> Files:
        """Return what is below the root now, but for scratch: folders, and files as they are."""
        found: Files = {}
        for folder, folders, names in os.walk(self.root):
            here = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if not name.startswith(SCRATCH)]
            found |= {(here / name).as_posix(): None for name in folders}
            for name in names:
                stat = (self.root / here / name).stat()
                found[(here / name).as_posix()] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found

    def _written(self, files: Files) -> list[str]:
        """Return the files that are new or changed since the last state, renamed ones apart."""
        known = set((self._before if self._last is not None else files).values())
        return [name for name, told in files.items() if told not in known and told and told[1] > 1]

    def _copy(self, files: Files, target: Path) -> None:
        """Copy the lake, linking to the last copy what has not changed since."""
        target.mkdir(parents=True)
        for name, told in sorted(files.items()):
            if told is None:
                (target / name).mkdir()
            elif self._before.get(name) == told and self._last is not None:
                os.link(self._last / name, target / name)
            else:
                shutil.copy2(self.root / name, target / name)


def _cut(path: Path) -> None:
    """Replace a file by its first half; the whole one may be linked from elsewhere."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])
