"""The model registry of a lake at the command line: a file of a lake on disk, SageMaker's for one on S3."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.lake import Lake
from step_functions.handlers.registry import Package, packages

PREFIX = "clv"


@contextmanager
def registry(lake: Lake, groups: Iterable[str]) -> Iterator[Any]:
    """Yield a SageMaker client that knows the packages of some groups; what it changes is kept."""
    if lake.is_local:
        from step_functions.laptop.account import registry_of  # noqa: PLC0415 - it takes long to load

        with registry_of(lake, groups) as client:
            yield client
    else:
        import boto3  # noqa: PLC0415 - only for a lake on S3

        yield boto3.client("sagemaker")


def package_named(client: Any, groups: Iterable[str], name: str) -> Package:
    """Return a package of some groups by its GROUP/NUMBER; UserError naming those there are."""
    every = [one for group in groups for one in packages(client, group, date.max, status=None)]
    chosen = next((one for one in every if one.version == name), None)
    if chosen is None:
        known = ", ".join(sorted(one.version for one in every)) or "none"
        raise UserError(f"--package {name}: not in the model registry; known are {known}")
    return chosen
