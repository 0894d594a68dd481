"""Repeated keys of files in which keys ascend are those that counting finds; other files are left to it."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs import build_ledger
from glue_jobs.ascending_keys import repeated_where_ascending
from tests.spec.lakes import built, columns_of, lake, scratch, write_raw


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


@settings(max_examples=60)
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


HEAD = "event_id | customer_id | ts         | type"
FIRST = f"""
{HEAD}
101      | ann         | 2024-01-01 | view
102      | ann         | 2024-01-02 | view
103      | nobody      | 2024-01-03 | view
104      | ann         | 2024-01-04 | view
"""
MANY = "\n".join(f"{number} | bob | 2024-02-01 | view" for number in range(200, 300))
NEXT = f"""
{HEAD}
{MANY}
102      | ann         | 2024-01-02 | view
104      | ann         | 2024-01-05 | view
"""


def two_deliveries():
    customers, order = "customer_id\nann\nbob", "order_id\no1"
    on = lake(scratch(), customers=customers, orders=order, order_lines=order, web_events=FIRST)
    later = scratch()
    write_raw(later, "web_events", columns_of(NEXT, {}), "parquet")
    (later / "web_events" / "part-0.parquet").rename(on.path("raw/web_events/part-1.parquet"))
    return on


def test_a_ledger_of_two_deliveries_is_the_same_whether_their_keys_are_compared_or_counted(monkeypatch):
    on = two_deliveries()
    assert repeated_where_ascending(on.raw_files("web_events"), "event_id") == ["102", "104"]
    counted = built(on)
    disputed = sorted(map(str, counted.rows("disputed_web_events")))
    monkeypatch.setattr(build_ledger, "ROWS_OF_PART", 1)
    compared = built(on, run_id="r2")
    assert compared.accounts == counted.accounts
    assert sorted(map(str, compared.rows("disputed_web_events"))) == disputed
    assert {
        (line.fate, line.reason): line.rows for line in counted.accounts if line.table == "web_events"
    } == {
        ("used", ""): 102,
        ("quarantined", "same key, different content"): 2,
        ("quarantined", "unknown customer_id"): 1,
        ("excluded", "exact duplicate"): 1,
    }
