"""Archives as SageMaker packs a training job's folders; equal folders give equal bytes."""

import gzip
import tarfile
import zlib
from pathlib import Path

BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading an archive raises that is not whole."""


def pack(folder: Path, archive: Path) -> None:
    """Write the files of a folder as a tar.gz, in one step."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    draft = archive.with_name(f".{archive.name}")
    with (
        draft.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            tar.add(path, path.relative_to(folder).as_posix(), filter=_without_origin)
    draft.replace(archive)


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of a tar.gz into a folder."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _without_origin(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry
