import hashlib
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.importers.accounts import Count
from app.importers.online_retail import (
    DUPLICATE,
    NEGATIVE_QUANTITY,
    NO_PRICE,
    NO_PRODUCT,
    import_online_retail,
)
from clv.contracts import RAW_TABLES
from clv.lake import Lake
from tests.ascii_table import rows, table

REAL = Path(__file__).parents[3] / "shared/data/online_retail_ii/transactions.parquet"

FILE = table("""
Invoice | StockCode    | Description | Quantity | InvoiceDate         | Price | Customer ID | Country
489434  | 85048        | Glass ball  | 12       | 2009-12-01 07:45:00 | 6.95  | 13085       | Germany
489434  | 79323P       | Lights      | 2        | 2009-12-01 07:46:00 | 2.5   | 13085       | Germany
489434  | 79323P       | Lights      | 2        | 2009-12-01 07:46:00 | 2.5   | 13085       | Germany
489434  | POST         | Postage     | 1        | 2009-12-01 07:45:00 | 18.0  | 13085       | Germany
489435  | 22041        | Frame       | 3        | 2009-12-02 09:00:00 | 0.85  | -           | EIRE
489436  | 21232        | -           | -7       | 2009-12-02 10:00:00 | 0.0   | -           | EIRE
489437  | 21232        | Box         | 5        | 2009-12-02 11:00:00 | 0.0   | 13085       | EIRE
C489438 | 85048        | Glass ball  | -4       | 2009-12-03 12:00:00 | 6.95  | 13085       | Germany
C489438 | 22041        | Frame       | -1       | 2009-12-03 12:00:00 | 0.85  | 13085       | Germany
C489438 | BANK CHARGES | -           | -1       | 2009-12-03 12:00:00 | 9.99  | 13085       | Germany
""")


def delivered(frame: pd.DataFrame, folder: Path, suffix: str = ".csv") -> Path:
    file = folder / f"online_retail{suffix}"
    if suffix == ".csv":
        frame.to_csv(file, index=False)
    elif suffix == ".parquet":
        frame.to_parquet(file)
    else:
        with pd.ExcelWriter(file, engine="openpyxl") as book:
            frame.head(4).to_excel(book, sheet_name="Year 2009-2010", index=False)
            frame.tail(-3).to_excel(book, sheet_name="Year 2010-2011", index=False)
    return file


def imported(frame: pd.DataFrame, folder: Path, **settings: object):
    lake = Lake.at(folder / "lake")
    account = import_online_retail(delivered(frame, folder), lake, **settings)
    return lake, account


def raw(lake: Lake, name: str) -> pd.DataFrame:
    return pq.read_table(lake.raw_files(name)).to_pandas()


def digests(lake: Lake) -> dict[str, str]:
    files = (path for path in lake.path("raw").rglob("*") if path.is_file())
    return {
        path.name + str(path.parent.name): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def test_an_invoice_is_one_order_dated_by_its_first_line(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    assert rows(raw(lake, "orders"), "order_id", "customer_id", "order_ts", "currency", "country") == [
        ("489434", "13085", pd.Timestamp("2009-12-01 07:45"), "GBP", "Germany"),
        ("489435", None, pd.Timestamp("2009-12-02 09:00"), "GBP", "EIRE"),
    ]


def test_a_sale_line_is_quantity_times_price_without_tax_or_discount(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    assert rows(
        raw(lake, "order_lines").round(2),
        "order_id",
        "line_no",
        "sku",
        "quantity",
        "gross_amount",
        "discount",
        "tax",
    ) == [
        ("489434", 1, "85048", 12, 83.40, 0.0, 0.0),  # 12 × 6.95
        ("489434", 2, "79323P", 2, 5.00, 0.0, 0.0),  # 2 × 2.50
        ("489435", 1, "22041", 3, 2.55, 0.0, 0.0),  # 3 × 0.85
    ]


def test_a_line_later_than_its_order_is_recorded_at_its_own_time(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    later = pd.Timestamp("2009-12-01 07:46")
    assert rows(raw(lake, "order_lines"), "recorded_ts") == [(None,), (later,), (None,)]


def test_each_product_line_of_a_c_invoice_is_a_refund_of_no_known_order(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    refunds, at = raw(lake, "refunds").round(2), pd.Timestamp("2009-12-03 12:00")
    assert rows(refunds, "refund_id", "customer_id", "order_id", "refund_ts", "amount", "currency") == [
        ("C489438-1", "13085", None, at, 27.80, "GBP"),  # 4 × 6.95
        ("C489438-2", "13085", None, at, 0.85, "GBP"),
    ]


def test_every_row_is_handed_on_or_excluded_for_one_reason_to_the_cent(tmp_path: Path) -> None:
    _, account = imported(FILE, tmp_path)
    assert account.handed == {"order_lines": Count(3, 8340 + 500 + 255), "refunds": Count(2, -2780 - 85)}
    assert account.excluded == {
        DUPLICATE: Count(1, 500),
        NO_PRODUCT: Count(2, 1800 - 999),
        NEGATIVE_QUANTITY: Count(1, 0),
        NO_PRICE: Count(1, 0),
    }
    assert (account.rows_in, account.cents_in) == (10, 7531)  # 9095 − 2865 + 500 + 801


def test_excluded_rows_are_kept_as_delivered_with_row_number_reason_and_cents(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    kept = pq.read_table(lake.path("raw") / "_excluded/part-000.parquet").to_pandas()
    assert rows(kept, "row_no", "StockCode", "Price", "reason", "cents") == [
        (3, "79323P", "2.5", DUPLICATE, 500),
        (4, "POST", "18.0", NO_PRODUCT, 1800),
        (6, "21232", "0.0", NEGATIVE_QUANTITY, 0),
        (7, "21232", "0.0", NO_PRICE, 0),
        (10, "BANK CHARGES", "9.99", NO_PRODUCT, -999),
    ]


@pytest.mark.parametrize("column", ["Description", "Country", "InvoiceDate", "Customer ID", "Price"])
def test_rows_that_differ_in_any_of_the_eight_columns_are_both_kept(tmp_path: Path, column: str) -> None:
    other = {"InvoiceDate": "2009-12-01 07:47:00", "Customer ID": 13086, "Price": 2.6}.get(column, "other")
    frame = FILE.astype({column: object})
    frame.loc[2, column] = other
    _, account = imported(frame, tmp_path)
    assert account.excluded[DUPLICATE].rows == 0
    assert account.handed["order_lines"].rows == 4


def test_a_column_beyond_the_eight_does_not_make_rows_differ_and_is_named(tmp_path: Path) -> None:
    _, account = imported(FILE.assign(sheet=range(10)), tmp_path)
    assert account.excluded[DUPLICATE].rows == 1
    assert account.notes == ("columns not read: sheet",)


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx"])
def test_parquet_and_workbook_give_the_tables_of_the_csv(tmp_path: Path, suffix: str) -> None:
    # The workbook repeats row 4 on its second sheet, as the published one repeats nine days.
    lake, account = imported(FILE, tmp_path)
    typed = FILE.assign(InvoiceDate=pd.to_datetime(FILE["InvoiceDate"]))
    if suffix == ".xlsx":
        typed["StockCode"] = [int(code) if code.isdigit() else code for code in typed["StockCode"]]
    other = Lake.at(tmp_path / "other")
    same = import_online_retail(delivered(typed, tmp_path, suffix), other)
    for name in ("orders", "order_lines", "refunds"):
        pd.testing.assert_frame_equal(raw(other, name), raw(lake, name))
    assert same.handed == account.handed
    assert same.excluded[DUPLICATE].rows == (2 if suffix == ".xlsx" else 1)


def test_names_match_without_case_blanks_and_underscores_and_by_alias(tmp_path: Path) -> None:
    names = ["INVOICE NO", "stock_code", "description", "QUANTITY", "invoice_ts", "unit_price", "CustomerID"]
    _, account = imported(FILE.set_axis([*names, "country"], axis=1), tmp_path)
    assert account.handed["order_lines"] == Count(3, 9095)


def test_currency_eur_takes_the_amounts_as_they_are(tmp_path: Path) -> None:
    lake, account = imported(FILE, tmp_path, currency="EUR")
    assert set(raw(lake, "orders")["currency"]) | set(raw(lake, "refunds")["currency"]) == {"EUR"}
    assert account.handed["order_lines"].cents == 9095


def test_a_cell_that_cannot_be_read_reaches_raw_as_text_and_counts_no_cents(tmp_path: Path) -> None:
    frame = FILE.astype(object)
    frame.loc[0, "Quantity"], frame.loc[1, "Price"], frame.loc[4, "InvoiceDate"] = (
        "dozen",
        "2,50",
        "yesterday",
    )
    lake, account = imported(frame.drop(2), tmp_path)
    lines = raw(lake, "order_lines")
    assert rows(lines, "quantity", "gross_amount")[:2] == [("dozen", "dozen"), ("2", "2,50")]
    assert float(lines["gross_amount"][2]) == pytest.approx(2.55)
    assert raw(lake, "orders")["order_ts"][1] == "yesterday"
    assert account.handed["order_lines"] == Count(3, 255)


def test_an_empty_price_reaches_raw_as_null(tmp_path: Path) -> None:
    lake, account = imported(FILE.assign(Price=FILE["Price"].mask(FILE.index == 0)), tmp_path)
    assert raw(lake, "order_lines")["gross_amount"].isna().tolist() == [True, False, False]
    assert account.handed["order_lines"].cents == 755


def test_a_positive_quantity_on_a_c_invoice_is_a_negative_refund_for_quarantine(tmp_path: Path) -> None:
    frame = FILE.copy()
    frame.loc[7, "Quantity"] = 4
    lake, account = imported(frame, tmp_path)
    assert raw(lake, "refunds")["amount"].round(2).tolist() == [-27.80, 0.85]
    assert account.handed["refunds"].cents == 2780 - 85


def test_only_columns_of_the_contract_are_written(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    for name in ("orders", "order_lines", "refunds"):
        contract = RAW_TABLES[name]
        written = set(raw(lake, name).columns)
        assert written <= set(contract.names)
        assert {column.name for column in contract.columns if column.required} <= written
    assert lake.raw_files("customers") == lake.raw_files("products") == []


def test_two_imports_of_one_file_write_the_same_bytes(tmp_path: Path) -> None:
    lake, _ = imported(FILE, tmp_path)
    before = digests(lake)
    imported(FILE, tmp_path, replace=True)
    assert digests(lake) == before
    assert len(before) == 5


def test_a_file_without_refunds_and_one_without_sales_are_imported(tmp_path: Path) -> None:
    lake, account = imported(FILE.head(2), tmp_path)
    assert account.handed == {"order_lines": Count(2, 8840), "refunds": Count(0, 0)}
    assert lake.raw_files("refunds") == []
    lake, account = imported(FILE.tail(3), tmp_path, replace=True)
    assert account.handed == {"order_lines": Count(0, 0), "refunds": Count(2, -2865)}
    assert raw(lake, "orders").empty


@pytest.mark.skipif(not REAL.exists(), reason="Online Retail II is not on this machine")
def test_the_published_file_gives_its_known_counts(tmp_path: Path) -> None:
    # Counted with plain pandas from the eight columns, apart from this code.
    lake = Lake.at(tmp_path / "lake")
    account = import_online_retail(REAL, lake)
    assert (account.rows_in, account.cents_in) == (1_067_370, 1_928_723_255)
    assert {why: count.rows for why, count in account.excluded.items()} == {
        DUPLICATE: 34_228,
        NO_PRODUCT: 5_979,
        NEGATIVE_QUANTITY: 3_418,
        NO_PRICE: 2_617,
    }
    assert account.handed["order_lines"].rows == 1_003_214
    assert account.handed["refunds"].rows == 17_914
    orders = raw(lake, "orders")
    assert (len(orders), orders["order_id"].nunique()) == (39_516, 39_516)
    assert orders[orders["order_ts"] < "2011-09-09"]["customer_id"].nunique() == 5_253
    assert orders[orders["order_ts"] < "2011-06-01"]["customer_id"].nunique() == 4_908
