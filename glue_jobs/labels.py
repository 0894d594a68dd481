"""Labels: what each scored customer of t₀ brought in the horizon, as known when it closed."""

import ibis
import ibis.expr.types as ir

from clv.segments import SCORED
from clv.timeline import Future


def labels(features: ir.Table, future: Future) -> ir.Table:
    """Return one row per non-lead customer of t₀: customer_id, as_of, horizon_days, label_eur, label_orders.

    label_eur is the net revenue in [t₀, t₀ + H), 0 where nothing came, negative where refunds outweigh sales;
    label_orders the counted orders in it.
    """
    scored = features.filter(features.segment.isin(SCORED)).select("customer_id", "as_of")
    money = future.entries.group_by("customer_id").agg(
        cents=future.entries.amount_eur_cents.sum().cast("int64")
    )
    bought = future.orders.group_by("customer_id").agg(bought=future.orders.count())
    rows = scored.left_join(money, "customer_id").drop("customer_id_right")
    rows = rows.left_join(bought, "customer_id").drop("customer_id_right")
    return rows.select(
        "customer_id",
        "as_of",
        horizon_days=ibis.literal(future.horizon.days, "int32"),
        label_eur=rows.cents.fill_null(0) / 100.0,
        label_orders=rows.bought.fill_null(0).cast("int32"),
    )
