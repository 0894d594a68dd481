"""The season's level: what a closed t₀ about a year earlier says of the label-free forecast of this one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]

YEAR = timedelta(days=365)
TOLERANCE_DAYS = 45
"""Half a season: a t₀ further away from t₀ − 365 days lies in another one and says nothing of this."""


@dataclass(frozen=True)
class SeasonLevel:
    """How far the prior missed at each closed t₀: a ratio for amounts (neutral 1), a logit shift (neutral 0).

    The level of the last closed t₀ is never used: under seasonality it is the wrong one.
    """

    by_as_of: Mapping[date, float]
    horizon_days: int
    neutral: float

    def reference(self, as_of: date) -> date | None:
        """Return the t₀ nearest `as_of` − 365 days of those closed by then (ties: later), None if too far."""
        target = as_of - YEAR
        closed = [t for t in self.by_as_of if t + timedelta(days=self.horizon_days) <= as_of]
        near = [t for t in closed if abs((t - target).days) <= TOLERANCE_DAYS]
        return min(near, key=lambda t: (abs((t - target).days), target - t), default=None)

    def at(self, as_of: date) -> float:
        """Return the level for `as_of`; neutral where no closed t₀ lies a year back."""
        found = self.reference(as_of)
        return self.neutral if found is None else self.by_as_of[found]

    def to_dict(self) -> dict[str, float]:
        """Return the figure of each t₀, JSON-ready; `from_dict` restores the level."""
        return {day.isoformat(): value for day, value in self.by_as_of.items()}

    @classmethod
    def from_dict(cls, saved: Mapping[str, float], horizon_days: int, neutral: float) -> Self:
        """Restore what `to_dict` returned."""
        by_as_of = {date.fromisoformat(day): value for day, value in saved.items()}
        return cls(by_as_of, horizon_days, neutral)

    def times(self, factors: Mapping[date, float]) -> Self:
        """Return the level with the figure of each t₀ multiplied by its factor, 1 where none is given."""
        by_as_of = {day: value * factors.get(day, 1.0) for day, value in self.by_as_of.items()}
        return replace(self, by_as_of=by_as_of)

    def of_rows(self, as_of: Days) -> npt.NDArray[np.float64]:
        """Return the level of each row's t₀."""
        return spread({day: self.at(day) for day in np.unique(as_of).tolist()}, as_of)


def spread(by_as_of: Mapping[date, float], as_of: Days) -> npt.NDArray[np.float64]:
    """Return each row the figure of its t₀."""
    days, place = np.unique(as_of, return_inverse=True)
    return np.array([by_as_of[day] for day in days.tolist()], dtype=np.float64)[place]
