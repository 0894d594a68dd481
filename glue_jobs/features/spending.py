"""What an order is worth: its net value, spread and margin.

Σ cents² stays exact in int64 up to 9.2e18, that is 92,000 orders of EUR 100,000 by one customer.
"""

import ibis
import ibis.expr.types as ir

from glue_jobs.features.exact import eur, number, ratio, spread, total, within

_YEAR_DAYS = 365


def sums(orders: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the aggregates over a customer's orders in sequence."""
    net, cost = orders.net_eur_cents, orders.cost_eur_cents
    year = within(orders.day, day - _YEAR_DAYS, day)
    return {
        "net_sum": total(net),
        "net_squares": total(net * net),
        "net_max": net.max(),
        "net_repeat": total(net, where=orders.order_no > 0),
        "net_year": total(net, where=year),
        "cost_year": total(cost, where=year),
        "costed_year": number(orders, year & cost.notnull()),
    }


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's orders' values."""
    orders = row.orders_all
    margin = ibis.ifelse(row.costed_year == row["orders_365d"], row.net_year - row.cost_year, None)
    return {
        "spend_mean_eur": ratio(row.net_sum, orders * 100),
        "spend_repeat_mean_eur": ratio(row.net_repeat, (orders - 1) * 100),
        "spend_max_eur": eur(row.net_max),
        "spend_spread": ratio(spread(orders, row.net_sum, row.net_squares), ratio(row.net_sum, orders)),
        "margin_365d_eur": eur(margin),
        "margin_share_365d": ratio(margin, row.net_year),
    }
