"""Keys that several rows share are the same ones, counted part by part or all at once."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.contracts import RAW_TABLES
from clv.engine import DuckEngine
from glue_jobs.intake.apart import repeated_in_parts

EVENTS = RAW_TABLES["web_events"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return DuckEngine.start(tmp_path_factory.mktemp("spill"))


def repeated(engine, files: list[list[str | None]], folder: Path) -> tuple[list[str], int]:
    """Return the repeated event ids of some files, and how many tables were computed for it."""
    paths = []
    for number, ids in enumerate(files):
        paths.append(str(folder / f"{number}.parquet"))
        pq.write_table(pa.table({"event_id": pa.array(ids, pa.string())}), paths[-1])
    computed = []

    def keep(table):
        computed.append(engine.keep(table))
        return computed[-1]

    parts = engine.apart(paths, len(files))
    again = repeated_in_parts(EVENTS, engine.read(paths), parts, keep)
    return sorted(filter(None, again.event_id.to_pyarrow().to_pylist())), len(computed)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([["1", "2", "2"], ["3", "4"], ["5", "5", "5"]], ["2", "5"]),
        ([["5", "6"], ["1", "2"], ["3", "3"]], ["3"]),  # whatever the order of the files
        ([["1", " 1 "], ["2", None, None], [None]], ["1"]),  # white space and missing ids
        ([["1", "2"], ["3"], ["3", "4"]], ["3"]),  # parts that touch
        ([["1", "9"], ["5"], ["9"]], ["9"]),  # parts that overlap
        ([["1"], ["2"], ["0", " 1"]], ["1"]),  # parts that only white space keeps apart
        ([["1", "1"]], ["1"]),
    ],
)
def test_the_repeated_ids_are_found_in_one_file_and_across_files(engine, tmp_path, files, wanted):
    assert repeated(engine, files, tmp_path)[0] == wanted


@pytest.mark.parametrize(
    ("files", "tables"),
    [
        ([["1", "1"], ["2"], ["3"]], 2),  # the parts' own counts, and the ids they name
        ([["1", "9"], ["5"], ["9"]], 1),  # seen from two parts, so that nothing is counted in vain
        ([["1", "1"]], 1),
    ],
)
def test_parts_are_counted_by_themselves_only_where_the_first_two_share_no_range(
    engine, tmp_path, files, tables
):
    assert repeated(engine, files, tmp_path)[1] == tables


@settings(max_examples=15)
@given(st.lists(st.lists(st.sampled_from("ab12é "), min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_files_give_the_ids_that_occur_twice(engine, tmp_path_factory, files):
    ids = [text.strip() for file in files for text in file]
    twice = sorted({text for text in ids if text and ids.count(text) > 1})
    assert repeated(engine, files, tmp_path_factory.mktemp("files"))[0] == twice
