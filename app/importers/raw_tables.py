"""The raw tables of an import, written from one frame of sales and one of refunds.

Columns of both frames: order_id, customer_id, currency, and ts and amount with ts_cell and amount_cell, the
cells they were read from. Sales also have country, quantity with quantity_cell and, where delivered, sku and
unit_cost with unit_cost_cell; refunds have refund_id and a positive amount.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.importers.values import TEXT, Series, typed_or_text


def write_orders(draft: Path, sales: pd.DataFrame) -> None:
    """Write `orders`: one row per order, at the first readable time and first country of its rows.

    Rows of one order that name two customers or currencies give two orders of one key and time, which the
    contract quarantines as contradictory.
    """
    by_order = sales.groupby("order_id", sort=False, dropna=False)
    dated = sales.assign(ts=by_order["ts"].transform("min"), country=by_order["country"].transform("first"))
    orders = dated.drop_duplicates(["order_id", "customer_id", "currency"])
    columns = {
        "order_id": _text(orders["order_id"]),
        "customer_id": _text(orders["customer_id"]),
        "order_ts": typed_or_text(orders["ts"], orders["ts_cell"]),
        "currency": _text(orders["currency"]),
        "country": _text(orders["country"]),
    }
    _write(draft, "orders", columns)


def write_order_lines(draft: Path, sales: pd.DataFrame) -> None:
    """Write `order_lines`: one row per sale, numbered within its order in file order.

    A row later than its order is known later, hence `recorded_ts`; a row whose time cannot be read carries
    that text there and is quarantined.
    """
    by_order = sales.groupby("order_id", sort=False, dropna=False)
    later = sales["ts"] != by_order["ts"].transform("min")
    zeros = pa.array(np.zeros(len(sales)))
    columns = {
        "order_id": _text(sales["order_id"]),
        "line_no": pa.array(by_order.cumcount() + 1, pa.int64()),
        "quantity": typed_or_text(sales["quantity"], sales["quantity_cell"]),
        "gross_amount": typed_or_text(sales["amount"], sales["amount_cell"]),
        "discount": zeros,
        "tax": zeros,
        "recorded_ts": typed_or_text(sales["ts"].where(later), sales["ts_cell"].where(later)),
    }
    if "sku" in sales:
        columns["sku"] = _text(sales["sku"])
    if "unit_cost" in sales:
        columns["unit_cost"] = typed_or_text(sales["unit_cost"], sales["unit_cost_cell"])
    _write(draft, "order_lines", columns)


def write_refunds(draft: Path, refunds: pd.DataFrame) -> None:
    """Write `refunds`, one row per refund, its `refund_id` given; nothing where there is none."""
    if refunds.empty:
        return
    columns = {
        "refund_id": _text(refunds["refund_id"]),
        "customer_id": _text(refunds["customer_id"]),
        "order_id": _text(refunds["order_id"]),
        "refund_ts": typed_or_text(refunds["ts"], refunds["ts_cell"]),
        "amount": typed_or_text(refunds["amount"], refunds["amount_cell"]),
        "tax": pa.array(np.zeros(len(refunds))),
        "currency": _text(refunds["currency"]),
    }
    _write(draft, "refunds", columns)


def write_customers(draft: Path, customers: pd.DataFrame) -> None:
    """Write `customers`, all of whose columns are text."""
    _write(draft, "customers", {str(name): _text(customers[name]) for name in customers.columns})


def _text(cells: Series) -> pa.Array:
    return pa.array(cells.astype(TEXT), pa.string())


def _write(draft: Path, table: str, columns: dict[str, pa.Array]) -> None:
    (draft / table).mkdir()
    pq.write_table(pa.table(columns), draft / table / "part-000.parquet")
