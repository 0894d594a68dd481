"""What goes wrong in delivery: rows restated or repeated, which can be mended, and bad ones, which cannot.

Bad rows are additions under keys of their own; the true rows beside them stay complete.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.world import parameters as p
from app.world import seasons
from app.world.chunk import Chunk
from app.world.engagement import Events
from app.world.seasons import Ints
from app.world.tables import coded, member_ids, numbered, stamps
from clv.schema import Table

UNKNOWN_CUSTOMER, UNKNOWN_ORDER, UNKNOWN_CURRENCY = "c-unknown", "o-unknown", "XXX"
_TS = "recorded_ts"


def faulty_orders(
    rng: np.random.Generator, orders: pa.Table, lines: pa.Table, members: pa.Array
) -> tuple[pa.Table, pa.Table]:
    """Return orders and lines with restatements, duplicates and bad orders, each of these with a line."""
    bad_orders, bad_lines = _bad_orders(rng, orders, lines)
    orders = _reattributed(rng, orders, members)
    own = [_restated(rng, lines), *_bad_lines(rng, lines)]
    lines = pa.concat_tables([*own, bad_lines])
    return pa.concat_tables([orders, _some(rng, orders, p.DUPLICATED_ROWS), bad_orders]), pa.concat_tables(
        [lines, _some(rng, lines, p.DUPLICATED_ROWS)]
    )


def faulty_refunds(rng: np.random.Generator, refunds: pa.Table) -> pa.Table:
    """Return refunds with duplicates, and bad ones: of no order, in no currency, below zero."""
    faults: list[dict[str, Any]] = [
        {"order_id": UNKNOWN_ORDER},
        {"currency": UNKNOWN_CURRENCY},
        {"amount": -1.0},
    ]
    bad = [
        _with(rows, refund_id=_marked(rows["refund_id"], number), **fault)
        for number, fault in enumerate(faults)
        for rows in [_some(rng, refunds, p.BAD_ROWS)]
    ]
    return pa.concat_tables([refunds, _some(rng, refunds, p.DUPLICATED_ROWS), *bad])


def faulty_events(rng: np.random.Generator, contract: Table, events: Events, chunk: Chunk) -> pa.Table:
    """Return an event table: some rows twice, some recorded days later, some of unknown customers or times.

    Strings stay dictionary-encoded, which spares most of the time of writing them.
    """
    size = len(events.ts)
    twice = np.flatnonzero(rng.random(size) < p.DUPLICATED_ROWS)
    late = rng.random(size) < p.LATE_EVENTS
    seen = events.ts + rng.integers(3600, 3 * 86_400, size) * 1_000_000
    late &= seen < seasons.END_US
    customer = np.where(rng.random(size) < p.BAD_EVENTS, chunk.members, events.customer)
    rows = np.concatenate([np.arange(size), twice])
    pool = pa.concat_arrays([member_ids(chunk), pa.array([UNKNOWN_CUSTOMER])])
    columns = {
        "event_id": numbered("", chunk.number, rows),
        "customer_id": coded(customer[rows], pool),
        "ts": stamps(events.ts[rows]),
        "type": coded(events.type[rows], contract.column("type").values),
        "device": coded(events.device[rows], p.DEVICES),
        "metadata_json": pa.nulls(len(rows), pa.string()),
        "recorded_ts": stamps(seen[rows], ~late[rows]),
    }
    return pa.table([columns[name] for name in contract.names], names=list(contract.names))


def _restated(rng: np.random.Generator, lines: pa.Table) -> pa.Table:
    """Return the lines, some of them corrected later: first delivered with twice the quantity."""
    rows, later = _corrections(rng, lines, p.RESTATED_LINES)
    first = lines.take(rows)
    doubled = {name: pc.multiply(first[name], 2) for name in ("quantity", "gross_amount", "discount", "tax")}
    return pa.concat_tables([_with(lines, **{_TS: later}), _with(first, **doubled)])


def _reattributed(rng: np.random.Generator, orders: pa.Table, members: pa.Array) -> pa.Table:
    """Return the orders, some of them first delivered as a guest's or as another customer's."""
    rows, later = _corrections(rng, orders, p.REATTRIBUTED_ORDERS)
    first = orders.take(rows)
    wrong = np.where(rng.random(len(rows)) < 0.5, -1, rng.integers(0, len(members), len(rows)))
    first = _with(first, customer_id=coded(wrong, members).cast(pa.string()))
    return pa.concat_tables([_with(orders, **{_TS: later}), first])


def _corrections(rng: np.random.Generator, table: pa.Table, share: float) -> tuple[Ints, pa.Array]:
    """Return the corrected rows, and `recorded_ts` of all rows with theirs moved to a later day."""
    recorded = table[_TS].cast(pa.int64()).to_numpy().copy()
    rows = np.flatnonzero(rng.random(len(recorded)) < share)
    lag = rng.uniform(*p.RESTATED_AFTER_DAYS, len(rows)) * 86_400
    later = recorded[rows] + lag.astype(np.int64) * 1_000_000
    rows, later = rows[later < seasons.END_US], later[later < seasons.END_US]
    recorded[rows] = later
    return rows, stamps(recorded)


def _bad_orders(rng: np.random.Generator, orders: pa.Table, lines: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return orders in no currency, of no known customer, from the future, and pairs that contradict."""
    faults: list[dict[str, Any]] = [
        {"currency": UNKNOWN_CURRENCY},
        {"customer_id": UNKNOWN_CUSTOMER},
        {"order_ts": stamps(np.array([seasons.END_US + 40 * seasons.DAY_US]))[0]},
        {"device": "desktop"},
        {"device": "mobile"},
    ]
    names = (0, 1, 2, 3, 3)  # the last two are one key with different content
    picks = [np.flatnonzero(rng.random(len(orders)) < p.BAD_ROWS) for _ in range(4)]
    made = []
    for name, fault in zip(names, faults, strict=True):
        rows = orders.take(picks[name])
        made.append(_with(rows, order_id=_marked(rows["order_id"], name), cancelled_ts=None, **fault))
    bad = pa.concat_tables(made)
    ids = pa.concat_tables(made[:4])["order_id"]
    drawn = lines.take(rng.integers(0, len(lines), len(ids)))
    return bad, _with(drawn, order_id=ids, line_no=1)


def _bad_lines(rng: np.random.Generator, lines: pa.Table) -> list[pa.Table]:
    """Return lines below zero, discounted by more than their price, and of no order."""
    below, above, lost = (_some(rng, lines, p.BAD_ROWS) for _ in range(3))
    return [
        _with(below, line_no=901, quantity=-1),
        _with(above, line_no=902, discount=pc.add(above["gross_amount"], 1.0)),
        _with(lost, order_id=UNKNOWN_ORDER, line_no=pa.array(np.arange(len(lost)) + 1)),
    ]


def _some(rng: np.random.Generator, table: pa.Table, share: float) -> pa.Table:
    return table.take(np.flatnonzero(rng.random(len(table)) < share))


def _marked(ids: pa.ChunkedArray, number: int) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(ids, f"x{number}", "-")


def _with(table: pa.Table, **columns: Any) -> pa.Table:
    """Return the table with some columns replaced: by a column, or by one value for all rows."""
    for name, value in columns.items():
        place = table.schema.get_field_index(name)
        kind = table.schema.field(name).type
        whole = isinstance(value, pa.Array | pa.ChunkedArray)
        column = value if whole else pa.repeat(pa.scalar(value, kind), len(table))
        table = table.set_column(place, name, column.cast(kind))
    return table
