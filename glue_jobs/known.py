"""What was known at an instant: the cut of ledger and events into History and Future."""

from dataclasses import dataclass
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from clv.conform import blank, typed
from clv.contracts import RAW_TABLES
from clv.money import to_cents, to_eur_cents
from clv.timeline import Future, History, Horizon, t0
from glue_jobs.intake.fates import USED
from glue_jobs.intake.repeats import known_ts

_ORDER = (
    "order_id", "customer_id", "entry_ts", "country", "device", "payment_method", "voucher", "rate_per_eur",
    "gross_eur_cents", "discount_eur_cents", "net_eur_cents", "cost_eur_cents", "line_count", "units",
)  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """The tables of the ledger partition, and the event tables as delivered.

    `disputed_<event table>` of the ledger has every row of the events that are not simply used.
    """

    ledger: dict[str, ir.Table]
    events: dict[str, ir.Table]


def history(sources: Sources, as_of: date) -> History:
    """Return what was known at t₀ of `as_of`."""
    at = ibis.timestamp(t0(as_of))
    orders = known_orders(sources.ledger["orders"], t0(as_of))
    customers, products = _attributes(sources, "customers", at), _attributes(sources, "products", at)
    markets = sources.ledger.get("markets")
    return History(
        as_of=as_of,
        orders=orders,
        lines=_lines(sources.ledger["lines"], orders, at),
        entries=known_entries(sources.ledger["entries"], t0(as_of)),
        customers=None if customers is None else _customers(customers),
        products=None if products is None else products.select("sku", "category", "brand"),
        web=_events(sources, "web_events", at),
        email=_events(sources, "email_events", at),
        markets=None if markets is None else markets.select("country", launch_day=_days(markets.launch_date)),
    )


def future(sources: Sources, as_of: date, horizon: Horizon) -> Future:
    """Return what came in [t₀, t₀ + H), as known at its end."""
    begin, end = ibis.timestamp(t0(as_of)), t0(horizon.end(as_of))
    entries = known_entries(sources.ledger["entries"], end)
    orders = known_orders(sources.ledger["orders"], end)
    return Future(
        as_of, horizon, entries.filter(entries.entry_ts >= begin), orders.filter(orders.entry_ts >= begin)
    )


def known_orders(states: ir.Table, instant: datetime) -> ir.Table:
    """Return the counted orders of known customers before `instant`, as known then."""
    at = ibis.timestamp(instant)
    orders = states.filter(_known(states, at) & ~states.cancelled & states.customer_id.notnull())
    return orders.select(*_ORDER, day=_day(orders.entry_ts))


def known_entries(entries: ir.Table, instant: datetime) -> ir.Table:
    """Return the ledger entries of known customers before `instant`, as known then."""
    at = ibis.timestamp(instant)
    rows = entries.filter((entries.entry_ts < at) & (entries.known_ts < at) & entries.customer_id.notnull())
    return rows.select("customer_id", "kind", "amount_eur_cents", "entry_ts", day=_day(rows.entry_ts))


def _lines(lines: ir.Table, orders: ir.Table, at: ir.TimestampValue) -> ir.Table:
    rows = lines.filter(_known(lines, at))
    cents = to_cents(rows.gross_amount) - to_cents(rows.discount) - to_cents(rows.tax)
    rows = rows.select("order_id", "sku", units="quantity", cents=cents)
    joined = rows.inner_join(orders.select("order_id", "customer_id", "day", "rate_per_eur"), "order_id")
    net = to_eur_cents(joined.cents, joined.rate_per_eur)
    return joined.select("order_id", "customer_id", "day", "sku", "units", net_eur_cents=net)


def _attributes(sources: Sources, name: str, at: ir.TimestampValue) -> ir.Table | None:
    rows = sources.ledger.get(name)
    return None if rows is None else rows.filter(_known(rows, at))


def _customers(rows: ir.Table) -> ir.Table:
    attributes = ("country", "device", "acquisition_channel", "campaign", "marketing_consent")
    return rows.select("customer_id", *attributes, signup_day=_day(rows.signup_ts))


def _events(sources: Sources, name: str, at: ir.TimestampValue) -> ir.Table | None:
    """Return the used events before `at`, each as known then."""
    found = sources.events.get(name)
    if found is None:
        return None
    table, disputed = RAW_TABLES[name], sources.ledger[f"disputed_{name}"]
    rows = found.filter(~blank(found.event_id.cast("string"))).select(**typed(table, found))
    plain = rows.filter(known_ts(table, rows) < at)
    plain = plain.anti_join(disputed, "event_id")
    ruled = disputed.filter((disputed.fate == USED) & _known(disputed, at))
    columns = ("customer_id", "type", "device", "ts")
    events = plain.select(columns).union(ruled.select(columns).cast(plain.select(columns).schema()))
    return events.select("customer_id", "type", "device", day=_day(events.ts))


def _known(rows: ir.Table, at: ir.TimestampValue) -> ir.BooleanValue:
    """Say which rows were known at `at`: known_ts (null: always) < at ≤ known_until_ts (null: for good)."""
    begun = rows.known_ts.isnull() | (rows.known_ts < at)
    return begun & (rows.known_until_ts.isnull() | (rows.known_until_ts >= at))


def _day(ts: ir.TimestampValue) -> ir.IntegerValue:
    return _days(ts.date())


def _days(date_: ir.DateValue) -> ir.IntegerValue:
    return date_.epoch_days().cast("int32")
