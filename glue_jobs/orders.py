"""Orders through time: one row per order and instant at which something about it became known."""

import ibis
import ibis.expr.types as ir

from clv.money import to_cents, to_eur_cents
from glue_jobs.intake.references import with_rate
from glue_jobs.intake.repeats import Keep

_CENTS = ("gross_cents", "discount_cents", "net_cents", "cost_cents")
_SUMS = (*_CENTS, "line_count", "costed_lines", "units")
_ATTRIBUTES = (
    "customer_id", "order_ts", "currency", "country", "device", "payment_method", "voucher_code",
    "cancelled_ts",
)  # fmt: skip
_STATE = ("entry_ts", *(name for name in _ATTRIBUTES if name != "order_ts"))
_KNOWN = ("known_ts", "known_until_ts")


def order_states(
    orders: ir.Table, lines: ir.Table, invoices: ir.Table | None, daily: ir.Table, keep: Keep
) -> ir.Table:
    """Return the states of every order that has a line (and an invoice, where invoices are delivered).

    orders, lines, invoices : used rows with known_ts and known_until_ts.
    Columns: order_id, customer_id, entry_ts (invoice date, else order date), known_ts, known_until_ts,
    state_no, cancelled, cancelled_ts, country, device, payment_method, voucher (0/1), line_count, units,
    rate_per_eur, gross_/discount_/net_/cost_eur_cents (each rounded once per order; cost is null unless every
    line has one).
    """
    once = keep(_known_at_once(orders, lines, invoices, keep))
    moving = once.filter(once.moves).select("order_id").distinct()
    still = once.anti_join(moving, "order_id").mutate(state_no=ibis.literal(0, "int64"))
    still = still.mutate(known_until_ts=ibis.null().cast("timestamp"))
    billed = None if invoices is None else invoices.semi_join(moving, "order_id")
    moved, their_lines = (table.semi_join(moving, "order_id") for table in (orders, lines))
    states = _through_time(moved, their_lines, billed, keep)
    states = still.select(states.columns).cast(states.schema()).union(states)
    return _priced(states, daily)


def _known_at_once(orders: ir.Table, lines: ir.Table, invoices: ir.Table | None, keep: Keep) -> ir.Table:
    """Return orders with the sums of their lines, and whether anything about them changes later (`moves`).

    An order of which no row moves has one state, which begins when order and invoice are known; for it these
    sums are those of the lines known then. Most orders are such, and need no comparison through time.
    """
    dated = orders.select("order_id", *_ATTRIBUTES, "known_ts", ends=orders.known_until_ts.notnull())
    dated = dated.rename(entry_ts="order_ts")
    if invoices is not None:
        billed = invoices.select(
            "order_id",
            entry_ts="invoice_ts",
            billed_ts="known_ts",
            billed_ends=invoices.known_until_ts.notnull(),
        )
        dated = dated.drop("entry_ts").inner_join(billed, "order_id")
        since_ts = ibis.greatest(dated.known_ts, dated.billed_ts.fill_null(dated.known_ts))
        dated = dated.mutate(known_ts=since_ts, ends=dated.ends | dated.billed_ends)
    own = lines.select("order_id", *_line_amounts(lines), *_KNOWN)
    sums = own.group_by("order_id").agg(
        **_sums(own), line_known_ts=own.known_ts.max(), line_ends=own.known_until_ts.notnull().max()
    )
    # Kept apart: in one query with their join the sums of 15 M orders outgrew DuckDB's memory limit.
    joined = dated.inner_join(keep(sums), "order_id")
    last_ts = ibis.greatest(
        *(joined[name].fill_null(joined.known_ts) for name in ("cancelled_ts", "line_known_ts"))
    )
    moves = joined.ends | joined.line_ends | (last_ts > joined.known_ts)
    return joined.select("order_id", "known_ts", *_STATE, *_SUMS, moves=moves)


def _through_time(orders: ir.Table, lines: ir.Table, invoices: ir.Table | None, keep: Keep) -> ir.Table:
    """Return the states of every order, numbered, with the attributes and sums known in each."""
    states = _joined(keep(_changes(orders, lines, invoices)), orders, lines, invoices)
    in_turn = ibis.window(group_by="order_id", order_by="known_ts")
    return states.mutate(
        state_no=ibis.row_number().over(in_turn), known_until_ts=states.known_ts.lead().over(in_turn)
    ).select("order_id", *_KNOWN, "state_no", *_STATE, *_SUMS)


def _priced(states: ir.Table, daily: ir.Table) -> ir.Table:
    states = with_rate(states, states.entry_ts.date().epoch_days().cast("int32"), daily)
    cost = ibis.ifelse(states.costed_lines == states.line_count, states.cost_cents, None)
    states = states.mutate(cost_cents=cost)
    euros = {f"{name[:-6]}_eur_cents": to_eur_cents(states[name], states.rate_per_eur) for name in _CENTS}
    return states.mutate(
        **euros,
        cancelled=states.cancelled_ts.notnull() & (states.cancelled_ts <= states.known_ts),
        voucher=states.voucher_code.notnull().cast("int32"),
    ).drop("currency", "voucher_code", "costed_lines", *_CENTS)


def _changes(orders: ir.Table, lines: ir.Table, invoices: ir.Table | None) -> ir.Table:
    """Return the instants (order_id, known_ts) from which an order may look different."""
    tables = [orders, lines] if invoices is None else [orders, lines, invoices]
    instants = [t.filter(t.known_ts.notnull()).select("order_id", "known_ts") for t in tables]
    cancelled = orders.filter(orders.cancelled_ts > orders.known_ts)
    return ibis.union(*instants, cancelled.select("order_id", known_ts="cancelled_ts"), distinct=True)


def _joined(changes: ir.Table, orders: ir.Table, lines: ir.Table, invoices: ir.Table | None) -> ir.Table:
    states = _as_known(changes, orders.select("order_id", *_ATTRIBUTES, *_KNOWN))
    if invoices is not None:
        states = _as_known(states, invoices.select("order_id", "invoice_ts", *_KNOWN))
    dated = states.rename(entry_ts="order_ts" if invoices is None else "invoice_ts")
    own = _as_known(changes, lines.select("order_id", *_line_amounts(lines), *_KNOWN))
    sums = own.group_by("order_id", "known_ts").agg(**_sums(own))
    return dated.inner_join(sums, ["order_id", "known_ts"])


def _sums(own: ir.Table) -> dict[str, ir.IntegerValue]:
    return {name: own[name].sum().cast("int64") for name in _SUMS}


def _line_amounts(lines: ir.Table) -> list[ir.Value]:
    gross, discount, tax = (to_cents(lines[name]) for name in ("gross_amount", "discount", "tax"))
    cost = to_cents(lines.unit_cost) * lines.quantity
    return [
        gross.name("gross_cents"),
        discount.name("discount_cents"),
        (gross - discount - tax).name("net_cents"),
        cost.name("cost_cents"),
        ibis.literal(1, "int64").name("line_count"),
        lines.unit_cost.notnull().cast("int64").name("costed_lines"),
        lines.quantity.name("units"),
    ]


def _as_known(changes: ir.Table, rows: ir.Table) -> ir.Table:
    """Join to each instant the rows of its order that were known then."""
    joined = changes.inner_join(rows.rename(from_ts="known_ts"), "order_id")
    begun = joined.from_ts.isnull() | (joined.from_ts <= joined.known_ts)
    open_still = joined.known_until_ts.isnull() | (joined.known_ts < joined.known_until_ts)
    return joined.filter(begun & open_still).drop("from_ts", "known_until_ts")
