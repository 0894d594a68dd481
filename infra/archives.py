"""The code archives that are deployed: the same bytes for the same sources, from git-tracked files only.

`python -m infra.archives DIR` writes them into a folder.
"""

import gzip
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

GLUE_ROOMS = ("clv", "glue_jobs", "monitoring", "decisions")
CONTAINER_ROOMS = ("clv", "training", "inference")
CONTAINER_ENTRIES = {"inference/entry/serve.py": "serve.py", "training/entry/train.py": "train.py"}
LAMBDA_ROOM = "step_functions/handlers"
LAMBDA_WORDS = (
    "alarm_rules", "contracts", "drift_indicators", "errors", "indicators", "money", "partitions",
    "schema", "segments", "settings", "timeline",
)  # fmt: skip
"""Modules of clv that need the standard library only."""

VERSION, VERSION_DIGITS = "VERSION", 12
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold."""
FILE_MODE = 0o644


class ArchiveError(Exception):
    """One line that says why the archives cannot be written."""


@dataclass(frozen=True)
class Archives:
    """The archives written: Glue's extra Python files, SageMaker's source folder, the Lambda asset."""

    glue_code: Path
    source_folder: Path
    lambda_code: Path


def write_archives(folder: Path, root: Path = CHECKOUT) -> Archives:
    """Write `glue-code.zip`, `sourcedir.tar.gz` and `lambda.zip`; ArchiveError without git or a checkout."""
    tracked = _tracked(root)
    folder.mkdir(parents=True, exist_ok=True)
    found = Archives(folder / "glue-code.zip", folder / "sourcedir.tar.gz", folder / "lambda.zip")
    _zip(
        found.glue_code,
        root,
        {name: name for name in tracked if name.split("/")[0] in GLUE_ROOMS},
        named=True,
    )
    _tar(found.source_folder, root, _for_container(tracked))
    _zip(found.lambda_code, root, {name: name for name in tracked if _for_lambda(name)})
    return found


def _tracked(root: Path) -> list[str]:
    git = shutil.which("git")
    if git is None:
        raise ArchiveError("git is not installed, and the archives hold git-tracked files only: install git")
    listed = subprocess.run(  # noqa: S603 - fixed arguments
        [git, "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise ArchiveError(
            f"{root}: git lists no files there ({listed.stderr.strip()}): build from a git checkout"
        )
    return sorted(name for name in listed.stdout.split("\0") if name and (root / name).is_file())


def _for_container(tracked: list[str]) -> dict[str, str]:
    """Return the name of each file in the archive, by its name in the checkout."""
    rooms = {
        name: name for name in tracked if name.split("/")[0] in CONTAINER_ROOMS and "/entry/" not in name
    }
    return {**rooms, **{name: CONTAINER_ENTRIES[name] for name in tracked if name in CONTAINER_ENTRIES}}


def _for_lambda(name: str) -> bool:
    words = {f"clv/{word}.py" for word in ("__init__", *LAMBDA_WORDS)}
    return name in {*words, "step_functions/__init__.py"} or name.startswith(f"{LAMBDA_ROOM}/")


def _contents(root: Path, names: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, inside in sorted(names.items(), key=lambda pair: pair[1]):
        yield inside, (root / name).read_bytes()


def _zip(archive: Path, root: Path, names: dict[str, str], *, named: bool = False) -> None:
    """Write a zip; `named` adds VERSION, a digest of all else, which the jobs print."""
    found = list(_contents(root, names))
    if named:
        digest = sha256(b"".join(inside.encode() + content for inside, content in found)).hexdigest()
        found.append((VERSION, digest[:VERSION_DIGITS].encode()))
    with zipfile.ZipFile(archive, "w") as file:
        for inside, content in found:
            entry = zipfile.ZipInfo(inside, EPOCH)
            entry.create_system = 3  # Unix on every machine: the mode below is read only then
            entry.external_attr = FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)


def _tar(archive: Path, root: Path, names: dict[str, str]) -> None:
    # The time in gzip's own header is the one thing that tarfile's "w:gz" would not let us fix.
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as file,
    ):
        for inside, content in _contents(root, names):
            entry = tarfile.TarInfo(inside)
            entry.size, entry.mode = len(content), FILE_MODE
            file.addfile(entry, io.BytesIO(content))


def main(arguments: list[str]) -> int:
    """Write the archives into the folder given and print their names; 2 where that is impossible."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m infra.archives DIR\n")
        return 2
    try:
        found = write_archives(Path(arguments[0]))
    except ArchiveError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.writelines(f"{path}\n" for path in vars(found).values())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
