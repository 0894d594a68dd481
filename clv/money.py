"""Money: int64 cents everywhere. The two conversions below are the only ones.

They read the same on an Ibis, pandas-like or Spark expression and round identically on DuckDB and Spark,
which plain casts, decimals and float rounding do not.
"""

from typing import Any

BASE_CURRENCY = "EUR"
RATE_MAX_AGE_DAYS = 7


def to_cents(amount: Any) -> Any:
    """Return the int64 cents of an amount given in units of its own currency."""
    return (amount * 100).round().cast("int64")


def to_eur_cents(cents: Any, rate_per_eur: Any) -> Any:
    """Return EUR cents (int64) of cents of a currency of which `rate_per_eur` units buy one EUR."""
    return (cents / rate_per_eur).round().cast("int64")
