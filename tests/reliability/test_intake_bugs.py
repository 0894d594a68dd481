"""What random deliveries brought to light: each as small as it gets."""

import math
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from tests.spec.lakes import built, lake, scratch

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


CHANGES = {
    "has column note, which is not in": lambda rows: rows.append_column("note", pa.array(["x"] * len(rows))),
    "lacks column unit_cost, which is in": lambda rows: rows.drop_columns("unit_cost"),
    "column line_no is double, but int64 in": lambda rows: rows.set_column(
        rows.column_names.index("line_no"), "line_no", pa.array([1.5, 2.5, 3.5])
    ),
}


@pytest.mark.parametrize("says", CHANGES)
def test_files_of_one_table_with_other_columns_are_refused_and_named(says):
    on = two_orders()
    (file,) = on.path("raw/order_lines").iterdir()
    pq.write_table(CHANGES[says](pq.read_table(file, partitioning=None)), file.with_name("part-1.parquet"))
    with pytest.raises(UserError, match=rf"part-1\.parquet: {says} .*part-0\.parquet; deliver both alike"):
        built(on)


def test_csv_files_of_one_table_with_columns_in_another_order_are_refused():
    on = two_orders()
    shutil.rmtree(on.path("raw/orders"))
    on.write_text("raw/orders/a.csv", "order_id,customer_id,order_ts,currency\n1,ann,2024-01-10,EUR\n")
    on.write_text("raw/orders/b.csv", "customer_id,order_id,order_ts,currency\nann,2,2024-01-10,EUR\n")
    with pytest.raises(
        UserError, match=r"b\.csv: has columns in another order than in .*a\.csv; deliver both alike"
    ):
        built(on)


def test_a_column_delivered_twice_is_refused():
    on = two_orders()
    shutil.rmtree(on.path("raw/orders"))
    on.write_text(
        "raw/orders/a.csv", "order_id,customer_id,order_ts,currency,Currency\n1,ann,2024-01-10,EUR,GBP\n"
    )
    with pytest.raises(UserError, match=r"a\.csv: has column currency twice; deliver it once"):
        built(on)
