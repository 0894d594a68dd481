"""Verb: write a marketplace into a lake, chunk by chunk: its raw tables and, kept apart, its truth."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from app.importers.ecb import ecb_rates
from app.world import parameters as p
from app.world import seasons, tables
from app.world.catalogue import draw_catalogue
from app.world.chunk import Chunk, draw_chunk
from app.world.rates import daily_rates
from app.world.seasons import Floats, Ints
from app.world.truth import expected_net_eur
from app.world.write import raw_tables, write_expected, write_latent, write_part
from clv.errors import UserError
from clv.lake import Lake


@dataclass(frozen=True)
class WorldSummary:
    """What was written: rows by raw table, and the marketplace's shape over its three years.

    one_order_share : of the buyers, those with exactly one order.
    top_tenth_share : of all known customers' net revenue, what the best tenth of the buyers brought.
    """

    customers: int
    buyers: int
    rows: dict[str, int]
    one_order_share: float
    top_tenth_share: float


@dataclass
class _Tally:
    """What is kept of each chunk once it is written."""

    rows: Counter[str] = field(default_factory=Counter)
    orders: list[Ints] = field(default_factory=list)
    net_eur: list[Floats] = field(default_factory=list)
    expected_eur: dict[date, list[Floats]] = field(default_factory=lambda: {day: [] for day in p.TRUTH_AS_OF})


def write_world(
    lake: Lake, customers: int, seed: int, replace: bool, progress: Callable[[str], None]
) -> WorldSummary:
    """Write the raw tables and the truth of a marketplace; the same customers and seed give the same tables.

    UserError where the lake holds raw tables and `replace` is false, or a number is out of range.
    """
    if customers < 1 or seed < 0:
        raise UserError(f"customers {customers}, seed {seed}: give at least 1 customer and a seed from 0 on")
    truth, tally = lake.path("truth.draft"), _Tally()
    with lake.replace_raw(seasons.END_TS, replace=replace) as raw:
        shutil.rmtree(truth, ignore_errors=True)
        _write_chunks(raw, truth, chunk_sizes(customers), seed, (tally, progress))
        for as_of, expected in tally.expected_eur.items():
            write_expected(truth, as_of, np.concatenate(expected))
    shutil.rmtree(lake.path("truth"), ignore_errors=True)
    truth.rename(lake.path("truth"))
    return _summary(customers, tally)


def chunk_sizes(customers: int) -> list[int]:
    """Return how many customers each chunk draws."""
    whole, rest = divmod(customers, p.CHUNK_CUSTOMERS)
    return [p.CHUNK_CUSTOMERS] * whole + [rest] * (rest > 0)


def _write_chunks(
    raw: Path, truth: Path, sizes: list[int], seed: int, told: tuple[_Tally, Callable[[str], None]]
) -> None:
    tally, progress = told
    published = ecb_rates()
    catalogue, rates = draw_catalogue(seed), daily_rates(published)
    fixed = {
        "products": tables.products_table(catalogue),
        "markets": tables.markets_table(),
        "fx_rates": published,
    }
    for name, table in fixed.items():
        tally.rows[name] += write_part(raw, 0, name, table)
    for number, members in enumerate(sizes):
        chunk = draw_chunk(seed, number, members, catalogue, rates)
        for name, table in raw_tables(chunk, catalogue):
            tally.rows[name] += write_part(raw, number, name, table)
        write_latent(truth, chunk)
        _count(tally, chunk)
        progress(f"world: {sum(sizes[: number + 1]):,} of {sum(sizes):,} customers")


def _count(tally: _Tally, chunk: Chunk) -> None:
    tally.orders.append(np.bincount(chunk.orders.customer, minlength=chunk.members)[: chunk.members])
    tally.net_eur.append(chunk.net_eur())
    for as_of, expected in tally.expected_eur.items():
        expected.append(expected_net_eur(chunk, seasons.day_of(as_of), p.HORIZON_DAYS))


def _summary(customers: int, tally: _Tally) -> WorldSummary:
    orders, net = np.concatenate(tally.orders), np.concatenate(tally.net_eur)
    buyers = int((orders > 0).sum())
    best = np.sort(net[orders > 0])[::-1][: max(buyers // 10, 1)]
    return WorldSummary(
        customers=customers,
        buyers=buyers,
        rows=dict(tally.rows),
        one_order_share=float((orders == 1).sum() / max(buyers, 1)),
        top_tenth_share=float(best.sum() / max(net.sum(), 0.01)),
    )
