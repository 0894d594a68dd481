"""Random deliveries by number: what is changed in each, and what the intake makes of it."""

import gc
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clv.engine import DuckEngine
from clv.lake import Lake
from tests.reliability.delivery import delivery, write
from tests.reliability.files import FILES
from tests.reliability.intake import outcome
from tests.reliability.mutations import COLUMNS, SMALL, pick

MOST_SMALL = 120
SEED = 20251126


@dataclass(frozen=True)
class Found:
    """One delivery: its number, its changes, and what became of it."""

    number: int
    changes: tuple[str, ...]
    outcome: str

    @property
    def is_bug(self) -> bool:
        """Return whether it ended as none may."""
        return self.outcome.startswith("BUG")


def deliveries(home: Path, mutations: int, first: int = 0) -> Iterator[Found]:
    """Yield what became of one delivery after another until so many mutations were tried."""
    gc.freeze()
    engine, number, done = DuckEngine.start(home / "spill"), first, 0
    while done < mutations:
        found = tried(engine, home / "lake", number)
        number, done = number + 1, done + len(found.changes)
        yield found


def tried(engine: DuckEngine, home: Path, number: int) -> Found:
    """Change a delivery as its number says, take it in, and return what came of it.

    Of five, four have one change of a file or a column, the fifth many of rows and perhaps one of a column.
    """
    rng = np.random.default_rng((SEED, number))
    found = delivery(pick(rng, ("csv", "parquet")), events=rng.random() < 0.2, invoices=rng.random() < 0.2)
    kinds = [pick(rng, SMALL) for _ in range(int(rng.integers(10, MOST_SMALL)))]
    if number % 5:
        kinds = [pick(rng, (*FILES, *COLUMNS))]
    elif rng.random() < 0.2:
        kinds.append(pick(rng, COLUMNS))
    changes = tuple(kind(rng, found) for kind in kinds)
    limit, features = float(pick(rng, (0.05, 1.0, 1.0))), bool(rng.random() < 0.1)
    engine.forget()
    shutil.rmtree(home, ignore_errors=True)
    lake = Lake.at(home)
    write(found, lake)
    return Found(number, changes, _outcome(engine, lake, limit, features=features))


def _outcome(engine: DuckEngine, lake: Lake, limit: float, *, features: bool) -> str:
    try:
        return outcome(engine, lake, limit, features=features)
    except Exception as error:  # noqa: BLE001 - any error but a UserError is what is looked for
        return f"BUG {type(error).__name__}: {' '.join(str(error).split())[:400]}"
