"""Objects of S3 and files: what the services copy before a job and after it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from step_functions.laptop.cloud import client


def split(url: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` address."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def fetch(url: str, file: Path) -> Path:
    """Write an object to a file, making its folders, and return the file."""
    bucket, key = split(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    client("s3").download_file(bucket, key, str(file))
    return file


def put(file: Path, url: str) -> None:
    """Write a file to an object."""
    bucket, key = split(url)
    client("s3").upload_file(str(file), bucket, key)


def put_folder(folder: Path, url: str) -> int:
    """Write the files below a folder to objects of the same names and return how many there were."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    for path in files:
        put(path, f"{url.rstrip('/')}/{path.relative_to(folder).as_posix()}")
    return len(files)


def listed(url: str) -> Iterator[tuple[str, int]]:
    """Yield key and size of each object whose key begins with that of an address."""
    bucket, prefix = split(url)
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", ()):
            yield one["Key"], one["Size"]


def fetch_prefix(url: str, folder: Path) -> list[Path]:
    """Copy what SageMaker copies of an S3Prefix: every key that begins so, named from its last folder on."""
    bucket, prefix = split(url)
    home = prefix[: prefix.rfind("/") + 1]
    keys = [key for key, _ in listed(url) if not key.endswith("/")]
    return [fetch(f"s3://{bucket}/{key}", folder / key.removeprefix(home)) for key in keys]


def fetch_manifest(url: str, folder: Path) -> list[Path]:
    """Copy what SageMaker copies of a ManifestFile: the entries, named as in the manifest."""
    bucket, key = split(url)
    head, *entries = json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return [fetch(f"{head['prefix']}{entry}", folder / entry) for entry in entries]


def fetch_source(source: dict[str, Any], folder: Path) -> list[Path]:
    """Copy an S3DataSource into a folder; a job without a single file fails as on SageMaker."""
    url = source["S3Uri"]
    kind = fetch_manifest if source["S3DataType"] == "ManifestFile" else fetch_prefix
    found = kind(url, folder)
    if not found:
        raise FileNotFoundError(f"{url}: no object there")
    return found
