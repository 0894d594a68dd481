"""What random deliveries brought to light: each as small as it gets."""

import math
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from tests.spec.lakes import built, lake, pulled, scratch

LINES = """
    order_id | line_no | gross_amount | unit_cost
    1        | 1       | 10           | 1
    1        | 2       | 20           | 2
    1        | 3       | 30           | 3
"""


def two_orders(**more):
    return lake(scratch() / "lake", **{"orders": "order_id\n1\n2", "order_lines": LINES, **more})


def rewritten(on, table, change):
    """Change a raw table, written as Parquet again."""
    (file,) = on.path(f"raw/{table}").iterdir()
    pq.write_table(change(pq.read_table(file, partitioning=None)), file)


@pytest.mark.parametrize("column", ["gross_amount", "discount", "tax", "unit_cost"])
def test_an_amount_that_is_no_number_is_out_of_range_though_all_others_are_within(column):
    on = two_orders()

    def spoiled(rows):
        place = rows.column_names.index(column)
        return rows.set_column(place, column, pa.array([1.0, math.nan, 0.0]))

    rewritten(on, "order_lines", spoiled)
    (bad,) = built(on).rows("table=order_lines", "quarantine")
    assert (bad["line_no"], bad["reason"]) == (2, f"{column} out of range")


def test_a_rate_that_is_no_number_is_out_of_range():
    rates = "currency | rate_date | rate_per_eur\nGBP | 2024-01-09 | 0.8\nGBP | 2024-01-10 | 0.9"
    on = two_orders(fx_rates=rates)

    def spoiled(rows):
        return rows.set_column(2, "rate_per_eur", pa.array([0.8, math.nan]))

    rewritten(on, "fx_rates", spoiled)
    (bad,) = built(on).rows("table=fx_rates", "quarantine")
    assert bad["reason"] == "rate_per_eur out of range"


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_truncated_parquet_file_is_named(share):
    on = two_orders()
    (file,) = on.path("raw/order_lines").iterdir()
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    with pytest.raises(
        UserError, match=r"raw/order_lines/part-0\.parquet: cannot be read \(.*\); deliver it again"
    ):
        built(on)


def test_a_parquet_file_whose_pages_are_damaged_is_named():
    on = two_orders()
    (file,) = on.path("raw/order_lines").iterdir()
    data = file.read_bytes()
    file.write_bytes(data[:4] + b"\xff" * 60 + data[64:])
    with pytest.raises(UserError, match=r"raw/order_lines/part-0\.parquet: cannot be read"):
        built(on)
    assert on.current("ledger") is None


def retyped(column, values):
    return lambda rows: rows.set_column(rows.column_names.index(column), column, [values])


CONTRADICTIONS = {
    r"column line_no is string, but int64 in .*part-0\.parquet; deliver both alike": retyped(
        "line_no", ["1", "2", "3"]
    ),
    r"column order_id is int64, but string in .*part-0\.parquet; deliver both alike": retyped(
        "order_id", [1, 2, 3]
    ),
    r"column unit_cost is list<element: int64>, but double in .*part-0\.parquet; deliver both alike": retyped(
        "unit_cost", [[1], [2], [3]]
    ),
    r"column line_no expected \(int64\), found only quantity, ": lambda rows: rows.drop_columns("line_no"),
    r"column Line_No is written line_no in .*part-0\.parquet; write both alike": lambda rows: (
        rows.rename_columns({"line_no": "Line_No"})
    ),
}


@pytest.mark.parametrize("says", CONTRADICTIONS)
def test_a_file_that_contradicts_another_one_of_its_table_is_refused_and_named(says):
    on = two_orders()
    (file,) = on.path("raw/order_lines").iterdir()
    rows = CONTRADICTIONS[says](pq.read_table(file, partitioning=None))
    pq.write_table(rows, file.with_name("part-1.parquet"))
    with pytest.raises(UserError, match=rf"^\S*part-1\.parquet: {says}"):
        built(on)


def in_two_files(on):
    """Return the same lines, the last of them in a file of another writer with whatever types that likes."""
    (file,) = on.path("raw/order_lines").iterdir()
    rows = pq.read_table(file, partitioning=None)
    first = rows.slice(0, 2).drop_columns("tax").append_column("tax", [[0, 0]])
    pq.write_table(first.append_column("sku", pa.nulls(2, pa.float64())), file)
    last = rows.slice(2).to_pandas().assign(sku=None, line_no=[3.0], note="new")
    last.to_parquet(file.with_name("part-1.parquet"))
    return on


def test_lines_in_files_of_other_columns_and_types_make_the_same_ledger():
    whole, parts = built(two_orders()), built(in_two_files(two_orders()))
    assert parts.accounts == whole.accounts
    for table in ("entries", "lines", "orders"):
        assert sorted(map(str, parts.rows(table))) == sorted(map(str, whole.rows(table)))


EVENTS = """
    event_id | ts         | device
    e1       | 2024-01-10 | app
    e2       | 2024-01-11 | app
"""


def test_events_of_before_a_column_came_are_known_with_it_empty():
    on = two_orders(web_events=EVENTS)
    (file,) = on.path("raw/web_events").iterdir()
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(rows.slice(0, 1).drop_columns("device"), file)
    pq.write_table(rows.slice(1), file.with_name("part-1.parquet"))
    ledger = built(on)
    assert [line.rows for line in ledger.accounts if line.table == "web_events"] == [2]
    web = ledger.history("2024-02-01").web
    assert sorted(row["device"] or "" for row in pulled(web)) == ["", "app"]


def test_a_column_delivered_twice_is_refused():
    on = two_orders()
    shutil.rmtree(on.path("raw/orders"))
    on.write_text(
        "raw/orders/a.csv", "order_id,customer_id,order_ts,currency,Currency\n1,ann,2024-01-10,EUR,GBP\n"
    )
    with pytest.raises(UserError, match=r"a\.csv: has column currency twice; deliver it once"):
        built(on)
