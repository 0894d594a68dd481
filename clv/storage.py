"""Storage: files by their name below a root, which is a local folder or an `s3://` address."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from clv.s3 import S3Storage, is_s3
from clv.stored import Entry, Stored


class Storage(Protocol):
    """What a lake needs of the place that it lives in; every name is a path below the root."""

    def url(self, name: str) -> str:
        """Return the address of a file or folder."""

    def entries(self, folder: str) -> list[Entry]:
        """Return every file below a folder, sorted by name."""

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted, without what leads to them."""

    def read(self, name: str) -> Stored | None:
        """Return a file, None where there is none."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file; a reader sees the old one or the new one."""

    def write_if(self, name: str, data: bytes, version: str | None) -> bool:
        """Write a file if the standing one has this version (None: is absent); return whether it did."""

    def remove(self, folder: str) -> None:
        """Remove a folder with all below it; nothing happens where there is none."""

    def delete(self, names: list[str]) -> None:
        """Remove files; one that is absent is no matter."""

    def forget_old(self, keep: Callable[[str], bool]) -> int:
        """Remove what was overwritten or deleted and is still kept, unless `keep` says so of its name.

        Return how many versions went.
        """

    def writing(self, folder: str) -> AbstractContextManager[Path]:
        """Yield a local folder whose files are in `folder` after a clean exit."""

    def download(self, folder: str, target: Path) -> None:
        """Copy every file below a folder into a local one."""


def storage_at(url: str | Path) -> Storage:
    """Return the storage of a local folder or of `s3://bucket[/prefix]`; UserError without a bucket."""
    return S3Storage.at(str(url)) if is_s3(url) else LocalStorage(Path(url))


@dataclass(frozen=True)
class LocalStorage:
    """A folder of this machine's disk."""

    root: Path

    def url(self, name: str) -> str:
        """Return the path of a file or folder."""
        return str(self.root / name)

    def entries(self, folder: str) -> list[Entry]:
        """Return every file below a folder, sorted by name; its version is its time of change."""
        found = ((path, path.stat()) for path in (self.root / folder).rglob("*") if path.is_file())
        return sorted(
            Entry(path.relative_to(self.root).as_posix(), stat.st_size, str(stat.st_mtime_ns))
            for path, stat in found
        )

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        return sorted(path.name for path in (self.root / folder).glob("*") if path.is_dir())

    def read(self, name: str) -> Stored | None:
        """Return a file, None where there is none; its version is its digest."""
        try:
            data = (self.root / name).read_bytes()
        except FileNotFoundError:
            return None
        return Stored(data, sha256(data).hexdigest())

    def write(self, name: str, data: bytes) -> None:
        """Write a file beside its place and rename it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid4().hex}")
        draft.write_bytes(data)
        os.replace(draft, path)  # noqa: PTH105 - the atomic rename is the point

    def write_if(self, name: str, data: bytes, version: str | None) -> bool:
        """Write a file if the standing one has this version; writers of one folder take turns."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with _turn(path.parent):
            standing = self.read(name)
            if (None if standing is None else standing.version) != version:
                return False
            self.write(name, data)
        return True

    def remove(self, folder: str) -> None:
        """Remove a folder with all below it."""
        if (self.root / folder).exists():
            shutil.rmtree(self.root / folder)

    def delete(self, names: list[str]) -> None:
        """Remove files; one that is absent is no matter."""
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    def forget_old(self, keep: Callable[[str], bool]) -> int:  # noqa: ARG002 - for S3
        """Return 0: a disk keeps no versions."""
        return 0

    @contextmanager
    def writing(self, folder: str) -> Iterator[Path]:
        """Yield the folder itself."""
        path = self.root / folder
        path.mkdir(parents=True, exist_ok=True)
        yield path

    def download(self, folder: str, target: Path) -> None:
        """Copy every file below a folder into another."""
        if (self.root / folder).exists():
            shutil.copytree(self.root / folder, target, dirs_exist_ok=True)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold the folder for one writer; the lock ends with the process that holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
