"""Import of a plain transaction log (CSV, Parquet or workbook), one row per payment.

Columns, matched without case, blanks and underscores:

- `customer_id` (or customer): empty for a guest
- `ts` (or timestamp, date): ISO 8601, UTC where it has no offset
- `amount` (or revenue, value): taken as net, with tax 0 and discount 0
- optional `order_id` (or order), `currency`, `country`, `channel`, `is_refund`, `variable_cost`

Rules:

1. A negative amount is a refund, and so is a row whose `is_refund` is true, whatever its sign.
2. Rows of one customer at one instant without `order_id` are one order; without a customer, each row is one.
3. A refund with an `order_id` belongs to that order, which must be in the file; leave the cell empty where
   the log does not say what was refunded.
4. The row's own currency goes before `--currency`, which fills the empty cells. `--currency EUR` takes all
   amounts as euros as they are, whatever the column says.
5. `variable_cost` is the cost of the whole row: `unit_cost` of a line of one piece. A refund has no cost.
6. With a channel or a country, `customers` holds those of each customer's first row.
7. Nothing is excluded. A cell that cannot be read is handed on as it is, for quarantine; where `is_refund`
   cannot be read the amount has no known sign, and both cells stand in its place.
"""

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.importers import raw_tables
from app.importers.accounts import ImportAccount, count
from app.importers.read_file import columns_not_read, match_columns, read_file
from app.importers.values import (
    TEXT,
    Series,
    as_cents,
    as_flag,
    as_id,
    as_number,
    as_text,
    as_timestamp,
    read_column,
)
from clv.errors import UserError
from clv.lake import Lake

REQUIRED = {"customer_id": ("customer",), "ts": ("timestamp", "date"), "amount": ("revenue", "value")}
OPTIONAL: dict[str, tuple[str, ...]] = {
    "order_id": ("order",),
    "currency": (),
    "country": (),
    "channel": (),
    "is_refund": (),
    "variable_cost": (),
}


def import_transactions(
    file: Path, lake: Lake, currency: str, extracted_at: datetime | None = None, *, replace: bool = False
) -> ImportAccount:
    """Write `orders`, `order_lines`, `refunds` and perhaps `customers` of a log; return its account.

    Raises
    ------
    UserError
        Where the file cannot be read, a column is missing or unreadable, `currency` is no currency code, or
        the lake holds tables already.
    """
    if not re.fullmatch("[A-Z]{3}", currency):
        raise UserError(f"--currency {currency}: expected an ISO 4217 code such as EUR or GBP")
    with lake.replace_raw(extracted_at, replace=replace) as draft:
        delivered = read_file(file)
        matched = match_columns(delivered, file, REQUIRED, OPTIONAL)
        rows = _read_rows(delivered, matched, file, currency)
        refund = rows["is_refund"].to_numpy(dtype=bool)
        sales = rows[~refund].assign(order_id=_order_ids(rows[~refund]))
        raw_tables.write_orders(draft, sales)
        raw_tables.write_order_lines(draft, sales)
        raw_tables.write_refunds(draft, _refunds(rows[refund]))
        if matched.keys() & {"channel", "country"}:
            raw_tables.write_customers(draft, _customers(rows, matched))
        notes = [*_taken_as_euros(matched, currency), *columns_not_read(delivered, matched)]
        account = _account(file, rows, notes)
        account.write(draft)
    return account


def _read_rows(delivered: pd.DataFrame, matched: dict[str, str], file: Path, currency: str) -> pd.DataFrame:
    nothing = pd.Series(pd.NA, index=delivered.index, dtype=TEXT)
    cells = {name: delivered.get(matched.get(name), nothing) for name in {**REQUIRED, **OPTIONAL}}
    amount = read_column(file, matched["amount"], cells["amount"], as_number, "a number")
    rows = pd.DataFrame(
        {
            "row_no": np.arange(1, len(delivered) + 1),
            "order_id": as_id(cells["order_id"]),
            "customer_id": as_id(cells["customer_id"]),
            "ts": read_column(file, matched["ts"], cells["ts"], as_timestamp, "ISO 8601"),
            "ts_cell": cells["ts"],
            "currency": _currencies(cells["currency"], currency),
            "country": as_text(cells["country"]),
            "channel": as_text(cells["channel"]),
            "quantity": 1,
            "quantity_cell": "1",
        }
    )
    rows = rows.assign(**_signed(amount, cells["amount"], cells["is_refund"]))
    if "variable_cost" in matched:
        cost = as_number(cells["variable_cost"])
        rows = rows.assign(unit_cost=cost, unit_cost_cell=cells["variable_cost"])
    return rows


def _currencies(cells: Series, currency: str) -> Series:
    if currency == "EUR":
        return pd.Series("EUR", index=cells.index, dtype=TEXT)
    return as_text(cells).str.upper().fillna(currency)


def _signed(amount: Series, amount_cell: Series, flag_cell: Series) -> dict[str, Series]:
    flag, text = as_flag(flag_cell), as_text(flag_cell)
    unknown = flag.isna() & text.notna()
    both = as_text(amount_cell).fillna("") + " (is_refund " + text.fillna("") + ")"
    return {
        "amount": amount.abs().mask(unknown),
        "amount_cell": as_text(amount_cell).mask(unknown, both),
        "is_refund": flag.fillna(value=False) | (amount < 0).mask(unknown, other=False),
    }


def _order_ids(sales: pd.DataFrame) -> Series:
    iso = pc.strftime(pa.array(sales["ts"]), "%Y-%m-%dT%H:%M:%S").cast(pa.string())
    moment = pd.Series(iso.to_pandas().to_numpy(), index=sales.index, dtype=TEXT)
    moment = moment.str.removesuffix(".000000").fillna(as_text(sales["ts_cell"]))
    of_row = "row-" + sales["row_no"].astype(TEXT)
    return sales["order_id"].fillna(sales["customer_id"] + "@" + moment).fillna(of_row)


def _refunds(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(refund_id="row-" + rows["row_no"].astype(TEXT))


def _customers(rows: pd.DataFrame, matched: dict[str, str]) -> pd.DataFrame:
    named = rows[rows["customer_id"].notna()].sort_values("ts", kind="stable")
    first = named.drop_duplicates("customer_id").sort_values("row_no")
    kept = [name for name in ("country", "channel") if name in matched]
    return first[["customer_id", *kept]].rename(columns={"channel": "acquisition_channel"})


def _taken_as_euros(matched: dict[str, str], currency: str) -> list[str]:
    if currency != "EUR" or "currency" not in matched:
        return []
    return [f"column {matched['currency']} not used: --currency EUR takes amounts as they are"]


def _account(file: Path, rows: pd.DataFrame, notes: list[str]) -> ImportAccount:
    refund = rows["is_refund"].to_numpy(dtype=bool)
    cents = as_cents(rows["amount"]) * np.where(refund, -1, 1)
    total = count(cents, np.ones(len(rows), dtype=bool))
    handed = {"order_lines": count(cents, ~refund), "refunds": count(cents, refund)}
    return ImportAccount("transactions", file.name, total.rows, total.cents, handed, {}, tuple(notes))
