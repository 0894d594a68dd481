"""The verbs on a lake of S3 write what they write on disk."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from clv.engine import DuckEngine
from clv.lake import Lake
from clv.parquet import read_table
from clv.partitions import features_at, labels_at, priors_at
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.build_ledger import build_ledger
from glue_jobs.standing import ledger_id, standing_accounts
from tests.engines.edge_world import edge_world
from tests.engines.small_lakes import csv_lake

AS_OF, HORIZON = date(2026, 1, 1), Horizon(180)
FEW = 600
"""Customers beside the edges: where a lake lies has nothing to do with how many there are."""
SETTINGS = Settings(quarantine_limit=1.0)
PLACES = (
    "ledger",
    "quarantine",
    "excluded",
    features_at(AS_OF),
    labels_at(AS_OF, HORIZON),
    priors_at(AS_OF, HORIZON),
)


def on_s3(lake: Lake, url: str) -> Lake:
    """Return a lake of S3 with the raw tables of one on disk."""
    there = Lake.at(url)
    for path in sorted(path for path in lake.path("raw").rglob("*") if path.is_file()):
        there.storage.write(path.relative_to(lake.root).as_posix(), path.read_bytes())
    return there


def tables(lake: Lake, partition: str) -> dict[str, pa.Table]:
    """Return each table of a partition with its rows in one order."""
    parts: dict[str, list[pa.Table]] = {}
    for file in lake.files(partition):
        if file.endswith(".parquet"):
            parts.setdefault(Path(file).parent.name, []).append(read_table(file).replace_schema_metadata())
    joined = {name: pa.concat_tables(found) for name, found in parts.items()}
    return {
        name: rows.sort_by([(column, "ascending") for column in rows.column_names])
        for name, rows in joined.items()
    }


def test_every_table_of_a_marketplace_is_the_same(s3, tmp_path):
    here = edge_world(tmp_path / "lake", FEW)
    there = on_s3(here, s3)
    for lake in (here, there):
        engine = DuckEngine.start(tmp_path / "spill")
        run_id = ledger_id(lake, SETTINGS, "r1")
        lines = build_ledger(engine, lake, SETTINGS, run_id, lambda _: None)
        assert standing_accounts(lake, SETTINGS) == lines
        assert build_features(engine, lake, AS_OF, "r1")
        assert build_labels(engine, lake, AS_OF, HORIZON, "r1")
        assert build_priors(engine, lake, AS_OF, HORIZON, "r1")
        assert not build_features(engine, lake, AS_OF, "r2")
    for place in PLACES:
        found, expected = tables(there, place), tables(here, place)
        assert list(found) == list(expected)
        for name, rows in expected.items():
            pd.testing.assert_frame_equal(found[name].to_pandas(), rows.to_pandas(), check_exact=True)
    assert there.current(features_at(AS_OF)) == here.current(features_at(AS_OF))


def test_a_lake_of_text_files_gives_the_same_ledger(s3, tmp_path):
    here = csv_lake(tmp_path / "lake")
    there = on_s3(here, s3)
    accounts = [
        build_ledger(DuckEngine.start(tmp_path / "spill"), lake, SETTINGS, "r1", lambda _: None)
        for lake in (here, there)
    ]
    assert accounts[0] == accounts[1]
    for place in ("ledger", "quarantine", "excluded"):
        assert tables(there, place) == tables(here, place)
