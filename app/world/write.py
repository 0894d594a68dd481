"""Parquet files of a marketplace: raw parts by chunk, the truth beside them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.world import parameters as p
from app.world import tables
from app.world.catalogue import Catalogue
from app.world.chunk import Chunk
from app.world.faults import faulty_events, faulty_orders, faulty_refunds
from app.world.seasons import Floats
from clv.contracts import EMAIL_EVENTS, WEB_EVENTS

_UNIQUE = ("event_id", "order_id", "refund_id")
_LATENT = (
    "signup",
    "first_order",
    "orders_per_year",
    "conversions_per_year",
    "basket_eur",
    "drift_per_year",
    "lifetime",
    "fade_per_day",
    "on_days",
    "off_days",
    "returns",
    "voucher_share",
    "interest",
    "open_share",
)


def raw_tables(chunk: Chunk, catalogue: Catalogue) -> Iterator[tuple[str, pa.Table]]:
    """Yield (name, rows) of the raw tables of a chunk, its faults included, one at a time."""
    rng, ids = chunk.faults, tables.member_ids(chunk)
    recorded = tables.recorded(chunk)
    lines = tables.lines_table(chunk, recorded, catalogue)
    orders, lines = faulty_orders(rng, tables.orders_table(chunk, recorded), lines, ids)
    yield "orders", orders
    yield "order_lines", lines
    yield "refunds", faulty_refunds(rng, tables.refunds_table(chunk))
    yield "customers", tables.customers_table(chunk)
    yield "web_events", faulty_events(rng, WEB_EVENTS, chunk.web, chunk)
    yield "email_events", faulty_events(rng, EMAIL_EVENTS, chunk.email, chunk)


def write_part(folder: Path, number: int, name: str, table: pa.Table) -> int:
    """Write part `number` of a table below `folder` and return its rows.

    The Arrow schema is left out of the file, so that dictionary-encoded strings are read as plain ones.
    """
    (folder / name).mkdir(parents=True, exist_ok=True)
    texts = (pa.string(), pa.dictionary(pa.int32(), pa.string()))
    repeating = [
        column.name for column in table.schema if column.type in texts and column.name not in _UNIQUE
    ]
    target = folder / name / f"part-{number:03d}.parquet"
    pq.write_table(table, target, use_dictionary=repeating, store_schema=False)
    return len(table)


def write_latent(truth: Path, chunk: Chunk) -> None:
    """Write the kind and the latent parameters of a chunk's members; times in days since START."""
    everyone = chunk.population.take(np.arange(chunk.members))
    kinds = tables.coded(everyone.kind, [kind.name for kind in p.KINDS])
    columns = {name: pa.array(getattr(everyone, name)) for name in _LATENT}
    table = pa.table({"customer_id": tables.member_ids(chunk), "kind": kinds, **columns})
    write_part(truth, chunk.number, "latent", table)


def write_expected(truth: Path, as_of: date, expected_eur: Floats) -> None:
    """Write the expected values at one t₀ of the customers signed up by then; NaN marks the others."""
    known = np.flatnonzero(~np.isnan(expected_eur))
    size = len(known)
    table = pa.table(
        {
            "customer_id": tables.customer_ids(known),
            "as_of": pa.repeat(pa.scalar(as_of, pa.date32()), size),
            "horizon_days": pa.repeat(pa.scalar(p.HORIZON_DAYS, pa.int32()), size),
            "expected_clv_eur": pa.array(expected_eur[known]),
        }
    )
    folder = truth / "expected_value" / f"as_of={as_of}"
    folder.mkdir(parents=True)
    pq.write_table(table, folder / "part.parquet")
