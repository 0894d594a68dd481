"""The marketplaces that benchmarks run on, written once."""

import shutil
import sys
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from app.weekly import run_once
from app.world.build import write_world
from bench.tasks import HORIZON
from clv.lake import Lake
from clv.partitions import model_at
from clv.segments import SCORED
from clv.settings import Settings

FOLDER = Path("build/bench")
SEED = 1
TEACHERS = 20_000
"""Customers of the marketplace whose models score the larger ones: training is not measured."""


def world(customers: int, seed: int = SEED) -> Lake:
    """Return the lake of a marketplace, its raw tables written."""
    lake = Lake.at(FOLDER / (str(customers) if seed == SEED else f"{customers}-seed-{seed}"))
    if not lake.path("raw").exists():
        write_world(lake, customers, seed, replace=False, progress=_say)
    return lake


def bring_models(lake: Lake, as_of: date) -> None:
    """Copy the artefacts of trained models, and their registry, into a lake that has none."""
    from step_functions.laptop.registry import REGISTRY  # noqa: PLC0415 - moto, whose memory others inherit

    teacher = Lake.at(FOLDER / "models")
    if not teacher.path("models").exists():
        # In a process of its own: what is measured later inherits this one's peak memory.
        teaching = get_context("spawn").Process(target=_teach, args=(teacher, as_of))
        teaching.start()
        teaching.join()
    for segment in SCORED:
        partition = model_at(segment, HORIZON)
        shutil.copytree(teacher.path(partition), lake.path(partition), dirs_exist_ok=True)
    lake.write_text(REGISTRY, teacher.read_text(REGISTRY) or "{}")


def _teach(teacher: Lake, as_of: date) -> None:
    write_world(teacher, TEACHERS, SEED, replace=True, progress=_say)
    run_once(teacher, as_of, Settings(training_snapshots=2), _say)


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
