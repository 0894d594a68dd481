from datetime import date

import pandas as pd
import pytest

from app.world.build import write_world
from bench import by_pandas, by_sql
from bench.files import Files
from clv.feature_catalogue import FEATURES
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at
from clv.settings import Settings
from glue_jobs.build_features import build_features
from glue_jobs.build_ledger import build_ledger
from glue_jobs.start import engine_for

AS_OF = date(2025, 12, 1)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    found = Lake.at(tmp_path_factory.mktemp("a shop's lake"))
    write_world(found, customers=600, seed=7, replace=False, progress=lambda _: None)
    with engine_for(found, "duckdb", "r") as engine:
        build_ledger(engine, found, Settings(), "r", lambda _: None)
        build_features(engine, found, AS_OF, "r")
    return found


@pytest.fixture(scope="module")
def ours(lake):
    rows = read_frame(lake.files(features_at(AS_OF)))
    assert len(rows) > 300
    return rows.set_index("customer_id").sort_index()


@pytest.mark.parametrize("other", [by_sql, by_pandas])
def test_hand_written_features_equal_ours_in_every_column(lake, ours, other, tmp_path):
    target = tmp_path / "features.parquet"
    other.write(Files.of(lake, AS_OF), target)
    theirs = pd.read_parquet(target).set_index("customer_id").sort_index()
    assert theirs.index.equals(ours.index)
    assert {"customer_id", *theirs} == set(FEATURES.names)
    for column in FEATURES.columns:
        if column.name == "customer_id":
            continue
        mine, its = ours[column.name], theirs[column.name]
        if column.type in {"int32", "int64", "float64", "boolean"}:
            mine, its = mine.astype("float64"), its.astype("float64")
            pd.testing.assert_series_equal(mine, its, rtol=1e-9, atol=1e-9)
        else:
            mine, its = mine.astype("string"), its.astype("string")
            pd.testing.assert_series_equal(mine.fillna("–"), its.fillna("–"))
