"""What a customer's orders look like: size, discounts, vouchers, payment and device."""

import ibis.expr.types as ir

from clv.feature_catalogue import MOBILE_DEVICES
from glue_jobs.features.exact import number, ratio, total


def sums(orders: ir.Table) -> dict[str, ir.Value]:
    """Return the aggregates over a customer's orders in sequence."""
    last = orders.next_day.isnull()
    return {
        "units_sum": total(orders.units),
        "lines_sum": total(orders.line_count),
        "gross_sum": total(orders.gross_eur_cents),
        "discount_sum": total(orders.discount_eur_cents),
        "discounted": number(orders, orders.discount_eur_cents > 0),
        "with_voucher": number(orders, orders.voucher == 1),
        "with_device": number(orders, orders.device.notnull()),
        "mobile": number(orders, orders.device.isin(MOBILE_DEVICES)),
        "payment_method_last": orders.payment_method.max(where=last),
        "device_last": orders.device.max(where=last),
    }


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's baskets."""
    orders = row.orders_all
    return {
        "units_mean": ratio(row.units_sum, orders),
        "lines_mean": ratio(row.lines_sum, orders),
        "discount_share_all": ratio(row.discount_sum, row.gross_sum),
        "discount_order_share": ratio(row.discounted, orders),
        "voucher_order_share": ratio(row.with_voucher, orders),
        "payment_method_last": row.payment_method_last,
        "device_last": row.device_last,
        "mobile_order_share": ratio(row.mobile, row.with_device),
    }
