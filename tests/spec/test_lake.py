"""A write is invisible until it is committed, and one commit replaces another in one step.

Every rule is tried on a folder and on S3 (moto's server).
"""

from pathlib import Path
from threading import Barrier, Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Draft, Lake

WEEK = "scores/as_of=2024-01-07"


@pytest.fixture
def lake(any_lake: Lake) -> Lake:
    return any_lake


def write(folder: Path, *values: int, name: str = "part-000.parquet") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"value": values}), folder / name)


def committed(lake: Lake, partition: str = WEEK) -> list[int]:
    return read_frame(lake.files(partition))["value"].to_list()


def commit(lake: Lake, run_id: str, *values: int, partition: str = WEEK) -> None:
    with lake.commit(partition, run_id) as draft:
        write(draft.folder, *values)


def names(lake: Lake, folder: str) -> list[str]:
    return [entry.name for entry in lake.entries(folder)]


def test_a_write_is_invisible_until_the_commit(lake):
    with lake.commit(WEEK, "r1") as draft:
        write(draft.folder, 1, 2)
        assert lake.current(WEEK) is None
        with pytest.raises(UserError, match="nothing committed there yet"):
            lake.files(WEEK)
    assert committed(lake) == [1, 2]
    told = lake.current(WEEK)
    assert told is not None
    assert (told.run_id, told.files, told.row_count) == ("r1", ("run=r1/part-000.parquet",), 2)
    assert lake.files(WEEK) == [f"{lake.root}/{WEEK}/run=r1/part-000.parquet"]


def test_a_failure_leaves_the_previous_commit_readable(lake):
    commit(lake, "r1", 1)
    with pytest.raises(RuntimeError, match="no disk"), lake.commit(WEEK, "r2") as draft:
        write(draft.folder, 2)
        raise RuntimeError("no disk")
    assert committed(lake) == [1]
    commit(lake, "r2", 3)
    assert committed(lake) == [3], "the next attempt starts from an empty folder"


def left_behind(draft: Draft, lake: Lake, name: str) -> None:
    """Write where an engine does, which no exit of the draft can take back."""
    lake.write_text(f"{draft.place}/{name}", "half a file")


def test_what_a_failed_attempt_left_behind_is_not_committed_by_the_next(lake):
    with pytest.raises(RuntimeError), lake.commit(WEEK, "r1") as draft:
        left_behind(draft, lake, "left.txt")
        raise RuntimeError
    assert names(lake, WEEK) == [f"{WEEK}/run=r1/left.txt"]
    commit(lake, "r1", 2)
    assert names(lake, WEEK) == [f"{WEEK}/_current.json", f"{WEEK}/run=r1/part-000.parquet"]


def test_what_a_writer_leaves_beside_its_data_is_not_committed(lake):
    with lake.commit(WEEK, "r1") as draft:
        write(draft.folder, 1)
        for name in ("_SUCCESS", ".part-000.parquet.crc", "_temporary/0/part-9.parquet", "entries_$folder$"):
            left_behind(draft, lake, name)
    assert committed(lake) == [1]
    assert len(lake.files(WEEK)) == 1


def test_superseded_and_abandoned_runs_are_removed_and_other_partitions_are_not_touched(lake):
    before = "scores/as_of=2023-12-31"
    commit(lake, "r0", 0, partition=before)
    commit(lake, "r1", 1)
    with pytest.raises(RuntimeError), lake.commit(WEEK, "r10") as draft:
        left_behind(draft, lake, "left.txt")
        raise RuntimeError
    commit(lake, "r2", 2)
    assert names(lake, WEEK) == [f"{WEEK}/_current.json", f"{WEEK}/run=r2/part-000.parquet"]
    assert committed(lake, before) == [0]
    assert lake.partitions("scores", "as_of") == ["2023-12-31", "2024-01-07"]


def test_a_run_whose_id_begins_like_anothers_is_not_removed_with_it(lake):
    commit(lake, "r1", 1)
    commit(lake, "r10", 2)
    assert committed(lake) == [2]
    commit(lake, "r1", 3)
    assert committed(lake) == [3]


def test_a_run_cannot_commit_one_partition_twice(lake):
    commit(lake, "r1", 1)
    with pytest.raises(UserError, match="run r1 is already committed there"):
        commit(lake, "r1", 2)
    assert committed(lake) == [1]


@pytest.mark.parametrize("standing", [(), (0,)])
def test_of_two_runs_that_overlap_the_one_that_commits_first_wins(lake, standing):
    if standing:
        commit(lake, "r0", *standing)
    message = "another run was committed there while run r1 was at work"
    with pytest.raises(UserError, match=message), lake.commit(WEEK, "r1") as slow:
        write(slow.folder, 1)
        commit(lake, "r2", 2)
    assert committed(lake) == [2]
    assert names(lake, WEEK) == [f"{WEEK}/_current.json", f"{WEEK}/run=r2/part-000.parquet"]


def test_of_many_writers_of_one_file_exactly_one_is_told_that_it_wrote(lake):
    start, told = Barrier(8), {}

    def take(number: int) -> None:
        start.wait()
        told[number] = lake.write_text_if_absent("runs/lock.json", str(number))

    writers = [Thread(target=take, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (winner,) = (number for number, wrote in told.items() if wrote)
    assert len(told) == 8
    assert lake.read_text("runs/lock.json") == str(winner)


def test_a_small_file_is_written_over_and_read_back_as_it_is(lake):
    assert lake.read_text("runs/r1/notes.json") is None
    lake.write_text("runs/r1/notes.json", "ein Gruß\n")
    lake.write_text("runs/r1/notes.json", "zwei Grüße\n")
    assert lake.read_text("runs/r1/notes.json") == "zwei Grüße\n"
    assert names(lake, "runs") == ["runs/r1/notes.json"]


def test_an_uncommitted_partition_is_not_listed(lake):
    with pytest.raises(RuntimeError), lake.commit(WEEK, "r1") as draft:
        left_behind(draft, lake, "left.txt")
        raise RuntimeError
    assert lake.partitions("scores", "as_of") == []


def test_the_files_of_one_table_of_a_partition_can_be_asked_for(lake):
    with lake.commit("ledger", "r1") as draft:
        write(draft.folder, 1, name="orders/part-000.parquet")
        write(draft.folder, 2, 3, name="entries/part-000.parquet")
        (draft.folder / "accounts.json").write_text("[]")
    assert read_frame(lake.files("ledger", "entries/"))["value"].to_list() == [2, 3]
    told = lake.current("ledger")
    assert told is not None
    assert told.row_count == 3
    assert lake.committed_text("ledger", "accounts.json") == "[]"
    assert lake.committed_text("ledger", "other.json") is None
    assert lake.committed_text("quarantine", "accounts.json") is None


def test_an_entry_has_another_version_once_its_file_has_changed(lake):
    lake.write_text("raw/orders/a.csv", "1")
    (before,) = lake.entries("raw")
    assert lake.entries("raw") == [before]
    lake.write_text("raw/orders/a.csv", "2")
    (after,) = lake.entries("raw")
    assert (after.name, after.size) == (before.name, before.size) == ("raw/orders/a.csv", 1)
    assert after.version != before.version


def test_a_folder_can_be_copied_to_this_machine(lake, tmp_path):
    lake.write_text("raw/_excluded/a.txt", "a")
    lake.write_text("raw/_excluded/more/b.txt", "b")
    lake.download("raw/_excluded", tmp_path / "copy")
    lake.download("raw/nothing", tmp_path / "copy")
    assert {path.name: path.read_text() for path in (tmp_path / "copy").rglob("*.txt")} == {
        "a.txt": "a",
        "b.txt": "b",
    }


def test_what_needs_a_folder_is_refused_on_s3(s3):
    lake = Lake.at(s3)
    assert not lake.is_local
    with pytest.raises(UserError, match="give a local folder"), lake.replace_raw(None, replace=True):
        pass
    with pytest.raises(UserError, match="names no bucket"):
        Lake.at("s3://")
