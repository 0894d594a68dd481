"""A weekly run on a tiny marketplace, what a reader finds in the lake, and what it leaves there."""

import json
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.importers.ecb import ecb_rates
from app.weekly import run_once
from app.world.build import write_world
from clv.explanation_tables import EXPLANATIONS
from clv.feature_catalogue import FEATURES
from clv.frames import arrow_schema
from clv.lake import CURRENT, Commit, Lake
from clv.partitions import features_at
from clv.settings import Settings
from clv.tables import FORECASTS, LABELS, PRIORS, SCORES

AS_OF = date(2025, 7, 1)
WEEK_AFTER = date(2025, 7, 8)
LONG_AGO = date(2025, 4, 13)
SETTINGS = Settings(
    horizon_days=90,
    training_snapshots=1,
    bootstrap_resamples=5,
    minimum_training_rows=50,
    max_rounds=5,
)
CUSTOMERS, SEED = 150, 7
DECLARED = {
    "features": FEATURES,
    "labels": LABELS,
    "priors": PRIORS,
    "forecasts": FORECASTS,
    "scores": SCORES,
    "explanations": EXPLANATIONS,
}
RUN = re.compile(r"([0-9a-f]{12}\.)?run-2025-07-0[18]-\d+")
PACKAGE = re.compile(r"(clv-(?:early|established)-\d+)/\d+")
"""The registry counts trainings, those of runs that died too."""
TIMES = re.compile(r"'metric': '(RunSeconds|CostEstimateEur)'")
"""Figures that tell of the machine's time."""
_whole: dict[tuple[int, ...], tuple[int, pa.Schema]] = {}
"""What is known of files that were read; copies of a lake share most of theirs."""


def silent(line):
    """Drop the progress."""


def lake_at(root: Path) -> Lake:
    """Return a lake with delivered files to merge and an old partition to expire, and no run yet."""
    lake = Lake.at(root)
    write_world(lake, CUSTOMERS, SEED, replace=False, progress=silent)
    rates = ecb_rates()
    recent = pa.compute.greater(rates["rate_date"], pa.scalar(date(2023, 6, 1)))
    pq.write_table(rates.filter(recent), lake.path("raw/fx_rates/part-000.parquet"))
    deliver(lake)
    with lake.commit(features_at(LONG_AGO), "run-old") as draft:
        pq.write_table(arrow_schema(FEATURES).empty_table(), draft.folder / "part-000.parquet")
    return lake


def deliver(lake: Lake, month: str = "2025-05") -> None:
    """Cut the web events into files that a stream delivered in a past month, and one of anybody else."""
    whole = lake.path("raw/web_events/part-000.parquet")
    rows = pq.read_table(whole)
    quarter = len(rows) // 4
    for number in range(3):
        day = f"{month}-0{number + 1}"
        name = f"{day}-clv-web-events-1-{day}-10-00-00-abc.parquet"
        pq.write_table(rows.slice(number * quarter, quarter), whole.with_name(name))
    pq.write_table(rows.slice(3 * quarter), whole)


def run(lake: Lake, say=silent, as_of: date = AS_OF, **asked):
    """Run the week."""
    return run_once(lake, as_of, SETTINGS, say, **asked)


def check_readable(lake: Lake) -> None:
    """Assert that whatever a reader can find is whole: each committed partition, each small file."""
    for place in committed(lake):
        commit = lake.current(place)
        files = lake.files(place)
        tables = [_read(Path(file)) for file in files if file.endswith(".parquet")]
        assert all(Path(file).is_file() for file in files), place
        assert sum(rows for rows, _ in tables) == commit.row_count, place
        declared = DECLARED.get(place.split("/")[0])
        if declared is not None:
            wanted = arrow_schema(declared)
            assert all(schema == wanted for _, schema in tables), place
    for path in lake.path("").glob("runs/**/*.json"):
        json.loads(path.read_text())


def _read(path: Path) -> tuple[int, pa.Schema]:
    """Return the rows and the schema of a file that can be read to its end; links to one file count once."""
    told = path.stat()
    key = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
    if key not in _whole:
        table = pq.ParquetFile(path).read()
        _whole[key] = len(table), table.schema.remove_metadata()
    return _whole[key]


def committed(lake: Lake) -> list[str]:
    """Return every partition with a commit."""
    root = lake.path("")
    return sorted(
        path.parent.relative_to(root).as_posix()
        for path in root.rglob(CURRENT)
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def left(lake: Lake) -> dict[str, object]:
    """Return everything that is committed, by place and file, without the ids of runs and what is timed.

    Rows are sorted: the order in which DuckDB writes them is not promised.
    """
    found: dict[str, object] = {}
    for place in committed(lake):
        commit = Commit.from_json((lake.path(place) / CURRENT).read_text())
        for name in commit.files:
            path = lake.path(f"{place}/{name}")
            found[RUN.sub("RUN", f"{place}/{name}")] = _content(path)
    return found


def _content(path: Path) -> object:
    if path.suffix == ".parquet":
        table = pq.ParquetFile(path).read()
        rows = (_plain(repr(row)) for row in table.to_pylist())
        return (*table.schema.names, *sorted(row for row in rows if not TIMES.search(row)))
    return _plain(path.read_text())


def _plain(text: str) -> str:
    return PACKAGE.sub(r"\1/N", RUN.sub("RUN", text))
