"""The features of orders in pandas."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.files import Files
from bench.pandas_tools import MOBILE, WINDOWS_DAYS, Frame, days, known, read, share

BANDS = ("0-20", "20-50", "50-100", "100-200", "200-500", "500+")


def orders_in_sequence(files: Files) -> Frame:
    """Return the counted orders by customer and time."""
    rows = known(read(files, "orders"), files)
    rows = rows[~rows.cancelled & rows.customer_id.notna()].sort_values(
        ["customer_id", "entry_ts", "order_id"]
    )
    rows["day"] = days(rows.entry_ts)
    by = rows.groupby("customer_id")
    rows["no"], rows["first"], rows["gap"] = by.cumcount(), by.day.transform("first"), by.day.diff()
    return rows


@dataclass(frozen=True)
class ByCustomer:
    """Orders by customer: their groups, sums, first and last orders."""

    groups: Any
    sums: Frame
    head: Frame
    tail: Frame

    @property
    def n(self) -> "pd.Series[int]":
        """Return how many they are."""
        return self.groups.size()


def order_features(rows: Frame, day: int) -> Frame:
    """Return the features of orders by customer."""
    flags = order_flags(rows, day)
    groups = rows.assign(**flags).groupby("customer_id")
    added = [name for name in flags if name != "second"]
    sums = groups[
        [*added, "net_eur_cents", "gross_eur_cents", "discount_eur_cents", "voucher", "units", "line_count"]
    ].sum()
    head = rows[rows.no == 0].set_index("customer_id")
    tail = rows.groupby("customer_id").tail(1).set_index("customer_id")
    orders = ByCustomer(groups, sums, head, tail)
    f = sums[[*(f"orders_{d}d" for d in WINDOWS_DAYS), "first_30d_orders", "first_order_day_orders"]]
    f = f.join([rhythm(orders, day), spend(orders), habits(orders), first_order(head)])
    return f.assign(first_30d_complete=head.day + 30 <= day)


def order_flags(rows: Frame, day: int) -> dict[str, "pd.Series[Any]"]:
    """Return what is summed by customer beside the columns of orders."""
    year = rows.day >= day - 365
    return {f"orders_{d}d": rows.day >= day - d for d in WINDOWS_DAYS} | {
        "before": rows.day.between(day - 360, day - 181),
        "gaps": rows.gap > 0,
        "gap_squares": rows.gap**2,
        "first_30d_orders": rows.day < rows["first"] + 30,
        "first_order_day_orders": rows.day == rows["first"],
        "squares": rows.net_eur_cents**2,
        "net_year": rows.net_eur_cents.where(year, 0),
        "cost_year": rows.cost_eur_cents.where(year),
        "costed_year": rows.cost_eur_cents.notna() & year,
        "discounted": rows.discount_eur_cents > 0,
        "with_device": rows.device.notna(),
        "mobile": rows.device.isin(MOBILE),
        "second": rows.day.where(rows.day > rows["first"]),
    }


def rhythm(orders: ByCustomer, day: int) -> Frame:
    """Return how many orders there were, how far apart and how long ago."""
    sums, head, last = orders.sums, orders.head, orders.tail.day
    t_x, gaps = last - head.day, sums.gaps
    f = pd.DataFrame({"orders_all": orders.n, "frequency": gaps, "t_x_days": t_x, "recency_days": day - last})
    f["orders_trend_180d"] = sums.orders_180d - sums.before
    f["gap_mean_days"] = share(t_x, gaps)
    f["gap_spread_days"] = np.sqrt((gaps * sums.gap_squares - t_x**2).where(gaps >= 2)) / gaps
    f["gap_max_days"] = orders.groups.gap.max().replace(0, np.nan)
    f["gap_first_days"] = orders.groups.second.min() - head.day
    f["recency_to_gap"] = share(f.recency_days, f.gap_mean_days)
    return f


def spend(orders: ByCustomer) -> Frame:
    """Return what the orders brought, and what was earned of it."""
    sums, n = orders.sums, orders.n
    mean = sums.net_eur_cents / n
    f = pd.DataFrame({"spend_mean_eur": mean / 100, "spend_max_eur": orders.groups.net_eur_cents.max() / 100})
    f["spend_repeat_mean_eur"] = share(sums.net_eur_cents - orders.head.net_eur_cents, n - 1) / 100
    variance = (sums.squares / n - mean**2).clip(lower=0).where(n >= 2)
    f["spend_spread"] = share(variance**0.5, mean)
    margin = (sums.net_year - sums.cost_year).where(
        (sums.costed_year == sums.orders_365d) & (sums.orders_365d > 0)
    )
    f["margin_365d_eur"], f["margin_share_365d"] = margin / 100, share(margin, sums.net_year)
    return f


def habits(orders: ByCustomer) -> Frame:
    """Return how they buy: sizes of baskets, discounts, devices, payment."""
    sums, n, tail = orders.sums, orders.n, orders.tail
    return pd.DataFrame(
        {
            "units_mean": sums.units / n,
            "lines_mean": sums.line_count / n,
            "discount_share_all": share(sums.discount_eur_cents, sums.gross_eur_cents),
            "discount_order_share": sums.discounted / n,
            "voucher_order_share": sums.voucher / n,
            "mobile_order_share": share(sums.mobile, sums.with_device),
            "payment_method_last": tail.payment_method,
            "device_last": tail.device,
        }
    )


def first_order(head: Frame) -> Frame:
    """Return the features of first orders, one row each."""
    edges = [-math.inf, 2000, 5000, 10000, 20000, 50000, math.inf]
    band = pd.cut(head.net_eur_cents, edges, right=False, labels=list(BANDS)).astype(object)
    return pd.DataFrame(
        {
            "first_order_net_eur": head.net_eur_cents / 100,
            "first_order_value_band": band,
            "first_order_discount_share": share(head.discount_eur_cents, head.gross_eur_cents),
            "first_order_voucher": head.voucher == 1,
            "first_order_weekday": head.entry_ts.dt.dayofweek,
            "first_order_month": head.entry_ts.dt.month,
            "first_order_lines": head.line_count,
            "first_order_units": head.units,
            "first_day": head.day,
            "country_1": head.country,
            "device_1": head.device,
        }
    )
