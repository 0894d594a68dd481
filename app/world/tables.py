"""A chunk as raw tables: ids, codes spelt out, the contract's columns and types, before any fault."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.world import parameters as p
from app.world import seasons
from app.world.baskets import VOUCHERS
from app.world.catalogue import Catalogue
from app.world.chunk import Chunk
from app.world.customers import Flags
from app.world.rates import CURRENCIES
from app.world.seasons import Floats, Ints
from clv.contracts import CUSTOMERS, MARKETS, ORDER_LINES, ORDERS, PRODUCTS, REFUNDS
from clv.schema import Table, Type

ARROW: dict[Type, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "money": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}
RECORDED_WITHIN_DAYS = 0.003
"""Mean lag of a record behind its order (assumption)."""
_COUNTRIES = [market.country for market in p.MARKETS]
_PAYMENTS = [method for market in p.MARKETS for method in market.payment_methods]
# Orders of one chunk stay far below this, so that ids are unique without knowing the other chunks.
_CHUNK_STEP = 10_000_000


def contract_table(contract: Table, columns: dict[str, pa.Array]) -> pa.Table:
    """Return the contract's columns in order, typed; what is not given is null."""
    size = len(next(iter(columns.values())))
    arrays = [
        columns[column.name].cast(ARROW[column.type])
        if column.name in columns
        else pa.nulls(size, ARROW[column.type])
        for column in contract.columns
    ]
    return pa.table(arrays, names=list(contract.names))


def coded(codes: npt.NDArray[np.integer[Any]], pool: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    """Return strings by their place in `pool`, dictionary-encoded; null where the code is negative."""
    indices = pa.array(codes.astype(np.int32, copy=False), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(pool, pa.string()))


def stamps(microseconds: Ints, null: Flags | None = None) -> pa.Array:
    """Return microseconds since 1970 as naive UTC timestamps."""
    return pa.array(microseconds, pa.int64(), mask=null).cast(pa.timestamp("us"))


def numbered(prefix: str, chunk: int, numbers: Ints) -> pa.Array:
    """Return ids of one length, unique over all chunks."""
    text = pa.array(1_000 * _CHUNK_STEP + chunk * _CHUNK_STEP + numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, "") if prefix else text


def customer_ids(numbers: Ints) -> pa.Array:
    """Return the ids of customers counted over all chunks."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise("c", digits, "")


def member_ids(chunk: Chunk) -> pa.Array:
    """Return the members' ids; guests have none."""
    return customer_ids(chunk.number * p.CHUNK_CUSTOMERS + np.arange(chunk.members))


def recorded(chunk: Chunk) -> Ints:
    """Return when each order was recorded, in microseconds: minutes later, before the end."""
    lag = chunk.faults.exponential(RECORDED_WITHIN_DAYS, len(chunk.orders.day))
    return np.minimum(seasons.microseconds(chunk.orders.day + lag), seasons.END_US - 1_000_000)


def orders_table(chunk: Chunk, recorded_us: Ints) -> pa.Table:
    """Return `orders`."""
    orders = chunk.orders
    cancelled = np.nan_to_num(orders.cancelled)
    columns = {
        "order_id": numbered("o", chunk.number, np.arange(len(orders.day))),
        "customer_id": coded(_known(orders.customer, chunk), member_ids(chunk)),
        "order_ts": stamps(seasons.microseconds(orders.day)),
        "currency": coded(orders.currency, CURRENCIES),
        "country": coded(orders.market, _COUNTRIES),
        "device": coded(orders.device, p.DEVICES),
        "payment_method": coded(orders.market * 3 + orders.payment, _PAYMENTS),
        "voucher_code": coded(orders.voucher, [code for code, _ in VOUCHERS]),
        "cancelled_ts": stamps(seasons.microseconds(cancelled), np.isnan(orders.cancelled)),
        "recorded_ts": stamps(recorded_us),
    }
    return contract_table(ORDERS, columns)


def lines_table(chunk: Chunk, recorded_us: Ints, catalogue: Catalogue) -> pa.Table:
    """Return `order_lines`."""
    lines = chunk.lines
    columns = {
        "order_id": numbered("o", chunk.number, lines.order),
        "line_no": pa.array(lines.number),
        "sku": coded(lines.product, catalogue.sku),
        "quantity": pa.array(lines.quantity),
        "gross_amount": _amounts(lines.gross),
        "discount": _amounts(lines.discount),
        "tax": _amounts(lines.tax),
        "unit_cost": _amounts(lines.unit_cost),
        "recorded_ts": stamps(recorded_us[lines.order]),
    }
    return contract_table(ORDER_LINES, columns)


def refunds_table(chunk: Chunk) -> pa.Table:
    """Return `refunds`."""
    refunds, order = chunk.refunds, chunk.lines.order[chunk.refunds.line]
    columns = {
        "refund_id": numbered("r", chunk.number, np.arange(len(order))),
        "customer_id": coded(_known(chunk.orders.customer[order], chunk), member_ids(chunk)),
        "order_id": numbered("o", chunk.number, order),
        "line_no": pa.array(chunk.lines.number[refunds.line]),
        "refund_ts": stamps(seasons.microseconds(refunds.day)),
        "amount": _amounts(refunds.amount),
        "tax": _amounts(refunds.tax),
        "currency": coded(chunk.orders.currency[order], CURRENCIES),
        "recorded_ts": stamps(seasons.microseconds(refunds.recorded)),
    }
    return contract_table(REFUNDS, columns)


def customers_table(chunk: Chunk) -> pa.Table:
    """Return `customers`: a row from signup on, and one from opting out on, if before the end."""
    everyone = chunk.population.take(np.arange(chunk.members))
    left = np.flatnonzero(everyone.opt_out < seasons.DAYS)
    who = np.concatenate([np.arange(chunk.members), left])
    again = np.arange(len(who)) >= chunk.members
    shown = everyone.take(who)
    since = np.where(again, shown.opt_out, shown.signup)
    columns = {
        "customer_id": coded(who, member_ids(chunk)),
        "signup_ts": stamps(seasons.microseconds(shown.signup)),
        "country": coded(shown.market, _COUNTRIES),
        "device": coded(shown.device, p.DEVICES),
        "acquisition_channel": coded(shown.channel, p.CHANNELS),
        "campaign": _campaigns(shown.channel, shown.campaign, shown.signup),
        "marketing_consent": pa.array(shown.consent & ~again),
        "valid_from": stamps(seasons.microseconds(since)),
    }
    return contract_table(CUSTOMERS, columns)


def products_table(catalogue: Catalogue) -> pa.Table:
    """Return `products`."""
    brands = [f"{category}-{n + 1}" for category in p.CATEGORIES for n in range(p.BRANDS_PER_CATEGORY)]
    columns = {
        "sku": pa.array(catalogue.sku),
        "category": coded(catalogue.category, p.CATEGORIES),
        "brand": coded(catalogue.category * p.BRANDS_PER_CATEGORY + catalogue.brand, brands),
    }
    return contract_table(PRODUCTS, columns)


def markets_table() -> pa.Table:
    """Return `markets`."""
    launches = pa.array([market.launch for market in p.MARKETS], pa.date32())
    return contract_table(MARKETS, {"country": pa.array(_COUNTRIES), "launch_date": launches})


def _known(customer: Ints, chunk: Chunk) -> Ints:
    return np.where(chunk.population.member[customer], customer, -1)


def _amounts(cents: Ints) -> pa.Array:
    return pa.array(cents / 100.0)


def _campaigns(channel: Ints, campaign: Ints, signup: Floats) -> pa.Array:
    """Return names such as paid_social-prospecting-2024q3."""
    months = [seasons.date_at(day) for day in range(seasons.DAYS)]
    quarters = sorted({f"{day.year}q{(day.month + 2) // 3}" for day in months})
    place = {name: number for number, name in enumerate(quarters)}
    quarter = np.array([place[f"{day.year}q{(day.month + 2) // 3}"] for day in months])[
        signup.astype(np.int64)
    ]
    pool = [f"{c}-{kind}-{q}" for c in p.CHANNELS for kind in p.CAMPAIGNS for q in quarters]
    code = (channel * len(p.CAMPAIGNS) + campaign) * len(quarters) + quarter
    return coded(np.where(campaign < 0, -1, code), pool)
