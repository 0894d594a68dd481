"""Time: t₀, half-open windows in whole UTC days, and the cut of what was known into History and Future.

History and Future are different types: a feature is a function of History and cannot see the Future.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clv.errors import UserError

EPOCH = date(1970, 1, 1)


def parse_as_of(text: str) -> date:
    """Return the date of `YYYY-MM-DD`; UserError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"as_of {text!r}: write a date as YYYY-MM-DD") from None


def t0(as_of: date) -> datetime:
    """Return as_of at 00:00 UTC (naive UTC): the first instant of the future."""
    return datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001 - every timestamp of the lake is UTC


def epoch_day(day: date) -> int:
    """Return whole days since 1970-01-01, in which all windows are counted."""
    return (day - EPOCH).days


@dataclass(frozen=True)
class Horizon:
    """The forecast's length H in whole days; ValueError unless positive."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError(f"horizon of {self.days} days: must be at least 1")

    def end(self, as_of: date) -> date:
        """Return the first day after [t₀, t₀ + H)."""
        return as_of + timedelta(days=self.days)

    def closed(self, as_of: date, known_at: date, lag_days: int = 0) -> bool:
        """Say whether a snapshot at `as_of` has its full label, as known at `known_at`."""
        return self.end(as_of) + timedelta(days=lag_days) <= known_at


@dataclass(frozen=True)
class History:
    """What was known at t₀, as Ibis tables; optional tables are None where never delivered.

    Days are int32 days since 1970-01-01, money is int64 EUR cents.

    orders : counted orders of known customers: order_id, customer_id, day, entry_ts, country, device,
        payment_method, voucher (0/1), rate_per_eur, gross_eur_cents, discount_eur_cents, net_eur_cents,
        cost_eur_cents (null unless every line has one), line_count, units
    lines : their lines: order_id, customer_id, day, sku, units, net_eur_cents
    entries : ledger entries of known customers: customer_id, day, kind, amount_eur_cents
    customers : customer_id, signup_day, country, device, acquisition_channel, campaign, marketing_consent
    products : sku, category, brand
    web, email : events: customer_id, day, type, device
    markets : country, launch_day
    """

    as_of: date
    orders: Any
    lines: Any
    entries: Any
    customers: Any | None
    products: Any | None
    web: Any | None
    email: Any | None
    markets: Any | None

    @property
    def day(self) -> int:
        """Return t₀ in days since 1970-01-01."""
        return epoch_day(self.as_of)


@dataclass(frozen=True)
class Future:
    """What came in [t₀, t₀ + H), as known when it closed: entries as in History, and `orders` likewise."""

    as_of: date
    horizon: Horizon
    entries: Any
    orders: Any
