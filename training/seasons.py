"""Which past t₀s can tell the season's level of another."""

from collections.abc import Sequence
from datetime import date

from clv.models.level import SeasonLevel
from clv.timeline import Horizon


def knows_last_years_season(closed: Sequence[date], as_of: date, horizon: Horizon) -> bool:
    """Say whether a closed snapshot lies near enough to t₀ − 365 days to tell the season's level."""
    levels = SeasonLevel(dict.fromkeys(closed, 1.0), horizon.days, neutral=1.0)
    return levels.reference(as_of) is not None
