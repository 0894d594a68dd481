"""The files that the services run, as assets with keys that end as each service wants them to."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Annotations, FileAssetLocation, FileAssetPackaging, Stack
from constructs import Construct

from infra import names
from infra.archives import CHECKOUT, write_archives

WHEELS_LOCK = CHECKOUT / "requirements" / "glue.txt"
WHEELS = "wheels.gluewheels.zip"
"""Glue takes a zip for a zip of wheels by this ending of its key."""


@dataclass(frozen=True)
class Files:
    """What a deployment uploads. `wheels` may be absent while templates are only looked at."""

    glue_code: Path
    source_folder: Path
    lambda_code: Path
    scripts: dict[str, Path]
    """The script of each Glue job, by verb."""
    wheels: Path


def gather(folder: Path, wheels: Path) -> Files:
    """Write the code archives into a folder and return everything that is uploaded.

    wheels : where `make glue-wheels` puts its zip.

    ArchiveError where the checkout has no git.
    """
    archives = write_archives(folder)
    rooms = dict.fromkeys(names.VERBS, "glue_jobs") | {"watch": "monitoring", "decide": "decisions"}
    scripts = {verb: CHECKOUT / room / "job.py" for verb, room in rooms.items()}
    return Files(archives.glue_code, archives.source_folder, archives.lambda_code, scripts, wheels)


@dataclass(frozen=True)
class Asset:
    """One uploaded object."""

    bucket: str
    key: str

    @property
    def url(self) -> str:
        """Return its address."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def folder(self) -> str:
        """Return the address of the folder that holds it and nothing else, with its slash."""
        return self.url.removesuffix(self.key.rsplit("/", 1)[1])

    def arn(self, stack: Stack) -> str:
        """Return its ARN."""
        return f"arn:{stack.partition}:s3:::{self.bucket}/{self.key}"


def upload(scope: Construct, path: Path, name: str = "") -> Asset:
    """Return the object that a deployment makes of a file: `clv/<hash of its bytes>/<name>`."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    where = Stack.of(scope).synthesizer.add_file_asset(
        source_hash=_key_without_ending(digest, name or path.name),
        file_name=str(path),
        packaging=FileAssetPackaging.FILE,
    )
    return _asset(where)


def upload_wheels(scope: Construct, wheels: Path) -> Asset:
    """Return the object of the zip of wheels, whose key comes from the lock that it is made of.

    Where the zip is absent a template can still be made, and a deployment stops with the make target.
    """
    digest = hashlib.sha256(WHEELS_LOCK.read_bytes()).hexdigest()
    if wheels.exists():
        where = Stack.of(scope).synthesizer.add_file_asset(
            source_hash=_key_without_ending(digest, WHEELS),
            file_name=str(wheels),
            packaging=FileAssetPackaging.FILE,
        )
        return _asset(where)
    missing = f"{wheels.name} is absent, and the Glue jobs need it: run make glue-wheels before you deploy"
    Annotations.of(scope).add_warning_v2("clv:wheels", missing)
    key = f"{_key_without_ending(digest, WHEELS)}{Path(WHEELS).suffix}"  # a command has no suffix to add
    command = ["sh", "-c", f"echo '{missing}' >&2; exit 2"]
    where = Stack.of(scope).synthesizer.add_file_asset(source_hash=key, executable=command)
    return _asset(where)


def _key_without_ending(digest: str, name: str) -> str:
    # CDK adds the file's last suffix to what it takes for a hash.
    return f"{names.PREFIX}/{digest[:32]}/{Path(name).with_suffix('')}"


def _asset(where: FileAssetLocation) -> Asset:
    return Asset(where.bucket_name, where.object_key)
