"""The net-revenue ledger: orders, cancellations and refunds as dated, signed EUR cents.

A fact passes through states; a change of state appends entries and never edits one, so that the entries with
known_ts < t give exactly what was known at t.
"""

from typing import Literal

import ibis
import ibis.expr.types as ir

from clv.money import to_cents, to_eur_cents
from glue_jobs.intake.references import with_rate

View = Literal["cash", "order"]

_PLACE = ("customer_id", "entry_ts", "country")
_STATE = ("fact", "state_no", "alone", "order_id", *_PLACE, "known_ts", "kind", "amount_eur_cents")
"""`alone` marks the states of facts that surely have no other: most of them, and they need no comparison."""


def sale_states(orders: ir.Table) -> ir.Table:
    """Return the states of the sale of every order, from its order states."""
    return orders.mutate(
        fact=ibis.literal("order:") + orders.order_id,
        alone=(orders.state_no == 0) & orders.known_until_ts.isnull(),
        kind=ibis.literal("sale"),
        amount_eur_cents="net_eur_cents",
    ).select(_STATE)


def cancellation_states(orders: ir.Table, view: View) -> ir.Table:
    """Return the states of the reversing entry of every order, from its first cancellation on.

    It is dated at the cancellation, though never before the sale that it reverses.
    """
    so_far = ibis.cumulative_window(group_by="order_id", order_by="state_no")
    concerned = orders.semi_join(orders.filter(orders.cancelled), "order_id")
    states = concerned.mutate(ever=concerned.cancelled.cast("int32").max().over(so_far))
    states = states.filter(states.ever == 1)
    late = (states.cancelled_ts > states.entry_ts) & (view == "cash")
    return states.mutate(
        fact=ibis.literal("cancellation:") + states.order_id,
        alone=ibis.literal(False),  # noqa: FBT003 - a value, not a switch
        kind=ibis.literal("cancellation"),
        entry_ts=ibis.ifelse(states.cancelled & late, states.cancelled_ts, states.entry_ts),
        amount_eur_cents=ibis.ifelse(states.cancelled, -states.net_eur_cents, 0),
    ).select(_STATE)


def refund_states(refunds: ir.Table, orders: ir.Table, daily: ir.Table, view: View) -> ir.Table:
    """Return the states of every refund; its country is that of its order, where known by then."""
    ever = refunds.known_until_ts.isnull() | (refunds.known_ts < refunds.known_until_ts)
    refunds = refunds.filter(ever)
    paid = with_rate(refunds, refunds.refund_ts.date().epoch_days().cast("int32"), daily)
    cents = to_cents(paid.amount) - to_cents(paid.tax)
    first = orders.filter(orders.state_no == 0)
    of_order = first.select(refunded_order="order_id", sold_ts="entry_ts", of="country", since_ts="known_ts")
    joined = paid.mutate(amount_eur_cents=-to_eur_cents(cents, paid.rate_per_eur))
    joined = joined.left_join(of_order, joined.order_id == of_order.refunded_order)
    by_then = joined.since_ts <= joined.known_ts
    sold_ts = ibis.ifelse(by_then, joined.sold_ts, joined.refund_ts)
    entry_ts = ibis.coalesce(sold_ts, joined.refund_ts) if view == "order" else joined.refund_ts
    in_turn = ibis.window(group_by="refund_id", order_by="known_ts")
    return joined.mutate(
        fact=ibis.literal("refund:") + joined.refund_id,
        alone=ibis.literal(False),  # noqa: FBT003 - a value, not a switch
        state_no=ibis.row_number().over(in_turn),
        kind=ibis.literal("refund"),
        entry_ts=entry_ts,
        country=ibis.ifelse(by_then, joined["of"], None),
    ).select(_STATE)


def entries(states: ir.Table, channels: ir.Table | None) -> ir.Table:
    """Return the ledger: one entry for each first state, and the difference for each later one.

    channels : customer_id, channel; None where customers are not delivered.
    A changed amount appends the difference; a changed customer, date or country appends a reversal and a new
    entry. All of these are restatements, known from the later of the two states on.
    """
    rows = _named(states.filter(states.alone).mutate(turn=ibis.literal(0, "int64")), "")
    here, there = _compared(states.filter(~states.alone))
    rows = rows.union(_named(here, ""), _named(there, "-"))
    return _with_channel(rows.filter((rows.kind != "restatement") | (rows.amount_eur_cents != 0)), channels)


def _compared(states: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Return what each state adds where it is dated, and what it takes back where the one before it was."""
    in_turn = ibis.window(group_by="fact", order_by="state_no")
    before = {f"old_{name}": states[name].lag().over(in_turn) for name in (*_PLACE, "amount_eur_cents")}
    turns = states.mutate(**before, turn=ibis.row_number().over(in_turn))
    stays = [turns[name].identical_to(turns[f"old_{name}"]) for name in _PLACE]
    turns = turns.mutate(
        kind=ibis.ifelse(turns.turn == 0, turns.kind, "restatement"),
        old_amount_eur_cents=turns.old_amount_eur_cents.fill_null(0),
        stays=stays[0] & stays[1] & stays[2],
    )
    already = ibis.ifelse(turns.stays, turns.old_amount_eur_cents, 0)
    here = turns.mutate(amount_eur_cents=turns.amount_eur_cents - already)
    left = turns.filter(~turns.stays & (turns.turn > 0))
    there = left.mutate(
        amount_eur_cents=-left.old_amount_eur_cents, **{name: left[f"old_{name}"] for name in _PLACE}
    )
    return here, there


def _named(turns: ir.Table, suffix: str) -> ir.Table:
    entry_id = turns.fact + "#" + turns.turn.cast("string") + suffix
    columns = ("order_id", "customer_id", "entry_ts", "known_ts", "kind", "amount_eur_cents", "country")
    return turns.select(*columns, entry_id=entry_id)


def _with_channel(rows: ir.Table, channels: ir.Table | None) -> ir.Table:
    if channels is None:
        rows = rows.mutate(channel=ibis.null().cast("string"))
    else:
        rows = rows.left_join(channels, "customer_id").drop("customer_id_right")
    return rows.relocate("entry_id")
