"""What one training is about, and how its recipe did before the model was fitted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from clv.closed_snapshots import SnapshotPlan
from clv.lake import Lake
from clv.settings import Settings
from clv.timeline import Horizon
from training.champion import Meeting
from training.choice import Choice
from training.out_of_time import OutOfTime


@dataclass(frozen=True)
class Task:
    """One segment at one t₀; `lake` holds the snapshots of `plan`."""

    lake: Lake
    plan: SnapshotPlan
    segment: str
    as_of: date
    settings: Settings

    @property
    def horizon(self) -> Horizon:
        """Return how far the model forecasts."""
        return Horizon(self.settings.horizon_days)


@dataclass(frozen=True)
class Trial:
    """How the recipe did out of time, and the choice it led to; `last` is the champion's evaluation."""

    judged: OutOfTime | None
    meeting: Meeting | None
    last: dict[str, Any] | None
    choice: Choice
