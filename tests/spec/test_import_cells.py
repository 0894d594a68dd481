from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.importers.accounts import Count
from app.importers.transactions import import_transactions
from clv.lake import Lake
from tests.ascii_table import rows, table


def imported(log: str | pd.DataFrame, folder: Path, currency: str = "EUR", **settings: bool):
    frame = table(log) if isinstance(log, str) else log
    file, lake = folder / "log.csv", Lake.at(folder / "lake")
    frame.to_csv(file, index=False)
    return lake, import_transactions(file, lake, currency, **settings)


def raw(lake: Lake, name: str, *columns: str) -> list[tuple[object, ...]]:
    return rows(pq.read_table(lake.raw_files(name)).to_pandas(), *columns)


def test_an_offset_is_turned_into_utc(tmp_path: Path) -> None:
    log = """
    customer_id | ts                        | amount
    a           | 2024-05-01T01:30:00+02:00 | 1
    b           | 2024-05-01T01:30:00Z      | 1
    c           | 20240501                  | 1
    """
    lake, _ = imported(log, tmp_path)
    utc = [("2024-04-30 23:30",), ("2024-05-01 01:30",), ("2024-05-01",)]
    assert raw(lake, "orders", "order_ts") == [(pd.Timestamp(ts),) for (ts,) in utc]


def test_ids_keep_leading_zeros_and_lose_the_point_a_float_export_gave_them(tmp_path: Path) -> None:
    text = pd.DataFrame({"customer_id": ["007", "12"], "ts": "2024-05-01", "amount": 1})
    lake, _ = imported(text, tmp_path)
    assert raw(lake, "orders", "customer_id") == [("007",), ("12",)]
    lake, _ = imported(text.assign(customer_id=["7.0", None]), tmp_path, replace=True)
    assert raw(lake, "orders", "customer_id") == [("7",), (None,)]


def test_long_ids_of_a_parquet_file_with_nulls_keep_all_digits(tmp_path: Path) -> None:
    ids = pd.array([9_007_199_254_740_993, None], dtype="Int64")
    frame = pd.DataFrame({"customer_id": ids, "ts": pd.Timestamp("2024-05-01"), "amount": 1.0})
    frame.to_parquet(tmp_path / "log.parquet")
    lake = Lake.at(tmp_path / "lake")
    import_transactions(tmp_path / "log.parquet", lake, "EUR")
    assert raw(lake, "orders", "customer_id") == [("9007199254740993",), (None,)]


def test_cells_that_cannot_be_read_reach_raw_as_text_for_quarantine(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | order_id | variable_cost | is_refund
    a           | 2024-05-01 | ten    | 1        | 1             | -
    a           | soon       | 2      | 2        | free          | -
    a           | 2024-05-01 | 3      | 3        | 1             | maybe
    a           | later      | -4     | 3        | 1             | -
    a           | tomorrow   | 5      | 3        | 1             | -
    a           | 2024-05-01 | -      | 4        | -             | -
    """
    lake, account = imported(log, tmp_path)
    first = "2024-05-01 00:00:00.000000"
    assert raw(lake, "orders", "order_id", "order_ts") == [
        ("1", first),
        ("2", "soon"),
        ("3", first),
        ("4", first),
    ]
    assert raw(lake, "order_lines", "order_id", "gross_amount", "unit_cost", "recorded_ts") == [
        ("1", "ten", "1", None),
        ("2", "2", "free", "soon"),
        ("3", "3 (is_refund maybe)", "1", None),
        ("3", "5", "1", "tomorrow"),
        ("4", None, None, None),
    ]
    assert raw(lake, "refunds", "refund_ts", "amount") == [("later", 4.0)]
    assert account.handed == {"order_lines": Count(5, 200 + 500), "refunds": Count(1, -400)}


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.125", 13), ("-0.125", -13), ("0.005", 1), ("1e2", 10_000), ("0", 0), ("inf", 0), ("1e300", 0)],
)
def test_cents_round_halves_away_from_zero_and_unholdable_amounts_count_none(
    tmp_path: Path, amount: str, cents: int
) -> None:
    frame = pd.DataFrame({"customer_id": ["a", "b"], "ts": "2024-05-01", "amount": [amount, "1"]})
    _, account = imported(frame, tmp_path)
    assert (account.rows_in, account.cents_in) == (2, cents + 100)


def test_a_log_of_refunds_alone_gives_empty_orders_of_the_right_types(tmp_path: Path) -> None:
    lake, account = imported("customer_id | ts | amount\na | 2024-05-01 | -1", tmp_path)
    schema = pq.read_schema(lake.raw_files("orders")[0])
    assert [str(schema.field(name).type) for name in ("order_id", "order_ts")] == ["string", "timestamp[us]"]
    assert account.handed == {"order_lines": Count(0, 0), "refunds": Count(1, -100)}


def test_a_flag_column_of_a_parquet_file_marks_refunds(tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": [1, 2], "ts": pd.Timestamp("2024-05-01"), "amount": [1, 2]})
    frame.assign(is_refund=[True, None]).to_parquet(tmp_path / "log.parquet")
    lake = Lake.at(tmp_path / "lake")
    account = import_transactions(tmp_path / "log.parquet", lake, "EUR")
    assert account.handed == {"order_lines": Count(1, 200), "refunds": Count(1, -100)}
