"""What the business expects a forecast to follow, all else equal, as constraints on the trees.

Constrained is the correction of the prior, not the prior: BG/NBD has its own view of silence.
"""

from collections.abc import Mapping
from typing import NamedTuple

from clv.models.matrix import Encoding


class Expected(NamedTuple):
    """The sign of a feature's effect, 1 or −1, and why."""

    sign: int
    why: str


_REVENUE = "more revenue of late never lowers the forecast"
_ORDERS = "more orders of late never lower the forecast"
_SILENCE = "a longer silence never raises the forecast"
_INTEREST = "more interest of late never lowers the forecast"

EXPECTED: Mapping[str, Expected] = {
    "recency_days": Expected(-1, _SILENCE),
    "recency_to_gap": Expected(-1, "a longer silence in terms of one's own rhythm never raises the forecast"),
    "days_since_web": Expected(-1, _SILENCE),
    "days_since_email_open": Expected(-1, _SILENCE),
    "days_since_email_click": Expected(-1, _SILENCE),
    **{f"monetary_{days}d_eur": Expected(1, _REVENUE) for days in (30, 90, 180, 365)},
    **{f"orders_{days}d": Expected(1, _ORDERS) for days in (30, 90, 180, 365)},
    **{
        f"{what}_30d": Expected(1, _INTEREST)
        for what in (
            "web_views",
            "searches",
            "add_to_carts",
            "logins",
            "sessions",
            "email_opens",
            "email_clicks",
        )
    },
}
"""By feature; missing values are free."""


def monotone_signs(encoding: Encoding) -> tuple[int, ...]:
    """Return the sign of each column of the encoded matrix, 0 where nothing is expected."""
    free = Expected(0, "")
    numbers = tuple(EXPECTED.get(name, free).sign for name in encoding.numeric)
    return numbers + (0,) * len(encoding.levels)
