"""Manifests: the lists by which SageMaker takes files of the lake (`S3DataType: ManifestFile`)."""

import json
from collections.abc import Iterable


def manifest(prefix: str, names: Iterable[str]) -> str:
    """Return the JSON of a manifest: the folder, ending in `/`, then each file below it.

    ValueError where no file is named: SageMaker refuses such a manifest.
    """
    files = list(names)
    if not files:
        raise ValueError(f"{prefix}: a manifest needs at least one file")
    return json.dumps([{"prefix": prefix.rstrip("/") + "/"}, *files], indent=0)


def files_of(text: str) -> list[str]:
    """Return the names that a manifest lists, below its prefix."""
    _, *names = json.loads(text)
    return [str(name) for name in names]
