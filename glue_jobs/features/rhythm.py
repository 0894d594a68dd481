"""When a customer orders: recency, frequency, the gaps between order days and their trend."""

import ibis
import ibis.expr.types as ir

from clv.feature_catalogue import FIRST_DAYS, ORDER_WINDOWS_DAYS, TREND_DAYS
from glue_jobs.features.exact import number, or_zero, ratio, total, within


def sums(orders: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the aggregates over a customer's orders in sequence."""
    gap = (orders.day - orders.previous_day).cast("int64")
    repeated = orders.day > orders.first_day
    first_days = within(orders.day, orders.first_day, orders.first_day + FIRST_DAYS)
    windows = {f"orders_{d}d": number(orders, within(orders.day, day - d, day)) for d in ORDER_WINDOWS_DAYS}
    return windows | {
        "orders_all": orders.count(),
        "orders_before": number(orders, within(orders.day, day - 2 * TREND_DAYS, day - TREND_DAYS)),
        "first_day": orders.day.min(),
        "last_day": orders.day.max(),
        "second_day": orders.day.min(where=repeated),
        "gaps": number(orders, gap > 0),
        "gap_max": gap.max(),
        "gap_squares": total(gap * gap),
        "orders_first_days": number(orders, first_days),
    }


def columns(row: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the features of a customer's rhythm; the spread of n gaps g is √(n Σg² − (Σg)²) / n."""
    gaps, t_x = row.gaps.nullif(0), row.last_day - row.first_day
    recency, gap_mean = day - row.last_day, t_x / gaps
    long_ = t_x.cast("int64")
    scatter = (gaps * row.gap_squares - long_ * long_).sqrt() / gaps
    windows = {f"orders_{d}d": or_zero(row, f"orders_{d}d") for d in ORDER_WINDOWS_DAYS}
    return windows | {
        "recency_days": recency,
        "t_x_days": t_x,
        "orders_all": or_zero(row, "orders_all"),
        "frequency": or_zero(row, "gaps"),
        f"orders_trend_{TREND_DAYS}d": or_zero(row, "orders_180d") - or_zero(row, "orders_before"),
        "gap_mean_days": gap_mean,
        "gap_spread_days": ibis.ifelse(gaps >= 2, scatter, None),
        "gap_max_days": row.gap_max.nullif(0),
        "gap_first_days": row.second_day - row.first_day,
        "recency_to_gap": ratio(recency, gap_mean),
        f"first_{FIRST_DAYS}d_orders": row.orders_first_days,
        f"first_{FIRST_DAYS}d_complete": row.first_day + FIRST_DAYS <= day,
    }
