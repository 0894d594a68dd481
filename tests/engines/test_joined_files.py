"""Files of one raw table whose columns differ are one table, the same on DuckDB and on Spark, on disk and on S3."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.contracts import RAW_TABLES
from clv.engine import DuckEngine, SparkEngine
from clv.lake import Lake
from glue_jobs.read_files import read_files, read_parts

DAY, SECOND = datetime(2024, 1, 10), datetime(1969, 12, 31, 23, 59, 59, 999_999)
FIRST = {
    "order_id": pa.array(["1", "2"]),
    "line_no": pa.array([1, 2**31 - 1], pa.int32()),
    "sku": pa.array(["a", "ä"]),
    "quantity": pa.array([1, 2], pa.uint8()),
    "gross_amount": pa.array([Decimal("10.10"), None], pa.decimal128(6, 2)),
    "discount": pa.array([0, 1], pa.int64()),
    "tax": pa.array([0.1, 0.2]),
    "recorded_ts": pa.array([DAY, None], pa.timestamp("us")),
}
LATER = {
    "unit_cost": pa.array([Decimal("3.1234")], pa.decimal128(12, 4)),
    "tax": pa.array([0.25], pa.float32()),
    "discount": pa.array([0.5]),
    "gross_amount": pa.array([Decimal("123456789.125")], pa.decimal128(20, 3)),
    "quantity": pa.array([3], pa.int64()),
    "sku": pa.array(["b"]).dictionary_encode(),
    "line_no": pa.array([2**40], pa.int64()),
    "order_id": pa.array(["3"], pa.large_string()),
    "recorded_ts": pa.array([SECOND], pa.timestamp("ns")),
    "note": pa.array([7]),
}
EMPTY = {
    **{name: LATER[name] for name in ("order_id", "line_no", "quantity", "gross_amount", "tax")},
    "discount": pa.array([5]),
    "sku": pa.nulls(1, pa.float64()),
    "unit_cost": pa.nulls(1, pa.string()),
    "recorded_ts": pa.array([date(2024, 1, 11)]),
    "note": pa.array(["text here, a number there, and nobody reads it"]),
}
JOINED = [
    ("1", 1, "a", 1, 10.1, 0.0, 0.1, None, DAY),
    ("1", 3, "a", 1, 10.1, 0.0, 0.1, None, DAY),
    ("2", 4, "ä", 2, None, 1.0, 0.2, None, None),
    ("2", 2**31 - 1, "ä", 2, None, 1.0, 0.2, None, None),
    ("3", 2**40, "b", 3, 123456789.125, 0.5, 0.25, 3.1234, SECOND),
    ("3", 2**40, None, 3, 123456789.125, 5.0, 0.25, None, datetime(2024, 1, 11)),
]
TABLE = RAW_TABLES["order_lines"]


def delivered(lake, tmp_path):
    last = FIRST | {"line_no": pa.array([3, 4], pa.int32())}
    for number, columns in enumerate((FIRST, LATER, EMPTY, dict(reversed(last.items())))):
        pq.write_table(pa.table(columns), tmp_path / "one.parquet")
        lake.storage.write(f"raw/order_lines/{number}.parquet", (tmp_path / "one.parquet").read_bytes())
    return lake.raw_files("order_lines")


def rows(table):
    found = [tuple(row[name] for name in TABLE.names) for row in table.to_pyarrow().to_pylist()]
    return sorted(found, key=lambda row: (row[1], row[5]))


def test_parquet_files_are_joined_by_name_and_no_value_is_lost(any_lake, tmp_path):
    files = delivered(any_lake, tmp_path)
    engine = DuckEngine.start(tmp_path / "spill")
    assert rows(read_files(engine, TABLE, files)) == JOINED
    parts = read_parts(engine, TABLE, files, 4)
    assert [part.count().execute() for part in parts] == [2, 2, 1, 1]
    assert len({part.schema() for part in parts}) == 1


def test_spark_joins_them_alike(spark, tmp_path):
    files = delivered(Lake.at(tmp_path / "lake"), tmp_path)
    found = read_files(SparkEngine.on(spark, tmp_path / "spark"), TABLE, files)
    assert rows(found) == JOINED
    duck = read_files(DuckEngine.start(tmp_path / "duck"), TABLE, files)
    assert [str(kind)[:9] for kind in duck.schema().types] == [str(kind)[:9] for kind in found.schema().types]


CSV = (
    "customer_id,country,campaign\n1,DE,a\n2,,\n",
    "country,customer_id,marketing_consent\nFR,3,true\n",
    "customer_id,country,campaign\n4,IT,b\n",
)


@pytest.mark.parametrize("kind", ["duck", "spark"])
def test_csv_files_are_joined_by_name_whatever_their_order(kind, request, tmp_path):
    lake = Lake.at(tmp_path / "lake")
    for number, text in enumerate(CSV):
        lake.write_text(f"raw/customers/{number}.csv", text)
    spill = tmp_path / "spill"
    engine = (
        DuckEngine.start(spill) if kind == "duck" else SparkEngine.on(request.getfixturevalue("spark"), spill)
    )
    found = read_files(engine, RAW_TABLES["customers"], lake.raw_files("customers"))
    assert found.order_by("customer_id").to_pyarrow().to_pylist() == [
        {"customer_id": "1", "country": "DE", "campaign": "a", "marketing_consent": None},
        {"customer_id": "2", "country": None, "campaign": None, "marketing_consent": None},
        {"customer_id": "3", "country": "FR", "campaign": None, "marketing_consent": "true"},
        {"customer_id": "4", "country": "IT", "campaign": "b", "marketing_consent": None},
    ]
