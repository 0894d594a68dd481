"""Import of the UCI data set Online Retail II (workbook, CSV or Parquet).

A row is a line of an invoice; an invoice whose number starts with C takes goods back. Rules, in the order
in which a row meets them:

1. Rows equal in all eight original columns are kept once; this also removes the overlap of the two sheets.
2. A product code starts with five digits; postage, fees, samples, vouchers and manual entries are excluded.
3. A negative quantity outside a C invoice is excluded: written-off stock, which nobody paid.
4. A price of 0 or less is excluded.
5. The line of a C invoice is a refund. The file does not say which order it takes back, so it has none. A
   positive quantity there (none in the published file) gives a negative refund, which is quarantined.
6. All else is a sale, quantity 0 included. An invoice is one order, dated by its first line: 82 invoices of
   the published file carry two times, at most nine minutes apart; none has two customers or two countries.

There is neither VAT nor discount in the file: its prices are taken as net, with tax 0 and discount 0. Rows
without a customer stay as guest orders. A cell that cannot be read is handed on as it is, for quarantine.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.importers import raw_tables
from app.importers.accounts import ImportAccount, count, write_excluded
from app.importers.read_file import columns_not_read, match_columns, read_file
from app.importers.values import (
    TEXT,
    Series,
    as_cents,
    as_id,
    as_number,
    as_text,
    as_timestamp,
    as_whole_number,
    read_column,
)
from clv.errors import UserError
from clv.lake import Lake

COLUMNS = {
    "invoice": ("InvoiceNo",),
    "stock_code": (),
    "description": (),
    "quantity": (),
    "invoice_date": ("invoice_ts",),
    "price": ("unit_price",),
    "customer_id": (),
    "country": (),
}
CURRENCIES = ("GBP", "EUR")
PRODUCT_CODE = r"\d{5}"

DUPLICATE = "equal to an earlier row in all eight columns"
NO_PRODUCT = "stock code is no product"
NEGATIVE_QUANTITY = "negative quantity outside a C invoice"
NO_PRICE = "price of 0 or less"
REASONS = (DUPLICATE, NO_PRODUCT, NEGATIVE_QUANTITY, NO_PRICE)


def import_online_retail(
    file: Path,
    lake: Lake,
    currency: str = "GBP",
    extracted_at: datetime | None = None,
    *,
    replace: bool = False,
) -> ImportAccount:
    """Write `orders`, `order_lines` and `refunds` of an Online Retail II file; return its account.

    With `currency="EUR"` the amounts are taken as euros as they are.

    Raises
    ------
    UserError
        Where the file cannot be read, a column is missing or unreadable, or the lake holds tables already.
    """
    if currency not in CURRENCIES:
        raise UserError(f"--currency {currency}: expected {' or '.join(CURRENCIES)}, as this file is in GBP")
    with lake.replace_raw(extracted_at, replace=replace) as draft:
        delivered = read_file(file)
        matched = match_columns(delivered, file, COLUMNS)
        lines = _read_lines(delivered, matched, file).assign(currency=currency)
        cents, reason, refund = as_cents(lines["amount"]), _reasons(lines), _is_refund(lines)
        _write_tables(draft, lines[reason == ""], refund[reason == ""])
        write_excluded(draft, delivered, reason, cents)
        account = _account(file, cents, reason, refund, columns_not_read(delivered, matched))
        account.write(draft)
    return account


def _read_lines(delivered: pd.DataFrame, matched: dict[str, str], file: Path) -> pd.DataFrame:
    cells = {name: delivered[column] for name, column in matched.items()}
    quantity_cell, price_cell, ts_cell = cells["quantity"], cells["price"], cells["invoice_date"]
    quantity = read_column(file, matched["quantity"], quantity_cell, as_number, "a number")
    price = read_column(file, matched["price"], price_cell, as_number, "a number")
    ts = read_column(file, matched["invoice_date"], ts_cell, as_timestamp, "ISO 8601")
    return pd.DataFrame(
        {
            "order_id": as_id(cells["invoice"]),
            "sku": as_id(cells["stock_code"]),
            "customer_id": as_id(cells["customer_id"]),
            "country": as_text(cells["country"]),
            "description": cells["description"],
            "quantity": as_whole_number(quantity),
            "quantity_cell": quantity_cell,
            "price": price,
            "price_cell": price_cell,
            "ts": ts,
            "ts_cell": ts_cell,
            "amount": quantity * price,
            "amount_cell": price_cell.where(price.isna(), quantity_cell),
        }
    )


def _is_refund(lines: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return lines["order_id"].str.upper().str.startswith("C").fillna(value=False).to_numpy(dtype=bool)


def _reasons(lines: pd.DataFrame) -> "pd.Series[str]":
    original = ["order_id", "sku", "description", "quantity_cell", "ts_cell", "price_cell", "customer_id"]
    masks: list[Series] = [
        lines.duplicated([*original, "country"]),
        ~lines["sku"].str.match(PRODUCT_CODE).fillna(value=False),
        (lines["quantity"] < 0).fillna(value=False) & ~_is_refund(lines),
        lines["price"] <= 0,
    ]
    reasons = np.select([mask.to_numpy(dtype=bool) for mask in masks], list(REASONS), default="")
    return pd.Series(reasons, index=lines.index)


def _write_tables(draft: Path, lines: pd.DataFrame, refund: npt.NDArray[np.bool_]) -> None:
    raw_tables.write_orders(draft, lines[~refund])
    raw_tables.write_order_lines(draft, lines[~refund])
    raw_tables.write_refunds(draft, _refunds(lines[refund]))


def _refunds(lines: pd.DataFrame) -> pd.DataFrame:
    line_no = lines.groupby("order_id", sort=False, dropna=False).cumcount() + 1
    refund_id = lines["order_id"] + "-" + line_no.astype(TEXT)
    no_order = pd.Series(pd.NA, index=lines.index, dtype=TEXT)
    return lines.assign(refund_id=refund_id, order_id=no_order, amount=-lines["amount"])


def _account(
    file: Path,
    cents: npt.NDArray[np.int64],
    reason: "pd.Series[str]",
    refund: npt.NDArray[np.bool_],
    notes: list[str],
) -> ImportAccount:
    because = reason.to_numpy()
    excluded = {why: count(cents, because == why) for why in REASONS}
    handed = {
        "order_lines": count(cents, (because == "") & ~refund),
        "refunds": count(cents, (because == "") & refund),
    }
    total = count(cents, np.ones(len(cents), dtype=bool))
    return ImportAccount("online-retail", file.name, total.rows, total.cents, handed, excluded, tuple(notes))
