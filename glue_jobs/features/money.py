"""What a customer's ledger adds up to: net money by window, refunds and cancellations."""

import ibis.expr.types as ir

from clv.feature_catalogue import ORDER_WINDOWS_DAYS, TREND_DAYS
from glue_jobs.features.exact import change, eur, or_zero, ratio, total, within


def sums(entries: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the aggregates over a customer's ledger entries."""
    cents, kind = entries.amount_eur_cents, entries.kind

    def between(begin_days: int, end_days: int) -> ir.IntegerValue:
        return total(cents, where=within(entries.day, day - begin_days, day - end_days))

    windows = {f"cents_{d}d": between(d, 0) for d in ORDER_WINDOWS_DAYS}
    return windows | {
        "cents_all": total(cents),
        "cents_previous_year": between(730, 365),
        "cents_before": between(2 * TREND_DAYS, TREND_DAYS),
        "cents_sold": total(cents, where=kind == "sale"),
        "cents_refunded": total(cents, where=kind == "refund"),
        "cents_cancelled": total(cents, where=kind == "cancellation"),
    }


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's ledger."""
    windows = {f"monetary_{d}d_eur": eur(or_zero(row, f"cents_{d}d")) for d in ORDER_WINDOWS_DAYS}
    sold = row.cents_sold
    return windows | {
        "monetary_all_eur": eur(or_zero(row, "cents_all")),
        "monetary_previous_365d_eur": eur(or_zero(row, "cents_previous_year")),
        f"monetary_trend_{TREND_DAYS}d": change(or_zero(row, "cents_180d"), or_zero(row, "cents_before")),
        "refund_share": ratio(0 - or_zero(row, "cents_refunded"), sold),
        "cancelled_share": ratio(0 - or_zero(row, "cents_cancelled"), sold),
    }
