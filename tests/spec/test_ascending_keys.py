"""Repeated keys of files in which keys ascend are those that counting finds; other files are left to it."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.ascending_keys import repeated_where_ascending


def repeated(folder, files, kind=None):
    paths = [str(folder / f"{number}.parquet") for number in range(len(files))]
    for path, keys in zip(paths, files, strict=True):
        pq.write_table(pa.table({"event_id": pa.array(keys, kind or pa.string())}), path)
    return repeated_where_ascending(paths, "event_id")


def ids(begin, end):
    return [f"{number:04}" for number in range(begin, end)]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([ids(0, 40), ids(40, 80)], []),
        ([ids(40, 80), ids(0, 40)], []),  # whatever the order of the files
        ([[*ids(0, 40), "0007"], ids(40, 80)], ["0007"]),  # again in its own file
        ([ids(0, 40), [*ids(40, 80), "0007"]], ["0007"]),  # again in a later one
        ([[*ids(0, 40), "0007", "0050"], ids(40, 80)], ["0007", "0050"]),  # in an earlier one
        ([[*ids(0, 40), "0007"], [*ids(40, 80), "0007"]], ["0007"]),
        ([[*ids(0, 50), "0007", "0007"]], ["0007"]),
        ([[*ids(0, 40), "0039"]], ["0039"]),  # neighbours
        ([[*ids(1, 50), "0000"], [*ids(50, 99), "0000"]], ["0000"]),  # twice, both out of turn
        ([[*ids(1, 50), "0000"], ids(50, 99)], []),  # out of turn, yet only once
    ],
)
def test_keys_of_several_rows_are_found_within_a_file_and_across_files(tmp_path, files, wanted):
    assert repeated(tmp_path, files) == wanted


@pytest.mark.parametrize(
    "files",
    [
        [["1", "2", " 3"]],
        [["1", "2", "3\t"]],
        [["1", "2", ""]],
        [["1", "2", None]],
        [[]],
        [["1", "9"], ["5"]],  # overlap
        [["1", "5"], ["5", "9"]],  # touch
        [["1", "2", "7"], ["5", "7"]],  # the first one's last row ascends into the other
        [["3", "1", "2"]],  # hardly any ascends
    ],
)
def test_where_keys_do_not_plainly_ascend_they_are_left_to_be_counted(tmp_path, files):
    assert repeated(tmp_path, files) is None


def test_numbers_and_csv_are_left_to_be_counted(tmp_path):
    assert repeated(tmp_path, [[1, 2, 3]], pa.int64()) is None
    (tmp_path / "0.csv").write_text("event_id\n1\n2\n")
    assert repeated_where_ascending([str(tmp_path / "0.csv")], "event_id") is None


@settings(max_examples=60, deadline=None)
@given(
    late=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 299)), max_size=8),
    cuts=st.lists(st.integers(1, 299), min_size=2, max_size=2, unique=True).map(sorted),
)
def test_any_late_rows_give_what_counting_gives(tmp_path_factory, late, cuts):
    files = [ids(begin, end) for begin, end in zip([0, *cuts], [*cuts, 300], strict=True)]
    for file, key in late:
        files[file].append(f"{key:04}")
    found = repeated(tmp_path_factory.mktemp("files"), files)
    every = [key for file in files for key in file]
    assert found is None or found == sorted({key for key in every if every.count(key) > 1})
