"""All raw tables at once: every row gets its fate, in the order in which tables refer to each other."""

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from clv.conform import typed
from clv.contracts import (
    FX_RATES,
    INVOICES,
    ORDER_LINES,
    ORDERS,
    RAW_TABLES,
    REFUNDS,
    TREATMENTS,
)
from clv.schema import Table
from glue_jobs.intake.billing import billed
from glue_jobs.intake.fates import USED, judged
from glue_jobs.intake.references import daily_rates, owners, priced, referred
from glue_jobs.intake.repeats import Keep, keys_of, repeated_keys, settled

ATTRIBUTES = ("customers", "products", "markets")
EVENTS = ("web_events", "email_events")
PRICED = (ORDERS.name, REFUNDS.name, TREATMENTS.name)


@dataclass(frozen=True)
class Accepted:
    """Settled rows by raw table, and the daily exchange rates made of the used ones."""

    settled: dict[str, ir.Table]
    daily: ir.Table

    def used(self, table: str) -> ir.Table | None:
        """Return the used rows of a table, None where it was not delivered."""
        rows = self.settled.get(table)
        return None if rows is None else rows.filter(rows.fate == USED)


def accept(raw: dict[str, ir.Table], extracted_at: datetime | None, keep: Keep) -> Accepted:
    """Return every row of every delivered table with its fate, reason, cents and times of knowledge.

    raw : delivered tables as found; orders, order_lines and fx_rates are among them.
    keep : computes a table once (an engine's `keep`).
    """
    rows = {name: judged(RAW_TABLES[name], found, extracted_at) for name, found in raw.items()}
    done: dict[str, ir.Table] = {}

    def settle(table: Table, judged_rows: ir.Table) -> None:
        again = keep(repeated_keys(table, keys_of(table, raw[table.name])))
        done[table.name] = settled(table, judged_rows, again, keep)

    for name in (FX_RATES.name, *ATTRIBUTES):
        if name in rows:
            settle(RAW_TABLES[name], rows[name])
    rates = done[FX_RATES.name].filter(done[FX_RATES.name].fate == USED)
    daily = keep(daily_rates(rates.semi_join(_currencies(rows), "currency")))
    orders, invoices = _orders(_of_customers(rows[ORDERS.name], done), rows.get(INVOICES.name), daily)
    settle(ORDERS, orders)
    of_orders = keep(owners(done[ORDERS.name], "order_id"))
    settle(ORDER_LINES, referred(rows[ORDER_LINES.name], "order_id", of_orders))
    if invoices is not None:
        settle(INVOICES, referred(invoices, "order_id", of_orders))
    if REFUNDS.name in rows:
        refunds = referred(_of_customers(rows[REFUNDS.name], done), "order_id", of_orders)
        settle(REFUNDS, priced(refunds, _day(refunds.refund_ts), daily))
    if TREATMENTS.name in rows:
        treatments = _of_customers(rows[TREATMENTS.name], done)
        settle(TREATMENTS, priced(treatments, _day(treatments.treatment_ts), daily))
    return Accepted(done, daily)


def accept_events(
    table: Table,
    found: ir.Table,
    again: ir.Table,
    customers: ir.Table | None,
    extracted_at: datetime | None,
    keep: Keep,
) -> ir.Table:
    """Return the settled rows of an event table that are bad or share their key; all others are used.

    again : the keys that several rows share. Events may be many, and only these few rows are kept.
    """
    key = list(table.key)
    rows = judged(table, found, extracted_at)
    if customers is not None:
        strangers = keep(_strangers(table, found, owners(customers, "customer_id")))
        rows = rows.left_join(strangers, rows.customer_id == strangers.stranger)
        rows = rows.mutate(reason=ibis.coalesce(rows.reason, rows.broken)).drop("stranger", "broken")
    marked = rows.left_join(again.mutate(repeated=True), key)
    disputed = marked.filter(marked.repeated | marked.reason.notnull()).select(rows.columns)
    return settled(table, disputed, again, keep)


def _strangers(table: Table, found: ir.Table, owner: ir.Table) -> ir.Table:
    """Return the customers of `found` none of whose rows is used, and why: stranger, broken.

    They are few to look for in many events. Parquet holds the names once per file, so that finding the
    distinct ones as delivered takes no time.
    """
    names = found.select("customer_id").distinct()
    names = names.select(customer_id=typed(table, names)["customer_id"], reason=ibis.null().cast("string"))
    judged_names = referred(names.distinct(), "customer_id", owner)
    bad = judged_names.filter(judged_names.reason.notnull())
    return bad.select(stranger="customer_id", broken="reason")


def _currencies(rows: dict[str, ir.Table]) -> ir.Table:
    """Return the currencies that occur: history has rates of many more."""
    return ibis.union(
        *(rows[name].select("currency") for name in PRICED if name in rows),
        distinct=True,
    )


def _of_customers(rows: ir.Table, done: dict[str, ir.Table]) -> ir.Table:
    return (
        referred(rows, "customer_id", owners(done["customers"], "customer_id"))
        if "customers" in done
        else rows
    )


def _orders(orders: ir.Table, invoices: ir.Table | None, daily: ir.Table) -> tuple[ir.Table, ir.Table | None]:
    """Price orders on the day that dates them: their invoice's where invoices are delivered."""
    if invoices is None:
        return priced(orders, _day(orders.order_ts), daily), None
    return billed(orders, invoices, daily)


def _day(ts: ir.TimestampValue) -> ir.IntegerValue:
    return ts.date().epoch_days().cast("int32")
