"""What is measured: one step of the weekly run, or another way to compute its features."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import by_pandas, by_scan, by_sql
from bench.files import Files
from clv.lake import Lake
from clv.partitions import features_at, priors_at
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_priors
from glue_jobs.build_ledger import build_ledger
from glue_jobs.features.assemble import features
from glue_jobs.known import history
from glue_jobs.sources import open_sources
from glue_jobs.start import engine_for

HORIZON = Horizon(Settings().horizon_days)
RUN = "bench"


@dataclass(frozen=True)
class Task:
    """Work at one t₀, and the partitions of the lake that it writes anew."""

    run: Callable[[Lake, date], object]
    writes: Callable[[date], tuple[str, ...]] = lambda _: ()

    def clear(self, lake: Lake, as_of: date) -> None:
        """Remove what an earlier measurement wrote."""
        for partition in self.writes(as_of):
            shutil.rmtree(lake.path(partition), ignore_errors=True)


def _ledger(lake: Lake, _: date) -> None:
    with engine_for(lake, "duckdb", RUN) as engine:
        build_ledger(engine, lake, Settings(), RUN, lambda _: None)


def _features(lake: Lake, as_of: date) -> None:
    with engine_for(lake, "duckdb", RUN) as engine:
        build_features(engine, lake, as_of, RUN)


def _compile(lake: Lake, as_of: date) -> None:
    with engine_for(lake, "duckdb", RUN) as engine:
        engine.connection.compile(features(history(open_sources(engine, lake), as_of)))


def _priors(lake: Lake, as_of: date) -> None:
    with engine_for(lake, "duckdb", RUN) as engine:
        build_priors(engine, lake, as_of, HORIZON, RUN)


def _other(write: Callable[[Files, Path], None]) -> Callable[[Lake, date], None]:
    def run(lake: Lake, as_of: date) -> None:
        with TemporaryDirectory(prefix=".bench-", dir=lake.path("")) as folder:
            write(Files.of(lake, as_of), Path(folder) / "features.parquet")

    return run


TASKS = {
    "ledger": Task(_ledger, lambda _: ("ledger", "quarantine", "excluded")),
    "features": Task(_features, lambda as_of: (features_at(as_of),)),
    "priors": Task(_priors, lambda as_of: (priors_at(as_of, HORIZON),)),
    "scan": Task(_other(by_scan.write)),
    "sql": Task(_other(by_sql.write)),
    "pandas": Task(_other(by_pandas.write)),
    "compile": Task(_compile),
}
