"""The first order: its value, discount, size and calendar."""

import ibis
import ibis.expr.types as ir

from clv.feature_catalogue import VALUE_BAND_EDGES_EUR, VALUE_BANDS
from glue_jobs.features.exact import eur, number, ratio

_KEPT = {
    "first_order_id": "order_id",
    "first_ts": "entry_ts",
    "first_country": "country",
    "first_device": "device",
    "first_net": "net_eur_cents",
    "first_gross": "gross_eur_cents",
    "first_discount": "discount_eur_cents",
    "first_voucher": "voucher",
    "first_lines": "line_count",
    "first_units": "units",
}


def sums(orders: ir.Table) -> dict[str, ir.Value]:
    """Return the attributes of the first of a customer's orders in sequence."""
    first = orders.order_no == 0
    kept = {name: orders[column].max(where=first) for name, column in _KEPT.items()}
    return kept | {"first_day_orders": number(orders, orders.day == orders.first_day)}


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of the first order."""
    monday = 3  # 1970-01-01 was a Thursday
    return {
        "first_order_net_eur": eur(row.first_net),
        "first_order_value_band": _band(row.first_net),
        "first_order_discount_share": ratio(row.first_discount, row.first_gross),
        "first_order_voucher": row.first_voucher == 1,
        "first_order_weekday": (row.first_day + monday) % 7,
        "first_order_month": row.first_ts.month(),
        "first_order_lines": row.first_lines,
        "first_order_units": row.first_units,
        "first_order_day_orders": row.first_day_orders,
    }


def _band(cents: ir.IntegerValue) -> ir.StringValue:
    below = [
        (cents < edge * 100, band) for edge, band in zip(VALUE_BAND_EDGES_EUR, VALUE_BANDS, strict=False)
    ]
    return ibis.cases(*below, (cents.notnull(), VALUE_BANDS[-1]))
