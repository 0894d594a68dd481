"""What came after a t₀, by customer and by day: the ledger as monitoring needs it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clv.timeline import epoch_day

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS = ("customer_id", "entry_ts", "known_ts", "amount_eur_cents")
MILESTONES_DAYS = (30, 90, 180, 365)
_DAY_US = 86_400_000_000


def milestones(horizon_days: int) -> tuple[int, ...]:
    """Return the days after t₀ at which a forecast is compared, the end of the horizon last."""
    return (*(day for day in MILESTONES_DAYS if day < horizon_days), horizon_days)


@dataclass(frozen=True)
class Outcomes:
    """Ledger entries of known customers, sorted by the day of their revenue; days since 1970-01-01.

    customers : ids; `who` are places in it
    """

    customers: "pd.Index[str]"
    who: Ints
    day: Ints
    known_day: Ints
    cents: Ints

    @classmethod
    def of(cls, entries: Iterable[pa.Table], since: date) -> Self:
        """Return the entries of tables with the columns `COLUMNS` whose revenue is of `since` or later."""
        parts = [_own(rows, epoch_day(since)) for rows in entries]
        rows = pa.concat_tables(parts).combine_chunks() if parts else _own(_NONE, 0)
        coded = pc.dictionary_encode(rows["customer_id"].combine_chunks())
        day = rows["day"].to_numpy()
        order = np.argsort(day, kind="stable")
        return cls(
            pd.Index(coded.dictionary.to_pylist(), dtype=object),
            coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)[order],
            day[order],
            rows["known_day"].to_numpy()[order],
            rows["amount_eur_cents"].to_numpy()[order],
        )

    def revenue_eur(self, customer_ids: "pd.Series[str]", as_of: date, days: Sequence[int]) -> Floats:
        """Return what each customer brought in [t₀, t₀ + k) as known at t₀ + k, for each k of `days`.

        Shape (customers, days), EUR; 0 where nothing came. `days` rise. This is the label of a horizon of k
        days, see `glue_jobs.labels`.
        """
        begin = epoch_day(as_of)
        span = slice(*np.searchsorted(self.day, [begin, begin + days[-1]]))
        until = self.known_day[span] - begin
        found = np.zeros((len(customer_ids), len(days)))
        place = self.customers.get_indexer(pd.Index(customer_ids, dtype=object))
        there = place >= 0
        for column, k in enumerate(days):
            known = until < k  # nothing is known before it is: entry_ts ≤ known_ts
            who, cents = self.who[span][known], self.cents[span][known]
            sums = np.bincount(who, cents, minlength=len(self.customers))  # exact below 2⁵³ cents
            found[there, column] = sums[place[there]] / 100.0
        return found


_NONE = pa.table(
    {
        "customer_id": pa.array([], pa.string()),
        "entry_ts": pa.array([], pa.timestamp("us")),
        "known_ts": pa.array([], pa.timestamp("us")),
        "amount_eur_cents": pa.array([], pa.int64()),
    }
)


def _own(rows: pa.Table, since: int) -> pa.Table:
    """Return the entries of known customers from a day on, with their days."""
    day, known_day = (_days(rows[name]) for name in ("entry_ts", "known_ts"))
    found = pa.table(
        {
            "customer_id": rows["customer_id"].cast(pa.string()),
            "day": day,
            "known_day": known_day,
            "amount_eur_cents": rows["amount_eur_cents"].cast(pa.int64()),
        }
    )
    return found.filter(pc.and_(pc.is_valid(found["customer_id"]), pc.greater_equal(found["day"], since)))


def _days(stamps: pa.ChunkedArray) -> pa.Array:
    micros = stamps.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return pa.array(micros // _DAY_US)
