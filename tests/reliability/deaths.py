"""Every state in which a death can leave a lake, taken from one run that lives.

A process that dies leaves its files as they were at that moment. So one run is enough: before each change it
is stopped and the lake is copied. What may have been half written at that moment is half written in a further
copy. States that are equal, byte for byte, count once.
"""

import hashlib
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
Contents = frozenset[tuple[str, str | None]]
"""Names, and a digest of what each file holds; None for a folder."""


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
    _seen: set[Contents] = field(default_factory=set)
    _digests: dict[tuple[int, int, int], str] = field(default_factory=dict)
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
                contents = self._contents(files)
                if contents in self._seen:
                    return
                self._copy(files, folder)
                break
            except FileNotFoundError:
                shutil.rmtree(folder, ignore_errors=True)
        else:
            raise RuntimeError(f"{said}: the lake does not stand still")
        self._seen.add(contents)
        self.states.append(State(folder, said))
        for name in self._written(files):
            self.points += 1
            self._tear(folder, contents, name)
        self._before, self._last = files, folder

    def _tear(self, whole: Path, contents: Contents, name: str) -> None:
        """Add the state in which a file of a copy is half written, unless it was there before."""
        half = _half(whole / name)
        torn = dict(contents) | {name: hashlib.sha256(half).hexdigest()}
        if frozenset(torn.items()) in self._seen:
            return
        self._seen.add(frozenset(torn.items()))
        folder = self.copies / f"{self.points:05}"
        shutil.copytree(whole, folder, copy_function=os.link)
        (folder / name).unlink()  # the whole one is linked from elsewhere
        (folder / name).write_bytes(half)
        self.states.append(State(folder, f"half of {name} written"))

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

    def _contents(self, files: Files) -> Contents:
        """Return what the files hold; each is read once, until it changes."""
        for name, told in files.items():
            if told is not None and told not in self._digests:
                self._digests[told] = hashlib.sha256((self.root / name).read_bytes()).hexdigest()
        return frozenset((name, told and self._digests[told]) for name, told in files.items())

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


def _half(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) // 2]
