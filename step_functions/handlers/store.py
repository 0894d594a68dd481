"""Small objects of the lake for the Lambda functions: below a local folder or an `s3://` address alike."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Protocol


class Store(Protocol):
    """What a lock, a plan and a verdict need of a lake; names are paths below its root."""

    root: str

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""

    def write(self, name: str, text: str) -> None:
        """Write an object, whole or not at all."""

    def create(self, name: str, text: str) -> bool:
        """Write an object that does not exist yet; say whether this call was the one that did."""

    def replace(self, name: str, before: bytes, text: str) -> bool:
        """Overwrite an object that still holds `before`; say whether this call was the one that did."""

    def remove(self, name: str) -> None:
        """Remove an object; nothing happens where there is none."""


def store_at(root: str) -> Store:
    """Return the store of a folder's path or of an `s3://bucket[/prefix]` address."""
    if root.startswith("s3://"):
        bucket, _, prefix = root.removeprefix("s3://").strip("/").partition("/")
        return S3Store(root.rstrip("/"), bucket, prefix)
    return LocalStore(root.rstrip("/"))


class LocalStore:
    """A folder. Names appear whole: each text is written beside its place and then linked or renamed."""

    def __init__(self, root: str) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """Write an object, whole or not at all."""
        with self._draft(name, text) as draft:
            draft.replace(self._path(name))

    def create(self, name: str, text: str) -> bool:
        """Write an object that does not exist yet; say whether this call was the one that did."""
        with self._draft(name, text) as draft:
            try:
                self._path(name).hardlink_to(draft)
            except FileExistsError:
                return False
            return True

    def replace(self, name: str, before: bytes, text: str) -> bool:
        """Overwrite an object that still holds `before`; say whether this call was the one that did."""
        with self._alone(name):
            if self.read(name) != before:
                return False
            self.write(name, text)
            return True

    def remove(self, name: str) -> None:
        """Remove an object; nothing happens where there is none."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return Path(self.root) / name

    @contextmanager
    def _draft(self, name: str, text: str) -> Iterator[Path]:
        home = self._path(name).parent
        home.mkdir(parents=True, exist_ok=True)
        handle, draft = mkstemp(prefix=".draft-", dir=home)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            yield Path(draft)
        finally:
            Path(draft).unlink(missing_ok=True)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        home = self._path(name).parent
        home.mkdir(parents=True, exist_ok=True)
        with (home / ".guard").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield


class S3Store:
    """A bucket, or a prefix of it, with S3's conditional writes."""

    def __init__(self, root: str, bucket: str, prefix: str) -> None:
        self.root, self._bucket, self._prefix = root, bucket, prefix

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        found = self._get(name)
        return None if found is None else found[0]

    def write(self, name: str, text: str) -> None:
        """Write an object, whole or not at all."""
        self._put(name, text)

    def create(self, name: str, text: str) -> bool:
        """Write an object that does not exist yet; say whether this call was the one that did."""
        return self._put(name, text, IfNoneMatch="*")

    def replace(self, name: str, before: bytes, text: str) -> bool:
        """Overwrite an object that still holds `before`; say whether this call was the one that did."""
        found = self._get(name)
        return found is not None and found[0] == before and self._put(name, text, IfMatch=found[1])

    def remove(self, name: str) -> None:
        """Remove an object; nothing happens where there is none."""
        self._s3.delete_object(Bucket=self._bucket, Key=self._key(name))

    @cached_property
    def _s3(self) -> Any:
        import boto3  # noqa: PLC0415 - a lake on disk needs none

        return boto3.client("s3")

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}".lstrip("/")

    def _get(self, name: str) -> tuple[bytes, str] | None:
        client = self._s3
        try:
            found = client.get_object(Bucket=self._bucket, Key=self._key(name))
        except client.exceptions.NoSuchKey:
            return None
        return found["Body"].read(), found["ETag"]

    def _put(self, name: str, text: str, **condition: str) -> bool:
        client = self._s3
        try:
            client.put_object(Bucket=self._bucket, Key=self._key(name), Body=text.encode(), **condition)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in {"PreconditionFailed", "ConditionalRequestConflict"}:
                return False
            raise
        return True
