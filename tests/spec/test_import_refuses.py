from pathlib import Path

import pandas as pd
import pytest

from app.importers.online_retail import import_online_retail
from app.importers.transactions import import_transactions
from clv.errors import UserError
from clv.lake import Lake
from tests.ascii_table import table

INVOICES = table("""
Invoice | StockCode | Description | Quantity | InvoiceDate         | Price | Customer ID | Country
489434  | 85048     | Glass ball  | 12       | 2009-12-01 07:45:00 | 6.95  | 13085       | Germany
""")
LOG = table("""
customer_id | ts         | amount
a           | 2024-05-01 | 1
""")


def online_retail(frame: pd.DataFrame, folder: Path, currency: str = "GBP") -> None:
    frame.to_csv(folder / "invoices.csv", index=False)
    import_online_retail(folder / "invoices.csv", Lake.at(folder / "lake"), currency)


def transactions(frame: pd.DataFrame, folder: Path, currency: str = "EUR") -> None:
    frame.to_csv(folder / "log.csv", index=False)
    import_transactions(folder / "log.csv", Lake.at(folder / "lake"), currency)


def test_a_missing_column_of_invoices_is_named_with_what_was_expected_and_found(tmp_path: Path) -> None:
    message = r"invoices.csv: column price is missing; expected price or unit_price, found Invoice, "
    with pytest.raises(UserError, match=message):
        online_retail(INVOICES.drop(columns="Price"), tmp_path)


def test_a_missing_column_of_a_log_is_named_with_what_was_expected_and_found(tmp_path: Path) -> None:
    message = r"log.csv: column ts is missing; expected ts or timestamp or date, found customer_id, amount"
    with pytest.raises(UserError, match=message):
        transactions(LOG.drop(columns="ts"), tmp_path)


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"columns Price and PRICE have one meaning; keep one of them"):
        online_retail(INVOICES.assign(PRICE=1.0), tmp_path)


def test_dates_of_which_none_is_iso_8601_stop_the_import_and_one_is_shown(tmp_path: Path) -> None:
    message = r"column InvoiceDate cannot be read; expected ISO 8601, found '01/12/2009 07:45'"
    with pytest.raises(UserError, match=message):
        online_retail(INVOICES.assign(InvoiceDate="01/12/2009 07:45"), tmp_path)


def test_amounts_of_which_none_is_a_number_stop_the_import_and_one_is_shown(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"column amount cannot be read; expected a number, found '1,50'"):
        transactions(LOG.assign(amount="1,50"), tmp_path)


@pytest.mark.parametrize("currency", ["", "euro", "eur", "€"])
def test_a_currency_that_is_no_code_is_refused(tmp_path: Path, currency: str) -> None:
    with pytest.raises(UserError, match="expected an ISO 4217 code such as EUR or GBP"):
        transactions(LOG, tmp_path, currency)


def test_a_currency_other_than_the_files_own_or_eur_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--currency USD: expected GBP or EUR"):
        online_retail(INVOICES, tmp_path, "USD")


def test_a_second_import_without_replace_is_refused(tmp_path: Path) -> None:
    online_retail(INVOICES, tmp_path)
    with pytest.raises(UserError, match="--replace"):
        transactions(LOG, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.csv", None, r"absent.csv: no such file"),
        ("sales.txt", b"x", r"expected a file ending in .parquet, .csv, .xlsx, found '.txt'"),
        ("empty.csv", b"", r"empty.csv: holds no rows"),
        ("header.csv", b"Invoice,Price\n", r"header.csv: holds no rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", r"ragged.csv: cannot be read as .csv: .*line 3, saw 3"),
        ("longer.csv", b"a,b\n1,2,3\n4,5,6\n", r"longer.csv: cannot be read as .csv: Length of header"),
        ("broken.parquet", b"PAR1", r"broken.parquet: cannot be read as .parquet"),
        ("broken.xlsx", b"PK", r"broken.xlsx: cannot be read as .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as told:
        import_online_retail(tmp_path / name, Lake.at(tmp_path / "lake"))
    assert "\n" not in str(told.value)
    assert not (tmp_path / "lake/raw").exists()
