"""Raw tables: read wherever the lake is, and replaced together, on disk alone."""

from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from clv.lake import DERIVED, Lake
from tests.spec.test_lake import commit, committed, write


def test_the_files_of_a_raw_table_are_those_directly_in_its_folder(any_lake):
    assert any_lake.raw_files("orders") == []
    for name in ("b.parquet", "a.parquet", "old/c.parquet", "notes.txt"):
        any_lake.write_text(f"raw/orders/{name}", "")
    assert any_lake.raw_files("orders") == [
        f"{any_lake.root}/raw/orders/{name}" for name in ("a.parquet", "b.parquet")
    ]
    any_lake.write_text("raw/orders/d.csv", "")
    with pytest.raises(UserError, match="raw/orders: holds Parquet and CSV files; keep one kind"):
        any_lake.raw_files("orders")


def test_the_extraction_time_is_read_wherever_the_lake_is(any_lake):
    any_lake.write_text("raw/extraction.json", '{"extracted_at": "2024-06-01T12:30:00"}')
    assert any_lake.extracted_at() == datetime(2024, 6, 1, 12, 30)


def test_raw_tables_appear_together_or_not_at_all(tmp_path):
    lake = Lake.at(tmp_path)
    with pytest.raises(RuntimeError), lake.replace_raw(None, replace=False) as raw:
        write(raw / "orders", 1)
        assert lake.raw_files("orders") == []
        raise RuntimeError
    assert lake.raw_files("orders") == []
    with lake.replace_raw(None, replace=False) as raw:
        write(raw / "orders", 1, name="b.parquet")
        write(raw / "orders", 2, name="a.parquet")
    assert [Path(file).name for file in lake.raw_files("orders")] == ["a.parquet", "b.parquet"]
    assert lake.raw_files("refunds") == []


def test_raw_tables_are_replaced_only_when_said_so(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.replace_raw(None, replace=False) as raw:
        write(raw / "orders", 1)
    with (
        pytest.raises(UserError, match="take another --lake or say --replace"),
        lake.replace_raw(None, replace=False),
    ):
        pass
    with lake.replace_raw(None, replace=True) as raw:
        write(raw / "order_lines", 2)
    assert lake.raw_files("orders") == []
    assert len(lake.raw_files("order_lines")) == 1


def test_replacing_raw_tables_clears_everything_derived_from_them(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.replace_raw(None, replace=False) as raw:
        write(raw / "orders", 1)
    for name in DERIVED:
        commit(lake, "r1", 1, partition=f"{name}/as_of=2024-01-07")
    with lake.replace_raw(None, replace=True) as raw:
        write(raw / "orders", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]
    assert {"ledger", "features", "labels", "priors", "models", "scores"} <= set(DERIVED)


def test_a_failed_replacement_keeps_the_old_tables_and_all_that_came_of_them(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.replace_raw(None, replace=False) as raw:
        write(raw / "orders", 1)
    commit(lake, "r1", 1)
    with pytest.raises(RuntimeError), lake.replace_raw(None, replace=True) as raw:
        write(raw / "orders", 2)
        raise RuntimeError
    assert pq.read_table(lake.raw_files("orders"))["value"].to_pylist() == [1]
    assert committed(lake) == [1]


@pytest.mark.parametrize("told", [None, datetime(2024, 6, 1, 12, 30)])
def test_the_extraction_time_is_kept_with_the_raw_tables(tmp_path, told):
    lake = Lake.at(tmp_path)
    assert lake.extracted_at() is None
    with lake.replace_raw(told, replace=False) as raw:
        write(raw / "orders", 1)
    assert lake.extracted_at() == told
