"""How far the data reaches, and what a first forecast needs of it."""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis

from clv.timeline import EPOCH
from glue_jobs.known import Sources


@dataclass(frozen=True)
class Extent:
    """Days of the first and the last ledger entry."""

    first: date
    last: date


def extent(sources: Sources) -> Extent:
    """Return how far the ledger reaches; it has at least one entry."""
    entries = sources.ledger["entries"]
    found = entries.agg(first=entries.entry_ts.min(), last=entries.entry_ts.max()).to_pyarrow().to_pylist()[0]
    return Extent(found["first"].date(), found["last"].date())


def second_order_days(sources: Sources) -> list[date]:
    """Return, for every customer who ordered on two days or more, the second of them."""
    orders = sources.ledger["orders"]
    bought = orders.filter(orders.customer_id.notnull() & orders.known_until_ts.isnull() & ~orders.cancelled)
    days = bought.select("customer_id", day=bought.entry_ts.date().epoch_days().cast("int32")).distinct()
    turn = ibis.row_number().over(ibis.window(group_by="customer_id", order_by="day"))
    numbered = days.mutate(turn=turn)
    second = numbered.filter(numbered.turn == 1).select("day").to_pyarrow()["day"].to_pylist()
    return [EPOCH + timedelta(days=day) for day in second]
