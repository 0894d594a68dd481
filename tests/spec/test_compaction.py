"""A month's delivered event files become one; at no point is an event lost, and none is seen twice at the end."""

import io
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.contracts import RAW_TABLES
from clv.frames import arrow_schema
from clv.lake import Lake
from glue_jobs import compact as verb
from glue_jobs.compact import compact
from tests.spec import lakes
from tests.spec.lakes import built, engine

AS_OF = date(2026, 7, 6)
FOLDER = "raw/web_events"
UUID = "0b8a3c1e-5f0d-4c57-9d3e-2a6f1b7c8d90"


def silent(message):
    """Drop the progress."""


def delivered(day, number=0, table="web_events"):
    return f"{day}-clv-{table.replace('_', '-')}-1-{day}-00-15-{number:02}-{UUID}.parquet"


def parquet(*ids, day="2026-05-03", table="web_events", int96=True, **more):
    """The bytes of a file as Firehose writes it: every column of the contract, timestamps as INT96."""
    rows = [
        {"event_id": each, "customer_id": "ann", "ts": datetime.fromisoformat(day), "type": "view", **more}
        for each in ids
    ]
    out = io.BytesIO()
    told = pa.Table.from_pylist(rows, arrow_schema(RAW_TABLES[table]))
    pq.write_table(told, out, use_deprecated_int96_timestamps=int96, store_schema=False)
    return out.getvalue()


def put(lake, name, data, table="web_events"):
    lake.storage.write(f"raw/{table}/{name}", data)


def names(lake, table="web_events"):
    return [entry.name.rsplit("/", 1)[-1] for entry in lake.entries(f"raw/{table}")]


def ids(lake, table="web_events"):
    """The events as the engine sees them, in no order."""
    found = engine().read(lake.raw_files(table))
    return sorted(found.event_id.execute())


@pytest.fixture
def lake(any_lake):
    for number, events in enumerate((("a", "b"), ("c",), ())):
        put(any_lake, delivered(f"2026-05-0{number + 1}"), parquet(*events))
    put(any_lake, delivered("2026-06-30"), parquet("d", day="2026-06-30"))
    put(any_lake, delivered("2026-07-01"), parquet("e", day="2026-07-01"))
    put(any_lake, "history.parquet", parquet("f", day="2026-05-01"))
    return any_lake


def test_each_month_that_is_over_becomes_one_file_with_the_same_events(lake):
    put(
        lake,
        delivered("2026-05-01", table="email_events"),
        parquet("m", table="email_events"),
        "email_events",
    )
    before = ids(lake)
    assert compact(lake, AS_OF, silent) == 5
    may, june, july, own = names(lake)
    assert (may[:15], june[:15]) == ("2026-05-merged-", "2026-06-merged-")
    assert (july, own) == (delivered("2026-07-01"), "history.parquet")
    assert ids(lake) == before == list("abcdef")
    assert [name[:15] for name in names(lake, "email_events")] == ["2026-05-merged-"]
    assert compact(lake, AS_OF, silent) == 0


@pytest.mark.parametrize(("as_of", "merged"), [("2026-07-02", 3), ("2026-07-03", 4), ("2026-05-20", 0)])
def test_a_month_is_merged_once_its_last_delivery_is_two_days_old(lake, as_of, merged):
    assert compact(lake, date.fromisoformat(as_of), silent) == merged


def test_the_same_files_make_the_same_file(tmp_path):
    made = []
    for root in (tmp_path / "one", tmp_path / "two"):
        lake = Lake.at(root)
        for day in ("2026-05-01", "2026-05-02"):
            put(lake, delivered(day), parquet(day, day=day))
        compact(lake, AS_OF, silent)
        made.append({path.name: path.read_bytes() for path in Path(lake.path(FOLDER)).iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) == 1


@pytest.mark.parametrize("int96", [True, False])
def test_columns_keep_their_kinds(any_lake, int96):
    for number in (1, 2):
        put(any_lake, delivered("2026-05-01", number), parquet(str(number), int96=int96, device="app"))
    schema = pq.ParquetFile(io.BytesIO(any_lake.storage.read(any_lake.entries(FOLDER)[0].name).data)).schema
    assert compact(any_lake, AS_OF, silent) == 2
    (name,) = names(any_lake)
    merged = pq.ParquetFile(io.BytesIO(any_lake.storage.read(f"{FOLDER}/{name}").data))
    assert merged.schema.equals(schema)
    assert merged.read().column("device").to_pylist() == ["app", "app"]


@pytest.mark.parametrize("deleted", [0, 1, 2])
def test_a_crash_before_all_originals_are_gone_is_mended_by_the_next_call(lake, monkeypatch, deleted):
    kind = type(lake.storage)
    delete = kind.delete

    def crash(storage, files):
        if files:
            delete(storage, files[:deleted])
            raise OSError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(kind, "delete", crash)
        with pytest.raises(OSError, match="gone"):
            compact(lake, AS_OF, silent)
    assert set(ids(lake)) == set("abcdef"), "nothing is lost in between"
    compact(lake, AS_OF, silent)
    assert ids(lake) == list("abcdef")
    assert len([name for name in names(lake) if name.startswith("2026-05-")]) == 1


def test_a_crash_while_the_merged_file_is_written_leaves_all_as_it_was(lake, monkeypatch):
    before = ids(lake)

    def crash(*_):
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(verb, "_write", crash)
        with pytest.raises(OSError, match="disk full"):
            compact(lake, AS_OF, silent)
    assert ids(lake) == before
    assert not any("merged" in name for name in names(lake))


def test_a_delivery_that_comes_after_its_month_was_merged_is_merged_too(lake):
    compact(lake, AS_OF, silent)
    put(lake, delivered("2026-05-31"), parquet("late"))
    assert compact(lake, AS_OF, silent) == 1
    assert sorted(set(ids(lake)) - set("abcdef")) == ["late"]
    assert len([name for name in names(lake) if name.startswith("2026-05-merged-")]) == 2


def broken_file():
    return parquet("x")[:-20]


def other_columns():
    out = io.BytesIO()
    pq.write_table(pa.table({"event_id": ["x"]}), out)
    return out.getvalue()


@pytest.mark.parametrize("data", [broken_file(), other_columns(), parquet("x", int96=False), b""])
@pytest.mark.parametrize("day", ["2026-05-02", "2026-05-20"])
def test_a_file_that_is_not_what_the_stream_writes_is_left_alone(any_lake, data, day):
    put(any_lake, delivered("2026-05-01"), parquet("a"))
    put(any_lake, delivered("2026-05-10"), parquet("b"))
    put(any_lake, delivered(day, 9), data)
    assert compact(any_lake, AS_OF, silent) == 2
    assert any_lake.storage.read(f"{FOLDER}/{delivered(day, 9)}").data == data
    assert len(names(any_lake)) == 2


def test_files_of_the_user_are_never_touched(any_lake):
    own = (
        "part-000.parquet",
        "2026-05-01.parquet",
        "2026-05-01-clv-web-events.parquet",
        "2026-05-export-1.parquet",
    )
    other = delivered("2026-05-01", table="email_events")
    for name in (*own, f"old/{delivered('2026-05-01')}", other):
        put(any_lake, name, parquet(name))
    before = any_lake.entries("raw")
    assert compact(any_lake, AS_OF, silent) == 0
    assert any_lake.entries("raw") == before


def test_the_rows_are_written_as_they_come_and_not_collected(tmp_path, monkeypatch):
    monkeypatch.setattr(verb, "ROWS_IN_MEMORY", 10)
    lake = Lake.at(tmp_path)
    for number in range(12):
        put(lake, delivered("2026-05-01", number), parquet(*(f"{number:02}-{each}" for each in range(4))))
    assert compact(lake, AS_OF, silent) == 12
    (name,) = names(lake)
    file = pq.ParquetFile(lake.path(f"{FOLDER}/{name}"))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert groups == [12, 12, 12, 12]
    assert file.read().column("event_id").to_pylist() == [
        f"{n:02}-{each}" for n in range(12) for each in range(4)
    ]


def test_the_ledger_and_the_events_known_are_those_of_the_files_before(tmp_path):
    lake = lakes.lake(tmp_path / "lake", orders="order_id\no1", order_lines="order_id\no1")
    for number in range(3):
        day = "2026-05-03"
        put(lake, delivered(day, number), parquet(f"e{number}", "again", day=day))
    before = built(lake, run_id="r1")
    known = before.history(str(AS_OF))
    seen = lakes.pulled(known.web)
    assert compact(lake, AS_OF, silent) == 3
    after = built(lake, run_id="r2")
    assert after.accounts == before.accounts
    assert sorted(map(str, lakes.pulled(after.history(str(AS_OF)).web))) == sorted(map(str, seen))
    assert [
        line.rows for line in after.accounts if line.table == "web_events" and line.fate == "excluded"
    ] == [2]
