import hashlib
import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.importers.accounts import Count
from app.importers.transactions import import_transactions
from clv.contracts import RAW_TABLES
from clv.lake import Lake
from tests.ascii_table import rows, table

CDNOW = Path(__file__).parents[3] / "shared/data/cdnow/transactions.parquet"


def imported(log: str | pd.DataFrame, folder: Path, currency: str = "EUR", **settings: object):
    frame = table(log) if isinstance(log, str) else log
    file, lake = folder / "log.csv", Lake.at(folder / "lake")
    frame.to_csv(file, index=False)
    return lake, import_transactions(file, lake, currency, **settings)


def raw(lake: Lake, name: str, *columns: str) -> list[tuple[object, ...]]:
    return rows(pq.read_table(lake.raw_files(name)).to_pandas(), *columns)


def test_rows_of_one_customer_at_one_instant_without_order_id_are_one_order(tmp_path: Path) -> None:
    log = """
    customer_id | ts                  | amount
    a           | 2024-05-01 10:00:00 | 10.00
    a           | 2024-05-01 10:00:00 | 2.50
    a           | 2024-05-01 10:00:01 | 4.00
    b           | 2024-05-01 10:00:00 | 7.00
    """
    lake, _ = imported(log, tmp_path)
    assert raw(lake, "orders", "order_id", "customer_id") == [
        ("a@2024-05-01T10:00:00", "a"),
        ("a@2024-05-01T10:00:01", "a"),
        ("b@2024-05-01T10:00:00", "b"),
    ]
    assert raw(lake, "order_lines", "order_id", "line_no", "quantity", "gross_amount", "discount", "tax") == [
        ("a@2024-05-01T10:00:00", 1, 1, 10.00, 0.0, 0.0),
        ("a@2024-05-01T10:00:00", 2, 1, 2.50, 0.0, 0.0),
        ("a@2024-05-01T10:00:01", 1, 1, 4.00, 0.0, 0.0),
        ("b@2024-05-01T10:00:00", 1, 1, 7.00, 0.0, 0.0),
    ]


def test_rows_of_one_order_id_are_one_order_at_its_first_time_and_later_rows_are_known_later(
    tmp_path: Path,
) -> None:
    log = """
    customer_id | ts         | amount | order_id
    a           | 2024-05-03 | 10     | 7
    a           | 2024-05-01 | 5      | 7
    a           | 2024-05-01 | 1      | -
    """
    lake, _ = imported(log, tmp_path)
    first, later = pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-03")
    assert raw(lake, "orders", "order_id", "order_ts") == [("7", first), ("a@2024-05-01T00:00:00", first)]
    assert raw(lake, "order_lines", "order_id", "line_no", "recorded_ts") == [
        ("7", 1, later),
        ("7", 2, None),
        ("a@2024-05-01T00:00:00", 1, None),
    ]


def test_each_row_without_customer_and_order_id_is_a_guest_order_of_its_own(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | order_id
    -           | 2024-05-01 | 1      | -
    -           | 2024-05-01 | 2      | -
    -           | 2024-05-01 | 3      | 9
    """
    lake, account = imported(log, tmp_path)
    assert raw(lake, "orders", "order_id", "customer_id") == [("row-1", None), ("row-2", None), ("9", None)]
    assert account.handed["order_lines"] == Count(3, 600)


def test_a_negative_amount_or_a_true_flag_is_a_refund_of_the_amount_without_sign(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | order_id | is_refund
    a           | 2024-05-01 | 9.00   | 7        | no
    a           | 2024-05-02 | -2.00  | 7        | -
    a           | 2024-05-03 | 3.00   | -        | TRUE
    a           | 2024-05-04 | -1.50  | 7        | 1
    a           | 2024-05-05 | -0.25  | 7        | false
    """
    lake, account = imported(log, tmp_path)
    assert raw(lake, "refunds", "refund_id", "order_id", "refund_ts", "amount", "tax") == [
        ("row-2", "7", pd.Timestamp("2024-05-02"), 2.00, 0.0),
        ("row-3", None, pd.Timestamp("2024-05-03"), 3.00, 0.0),
        ("row-4", "7", pd.Timestamp("2024-05-04"), 1.50, 0.0),
        ("row-5", "7", pd.Timestamp("2024-05-05"), 0.25, 0.0),
    ]
    assert raw(lake, "order_lines", "gross_amount") == [(9.00,)]
    assert account.handed == {"order_lines": Count(1, 900), "refunds": Count(4, -200 - 300 - 150 - 25)}


def test_the_currency_of_the_row_goes_before_the_default(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | currency
    a           | 2024-05-01 | 1      | sek
    b           | 2024-05-01 | 1      | -
    c           | 2024-05-01 | -1     | EUR
    """
    lake, _ = imported(log, tmp_path, currency="GBP")
    assert raw(lake, "orders", "customer_id", "currency") == [("a", "SEK"), ("b", "GBP")]
    assert raw(lake, "refunds", "currency") == [("EUR",)]


def test_currency_eur_takes_amounts_as_they_are_and_says_so(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | currency | shop
    a           | 2024-05-01 | 1      | SEK      | x
    """
    lake, account = imported(log, tmp_path, currency="EUR")
    assert raw(lake, "orders", "currency") == [("EUR",)]
    assert account.notes == (
        "column currency not used: --currency EUR takes amounts as they are",
        "columns not read: shop",
    )


def test_customers_hold_channel_and_country_of_the_first_row_in_time(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | channel | country
    a           | 2024-05-02 | 1      | paid    | DE
    a           | 2024-05-01 | 1      | organic | -
    b           | 2024-05-03 | -1     | -       | NA
    b           | 2024-05-04 | 1      | paid    | FR
    -           | 2024-05-01 | 1      | paid    | FR
    """
    lake, _ = imported(log, tmp_path)
    assert raw(lake, "customers", "customer_id", "acquisition_channel", "country") == [
        ("a", "organic", None),
        ("b", None, "NA"),
    ]
    assert raw(lake, "orders", "country") == [("DE",), (None,), ("FR",), ("FR",)]


def test_a_log_without_channel_and_country_gives_no_customers_table(tmp_path: Path) -> None:
    lake, _ = imported("customer_id | ts | amount\na | 2024-05-01 | 1", tmp_path)
    assert lake.raw_files("customers") == lake.raw_files("refunds") == []


def test_the_variable_cost_of_a_row_is_the_unit_cost_of_one_piece(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | variable_cost
    a           | 2024-05-01 | 10.00  | 6.40
    a           | 2024-05-02 | 5.00   | -
    """
    lake, _ = imported(log, tmp_path)
    assert raw(lake, "order_lines", "quantity", "unit_cost") == [(1, 6.40), (1, None)]


@pytest.mark.parametrize("header", ["Customer ID|Date|Revenue", "CUSTOMER|time stamp|value"])
def test_names_match_without_case_blanks_and_underscores_and_by_alias(tmp_path: Path, header: str) -> None:
    lake, account = imported(header + "\na|2024-05-01|1.25", tmp_path)
    assert raw(lake, "orders", "customer_id") == [("a",)]
    assert account.handed["order_lines"] == Count(1, 125)


def test_one_order_id_of_two_customers_gives_two_orders_of_one_key_and_time(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | order_id
    a           | 2024-05-01 | 1      | 1
    b           | 2024-05-02 | 1      | 1
    """
    lake, _ = imported(log, tmp_path)
    at = pd.Timestamp("2024-05-01")
    assert raw(lake, "orders", "order_id", "customer_id", "order_ts") == [("1", "a", at), ("1", "b", at)]


def test_equal_rows_are_all_kept(tmp_path: Path) -> None:
    log = "customer_id | ts | amount\n" + "a | 2024-05-01 | 1\n" * 3
    lake, account = imported(log, tmp_path)
    assert raw(lake, "order_lines", "line_no", "gross_amount") == [(1, 1), (2, 1), (3, 1)]
    assert account.excluded == {}
    assert not (lake.path("raw") / "_excluded").exists()


def test_only_columns_of_the_contract_are_written(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | channel | country | variable_cost
    a           | 2024-05-01 | 1      | paid    | DE      | 1
    a           | 2024-05-01 | -1     | paid    | DE      | 1
    """
    lake, _ = imported(log, tmp_path)
    for name in ("orders", "order_lines", "refunds", "customers"):
        contract, written = RAW_TABLES[name], set(pq.read_schema(lake.raw_files(name)[0]).names)
        assert written <= set(contract.names)
        assert {column.name for column in contract.columns if column.required} <= written


def test_the_account_and_the_extraction_time_are_stored_beside_the_raw_tables(tmp_path: Path) -> None:
    said = datetime(2024, 5, 2, 6, 30)
    lake, _ = imported("customer_id | ts | amount\na | 2024-05-01 | 1.5", tmp_path, extracted_at=said)
    assert lake.extracted_at() == said
    told = json.loads((lake.path("raw") / "_account.json").read_text())
    assert (told["rows_in"], told["cents_in"]) == (1, 150)
    assert told["handed"]["order_lines"] == {"rows": 1, "cents": 150}


def test_two_imports_of_one_file_write_the_same_bytes(tmp_path: Path) -> None:
    log = """
    customer_id | ts         | amount | channel
    a           | 2024-05-01 | 1      | paid
    b           | soon       | -1     | paid
    """

    def digests(lake: Lake) -> list[str]:
        files = sorted(path for path in lake.path("raw").rglob("*") if path.is_file())
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]

    before = digests(imported(log, tmp_path)[0])
    assert digests(imported(log, tmp_path, replace=True)[0]) == before
    assert len(before) == 5


@pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW log is not on this machine")
def test_cdnow_gives_one_order_per_customer_and_day(tmp_path: Path) -> None:
    log, lake = pq.read_table(CDNOW).to_pandas(), Lake.at(tmp_path / "lake")
    account = import_transactions(CDNOW, lake, "EUR")
    cents = round(log["amount"].map(lambda amount: round(amount * 100)).sum())
    assert account.handed == {"order_lines": Count(69_659, cents), "refunds": Count(0, 0)}
    orders = raw(lake, "orders", "order_id", "customer_id")
    assert len(orders) == len(log.drop_duplicates(["customer_id", "date"])) == len(set(orders))
    assert len({customer for _, customer in orders}) == 23_570
