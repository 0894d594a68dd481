"""One rehearsal of the deployment, measured."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.rates import ensure_rates
from app.rehearsal import bill_of, rehearse, require_packages, synthesize
from bench.worlds import world

if TYPE_CHECKING:
    from step_functions.rehearsal.rehearse import Rehearsal

REHEARSED_CUSTOMERS = 2_000
STAGE = "prod"
SMALL = {"training_snapshots": 3}
"""Fewer snapshots than a deployed run trains on: with all of them the first run builds eighteen."""


def rehearse_once(customers: int, as_of: date) -> tuple["Rehearsal", dict[str, float]]:
    """Return one rehearsal and the cost of its run and of a month, in EUR; RuntimeError where it fails."""
    require_packages()
    lake = world(customers)
    ensure_rates(lake, _silent)
    with TemporaryDirectory(prefix="clv-bench-") as home:
        assembly, kept = synthesize(Path(home) / "cdk.out", STAGE), Path(home) / "lake"
        found, _ = rehearse(assembly, lake, as_of, SMALL, kept, _silent)
        if not found.succeeded:
            raise RuntimeError(f"{found.error}: {found.cause}")
        _, cost = bill_of(kept, STAGE)
    return found, cost


def _silent(line: str) -> None:
    """Drop the progress."""
