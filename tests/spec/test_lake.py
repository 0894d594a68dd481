"""A write is invisible until it is committed, and one commit replaces another in one step."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from clv.lake import DERIVED, Lake

WEEK = "scores/as_of=2024-01-07"


def write(folder: Path, *values: int, name: str = "part-000.parquet") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"value": values}), folder / name)


def committed(lake: Lake, partition: str = WEEK) -> list[int]:
    return pq.read_table(lake.files(partition))["value"].to_pylist()


def commit(lake: Lake, run_id: str, *values: int, partition: str = WEEK) -> None:
    with lake.commit(partition, run_id) as folder:
        write(folder, *values)


def test_a_write_is_invisible_until_the_commit(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.commit(WEEK, "r1") as folder:
        write(folder, 1, 2)
        assert lake.current(WEEK) is None
        with pytest.raises(UserError, match="nothing committed there yet"):
            lake.files(WEEK)
    assert committed(lake) == [1, 2]
    told = lake.current(WEEK)
    assert told is not None
    assert (told.run_id, told.files, told.row_count) == ("r1", ("run=r1/part-000.parquet",), 2)


def test_a_failure_leaves_the_previous_commit_readable(tmp_path):
    lake = Lake.at(tmp_path)
    commit(lake, "r1", 1)
    with pytest.raises(RuntimeError, match="no disk"), lake.commit(WEEK, "r2") as folder:
        write(folder, 2)
        raise RuntimeError("no disk")
    assert committed(lake) == [1]
    commit(lake, "r2", 3)
    assert committed(lake) == [3], "the next attempt starts from an empty folder"


def test_what_a_failed_attempt_left_behind_is_not_committed_by_the_next(tmp_path):
    lake = Lake.at(tmp_path)
    with pytest.raises(RuntimeError), lake.commit(WEEK, "r1") as folder:
        write(folder, 1, name="left.parquet")
        raise RuntimeError
    commit(lake, "r1", 2)
    assert committed(lake) == [2]


def test_the_superseded_run_is_removed_and_other_partitions_are_not_touched(tmp_path):
    lake = Lake.at(tmp_path)
    before = "scores/as_of=2023-12-31"
    commit(lake, "r0", 0, partition=before)
    commit(lake, "r1", 1)
    commit(lake, "r2", 2)
    assert sorted(path.name for path in lake.path(WEEK).iterdir()) == ["_current.json", "run=r2"]
    assert committed(lake, before) == [0]
    assert lake.partitions("scores", "as_of") == ["2023-12-31", "2024-01-07"]


def test_a_run_cannot_commit_one_partition_twice(tmp_path):
    lake = Lake.at(tmp_path)
    commit(lake, "r1", 1)
    with pytest.raises(UserError, match="run r1 is already committed there"):
        commit(lake, "r1", 2)
    assert committed(lake) == [1]


def test_an_uncommitted_partition_is_not_listed(tmp_path):
    lake = Lake.at(tmp_path)
    with pytest.raises(RuntimeError), lake.commit(WEEK, "r1"):
        raise RuntimeError
    assert lake.partitions("scores", "as_of") == []


def test_the_files_of_one_table_of_a_partition_can_be_asked_for(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.commit("ledger", "r1") as folder:
        write(folder, 1, name="orders/part-000.parquet")
        write(folder, 2, 3, name="entries/part-000.parquet")
    (entries,) = lake.files("ledger", "entries/")
    assert pq.read_table(entries)["value"].to_pylist() == [2, 3]
    told = lake.current("ledger")
    assert told is not None
    assert told.row_count == 3


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


def test_an_s3_lake_is_refused_on_a_laptop():
    with pytest.raises(UserError, match="give a local folder"):
        Lake.at("s3://bucket/lake")
