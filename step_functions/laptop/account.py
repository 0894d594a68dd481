"""The model registry of a lake on disk, opened as SageMaker's for the length of a block."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clv.lake import Lake
from step_functions.laptop import cloud
from step_functions.laptop.jobs import Jobs
from step_functions.laptop.registry import Registry
from step_functions.laptop.runners import InProcess


@contextmanager
def registry_of(lake: Lake, groups: Iterable[str]) -> Iterator[Any]:
    """Yield a SageMaker client that knows the lake's packages; what it changed is saved on a clean exit."""
    registry = Registry(Lake.at(lake.path("").resolve()))
    idle = Jobs(InProcess(Path(lake.root), lambda _: None, lambda: None).runners())
    with cloud.cloud(idle, {}):
        registry.load(groups)
        yield cloud.client("sagemaker")
        registry.save()
