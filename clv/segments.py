"""Segments: every customer is in exactly one."""

from typing import Any

LEAD, EARLY, ESTABLISHED = "lead", "early", "established"
SEGMENTS = (LEAD, EARLY, ESTABLISHED)
SCORED = (EARLY, ESTABLISHED)

EARLY_MAX_AGE_DAYS = 90
"""An early-stage customer's only order is at most this old."""


def segment(counted_orders: Any, first_order_age_days: Any, cases: Any) -> Any:
    """Return the segment of each customer, given `cases((condition, value), …, else_=value)` of an engine.

    No counted order: lead. Exactly one, at most 90 days before t₀: early. Everyone else: established.
    """
    early = (counted_orders == 1) & (first_order_age_days <= EARLY_MAX_AGE_DAYS)
    return cases((counted_orders == 0, LEAD), (early, EARLY), else_=ESTABLISHED)
