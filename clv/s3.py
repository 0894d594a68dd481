"""Storage below an `s3://` address: small objects through boto3, whose puts can be conditional.

Tables go through `filesystem()`, pyarrow's own. boto3 is imported when an S3 lake is used, and only then.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.fs

from clv.errors import UserError
from clv.stored import Entry, Stored

SCHEME = "s3://"
MOST_DELETED = 1000
"""Keys that one DeleteObjects request takes."""

REFUSED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"}
"""What S3 answers to a conditional put whose condition does not hold (any more)."""

_condition: ContextVar[dict[str, str]] = ContextVar("condition", default={})  # noqa: B039 - never changed


def is_s3(url: str | Path) -> bool:
    """Return whether an address is one of S3."""
    return str(url).startswith(SCHEME)


def filesystem() -> pyarrow.fs.S3FileSystem:
    """Return pyarrow's S3, which takes addresses without `s3://`; credentials by the SDK's usual chain."""
    return pyarrow.fs.S3FileSystem(region=_region(), endpoint_override=_endpoint())


def copy_of(url: str, target: Path) -> Path:
    """Copy one object to a local path and return that; FileNotFoundError where there is none."""
    with filesystem().open_input_stream(url.removeprefix(SCHEME)) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    return target


@dataclass(frozen=True)
class S3Storage:
    """Objects of a bucket; `prefix` is empty or ends with a slash."""

    bucket: str
    prefix: str

    @classmethod
    def at(cls, url: str) -> "S3Storage":
        """Return the storage of `s3://bucket[/prefix]`; UserError without a bucket."""
        bucket, _, prefix = url.removeprefix(SCHEME).strip("/").partition("/")
        if not bucket:
            raise UserError(f"{url}: names no bucket; give s3://BUCKET or s3://BUCKET/PREFIX")
        return cls(bucket, f"{prefix}/" if prefix else "")

    @cached_property
    def client(self) -> Any:
        """The boto3 client."""
        import boto3  # noqa: PLC0415 - where the lake is a folder, boto3 need not be there
        from botocore.config import Config  # noqa: PLC0415

        style = {"addressing_style": "path"} if _endpoint() else {}
        made = boto3.client("s3", region_name=_region(), endpoint_url=_endpoint(), config=Config(s3=style))
        made.meta.events.register("before-call.s3.PutObject", _add_condition)
        return made

    def url(self, name: str) -> str:
        """Return the address of an object or of what is below a name."""
        return f"{SCHEME}{self.bucket}/{self.prefix}{name}".rstrip("/")

    def entries(self, folder: str) -> list[Entry]:
        """Return every object below a folder, sorted by name; its version is its ETag."""
        found = [told for page in self._pages(folder) for told in page.get("Contents", [])]
        return sorted(
            Entry(told["Key"].removeprefix(self.prefix), told["Size"], told["ETag"]) for told in found
        )

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        pages = self._pages(folder, Delimiter="/")
        found = (told["Prefix"] for page in pages for told in page.get("CommonPrefixes", []))
        return sorted(prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in found)

    def read(self, name: str) -> Stored | None:
        """Return an object, None where there is none."""
        try:
            told = self.client.get_object(Bucket=self.bucket, Key=self._key(name))
        except self.client.exceptions.NoSuchKey:
            return None
        with told["Body"] as body:
            return Stored(body.read(), told["ETag"])

    def write(self, name: str, data: bytes) -> None:
        """Put an object."""
        self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=data)

    def write_if(self, name: str, data: bytes, version: str | None) -> bool:
        """Put an object if the standing one has this ETag (None: if there is none); return whether it did."""
        held = _condition.set({"If-None-Match": "*"} if version is None else {"If-Match": version})
        try:
            self.write(name, data)
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in REFUSED:
                return False
            raise
        finally:
            _condition.reset(held)
        return True

    def remove(self, folder: str) -> None:
        """Delete every object below a folder, and the marker that Hadoop leaves beside it."""
        names = [entry.name for entry in self.entries(folder)]
        self.delete([*names, f"{folder}_$folder$"] if folder else names)

    def delete(self, names: list[str]) -> None:
        """Delete objects; one that is absent is no matter. OSError where S3 refuses one."""
        self._delete([{"Key": self._key(name)} for name in names])

    def _delete(self, objects: list[dict[str, str]]) -> None:
        for start in range(0, len(objects), MOST_DELETED):
            these = objects[start : start + MOST_DELETED]
            told = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": these, "Quiet": True})
            if told.get("Errors"):
                raise OSError(f"{self.url('')}: not deleted: {told['Errors'][0]}")

    def forget_old(self, keep: Callable[[str], bool]) -> int:
        """Delete every version that is not the current one, and the marks of deleted objects."""
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=self.prefix
        )
        gone = 0
        for page in pages:
            old = [told for told in page.get("Versions", []) if not told["IsLatest"]]
            old += page.get("DeleteMarkers", [])
            old = [told for told in old if not keep(told["Key"].removeprefix(self.prefix))]
            self._delete([{"Key": told["Key"], "VersionId": told["VersionId"]} for told in old])
            gone += len(old)
        return gone

    @contextmanager
    def writing(self, folder: str) -> Iterator[Path]:
        """Yield a temporary folder and upload its files on a clean exit."""
        with TemporaryDirectory(prefix="clv-") as made:
            home = Path(made)
            yield home
            for path in sorted(path for path in home.rglob("*") if path.is_file()):
                key = self._key(f"{folder}/{path.relative_to(home).as_posix()}")
                self.client.upload_file(str(path), self.bucket, key)

    def download(self, folder: str, target: Path) -> None:
        """Copy every object below a folder into a local one."""
        for entry in self.entries(folder):
            path = target / entry.name.removeprefix(f"{folder}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.client.download_file(self.bucket, self._key(entry.name), str(path))

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def _pages(self, folder: str, **options: str) -> Any:
        below = self._key(f"{folder}/" if folder else "")
        return self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=below, **options
        )


def _add_condition(params: dict[str, Any], **_: object) -> None:
    """Put the condition into the request's headers: a boto3 of before 2024-11 has no argument for it."""
    params["headers"].update(_condition.get())


def _endpoint() -> str | None:
    told = os.environ  # noqa: TID251 - the AWS SDK's own variables, which pyarrow and boto3 read differently
    return told.get("AWS_ENDPOINT_URL_S3") or told.get("AWS_ENDPOINT_URL")


def _region() -> str | None:
    told = os.environ  # noqa: TID251 - as above
    return told.get("AWS_REGION") or told.get("AWS_DEFAULT_REGION") or _region_of_profile()


def _region_of_profile() -> str | None:
    import boto3  # noqa: PLC0415 - as above

    found: str | None = boto3.Session().region_name
    return found
