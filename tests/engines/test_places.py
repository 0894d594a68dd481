"""One table, written to and read from a folder and S3: the same rows of the same types."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.engine import DuckEngine, SparkEngine, rows_per_file
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.parquet import read_table, row_count

TYPED = pa.table(
    {
        "customer_id": pa.array(["ann", "Ünal ß 🛒", None, ""], pa.string()),
        "orders": pa.array([1, None, -(2**62), 2**62], pa.int64()),
        "line_no": pa.array([None, 1, 2, 3], pa.int32()),
        "worth": pa.array([0.1, None, float("inf"), -0.0], pa.float64()),
        "active": pa.array([True, False, None, True], pa.bool_()),
        "at": pa.array([datetime(2024, 2, 29, 23, 59, 59, 999999), None, datetime(1969, 12, 31), datetime(2024, 1, 1)], pa.timestamp("us")),
        "day": pa.array([date(2024, 2, 29), date(1969, 12, 31), None, date(9999, 12, 31)], pa.date32()),
    }
)  # fmt: skip
CSV = 'a,b\n007,"two\nlines"\n#1,"say ""so"""\n,NA\n'


@pytest.fixture
def engine(tmp_path: Path) -> DuckEngine:
    return DuckEngine.start(tmp_path / "spill")


@pytest.fixture
def typed(engine: DuckEngine, tmp_path: Path) -> ibis.Table:
    pq.write_table(TYPED, tmp_path / "typed.parquet")
    return engine.read([str(tmp_path / "typed.parquet")])


def written(lake: Lake, fill: Callable[..., None], run_id: str = "r1") -> list[str]:
    with lake.commit("t", run_id) as draft:
        fill(draft)
    return lake.files("t")


@pytest.mark.parametrize("name", ["a shop's", 'a shop\'s "lake"', "back\\slash", "[1] 100 % {x} *"])
def test_a_folder_may_be_called_anything(typed, tmp_path, name):
    engine = DuckEngine.start(tmp_path / name / "spill")
    again = engine.read([str(tmp_path / "typed.parquet")])
    engine.write(again, tmp_path / name / "whole")
    engine.write(again, tmp_path / name / "capped", max_file_mb=1)
    (tmp_path / name / "t.csv").write_text(CSV)
    for folder in ("whole", "capped"):
        files = sorted(map(str, (tmp_path / name / folder).iterdir()))
        assert engine.connection.to_pyarrow(engine.read(files)).num_rows == len(TYPED)
    assert engine.read([str(tmp_path / name / "t.csv")]).count().execute() == 3


def test_types_nulls_and_values_survive_a_write_and_a_read(any_lake, engine, typed):
    files = written(any_lake, lambda draft: engine.write(typed, draft.url()))
    found = pa.concat_tables(read_table(file) for file in files)
    assert found.schema.remove_metadata() == TYPED.schema
    assert found.sort_by("line_no") == TYPED.sort_by("line_no")
    again = engine.connection.to_pyarrow(engine.read(files))
    assert again.sort_by("line_no").to_pylist() == TYPED.sort_by("line_no").to_pylist()
    assert again.schema.names == TYPED.schema.names
    commit = any_lake.current("t")
    assert commit is not None
    assert commit.row_count == len(TYPED) == sum(row_count(file) for file in files)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (lambda t: t["at"] < datetime(2024, 1, 1), [2]),
        (lambda t: t["day"] >= date(2024, 2, 29), [None, 3]),
        (lambda t: t.customer_id.isin(["ann", ""]), [None, 3]),
        (lambda t: t.worth.isnull() | t.active.isnull(), [1, 2]),
        (lambda t: (t.orders > 0) & t.active, [None, 3]),
    ],
)
def test_a_filter_finds_the_same_rows_in_both_places(any_lake, engine, typed, condition, kept):
    table = engine.read(written(any_lake, lambda draft: engine.write(typed, draft.url("t"))))
    found = table.filter(condition(table)).line_no.to_pyarrow().to_pylist()
    assert sorted(found, key=lambda line: line or 0) == kept


def test_sums_are_written_as_int64_in_both_places(any_lake, engine, typed):
    sums = typed.aggregate(n=typed.count(), total=typed.line_no.sum())
    (file,) = written(any_lake, lambda draft: engine.write(sums, draft.url()))
    table = read_table(file)
    assert [str(field.type) for field in table.schema] == ["int64", "int64"]
    assert table.to_pylist() == [{"n": 4, "total": 6}]


def test_a_table_without_rows_keeps_its_columns(any_lake, engine, typed):
    none = typed.filter(typed.line_no > 9)
    for run_id, cap in (("r1", None), ("r2", 64)):
        (file,) = written(any_lake, lambda draft, cap=cap: engine.write(none, draft.url(), cap), run_id)
        table = read_table(file)
        assert table.schema.remove_metadata() == TYPED.schema
        assert len(table) == 0


def test_a_capped_table_is_cut_in_its_order_at_the_same_rows_each_time(any_lake, engine):
    wide = ibis.range(150_000).unnest().name("n").as_table()
    wide = wide.mutate(**{f"text{i}": (wide.n * 7_919 % 150_001).cast("string") for i in range(3)})
    wide = engine.connection.create_table("wide", wide)
    most = rows_per_file(wide, 4)
    assert most == 4_000_000 // (8 + 3 * 64)
    contents = []
    for run_id in ("r1", "r2"):
        files = written(
            any_lake, lambda draft: engine.write(wide.order_by(wide.n.desc()), draft.url(), 4), run_id
        )
        contents.append([read_table(file) for file in files])
        assert [Path(file).name for file in files] == [f"part-{i:03}.parquet" for i in range(len(files))]
        assert all(entry.size < 4_000_000 for entry in any_lake.entries("t"))
    assert [len(part) for part in contents[0]] == [most] * 7 + [150_000 - 7 * most]
    assert contents[0] == contents[1]
    assert pa.concat_tables(contents[0])["n"].to_pylist() == list(range(149_999, -1, -1))


def test_a_table_put_into_a_draft_can_be_read_before_the_commit(any_lake, engine, typed):
    with any_lake.commit("t", "r1") as draft:
        engine.write(typed, draft.url("orders"))
        files = draft.files("orders")
        assert engine.read(files).count().execute() == 4
        assert draft.files("order") == []
    assert any_lake.files("t", "orders/") == files


def test_only_the_columns_asked_for_are_read_as_a_frame(any_lake, engine, typed):
    files = written(any_lake, lambda draft: engine.write(typed, draft.url()))
    assert list(read_frame(files, ["day", "orders"]).columns) == ["day", "orders"]
    assert len(read_frame(files)) == 4


def test_text_files_are_read_as_strings_and_nothing_is_guessed(any_lake, engine):
    any_lake.write_text("raw/orders/a.csv", CSV)
    any_lake.write_text("raw/orders/b.csv", "a,b\nlast,1\n")
    rows = engine.read(any_lake.raw_files("orders")).order_by("a").to_pyarrow().to_pylist()
    assert {row["a"]: row["b"] for row in rows} == {
        "007": "two\nlines", "#1": 'say "so"', None: "NA", "last": "1"
    }  # fmt: skip


def test_a_broken_text_file_is_one_line_that_names_it(any_lake, engine):
    any_lake.write_text("raw/orders/a.csv", "a,b\n1,2\n1,2,3\n")
    (file,) = any_lake.raw_files("orders")
    with pytest.raises(UserError) as error:
        engine.read([file])
    assert str(error.value).startswith(f"{file}: not a regular CSV file")
    assert "\n" not in str(error.value)


def test_spark_caps_its_files_and_forgets_what_it_kept_and_nothing_else(spark, tmp_path):
    engine = SparkEngine.on(spark, tmp_path / "spill")
    pq.write_table(pa.table({"n": range(300_000)}), tmp_path / "n.parquet")
    table = engine.read([str(tmp_path / "n.parquet")])
    engine.write(table.order_by(table.n.desc()), tmp_path / "spill" / "out", 1)
    sizes = [row_count(str(file)) for file in (tmp_path / "spill" / "out").glob("*.parquet")]
    assert rows_per_file(table, 1) == max(sizes) == 125_000
    assert sum(sizes) == 300_000
    assert engine.keep(table.filter(table.n < 7)).count().execute() == 7
    engine.forget()
    assert [path.name for path in (tmp_path / "spill").iterdir()] == ["out"]
