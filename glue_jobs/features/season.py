"""The season of t₀, the same for every customer of a snapshot."""

import math
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

_THURSDAY = 3


def columns(as_of: date) -> dict[str, ir.Value]:
    """Return the season of t₀ as literals."""
    angle = 2 * math.pi * (as_of.month - 1) / 12
    return {
        "t0_month_sin": ibis.literal(round(math.sin(angle), 12), "float64"),
        "t0_month_cos": ibis.literal(round(math.cos(angle), 12), "float64"),
        "t0_days_to_black_friday": ibis.literal(_days_to_black_friday(as_of), "int32"),
    }


def _days_to_black_friday(day: date) -> int:
    this_year = _black_friday(day.year)
    coming = this_year if day <= this_year else _black_friday(day.year + 1)
    return (coming - day).days


def _black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    november = date(year, 11, 1)
    first_thursday = november + timedelta(days=(_THURSDAY - november.weekday()) % 7)
    return first_thursday + timedelta(weeks=3, days=1)
