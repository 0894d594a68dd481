"""The ranking in use without any model: last year's revenue, at the total of the buy-till-you-die prior."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from clv.models.forecast import CLV_EUR, MODEL_FILE, P_ACTIVE
from clv.models.priors import BTYD_P_ACTIVE, TRAILING_CLV, prior

FAMILY = "last-year"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class LastYear:
    """Net revenue of the last 365 days, at least 0, as a forecast: for where no model ranks better than it.

    Its total and `p_active` are those of the buy-till-you-die prior of the same t₀.
    """

    horizon_days: int
    version: str = "last-year-btyd-level"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active` of each row; UserError where a prior is missing or null."""
        said = {CLV_EUR: prior(frame, TRAILING_CLV), P_ACTIVE: prior(frame, BTYD_P_ACTIVE)}
        return pd.DataFrame(said, index=frame.index)

    def save(self, folder: Path) -> None:
        """Write `model.json`."""
        told = {"family": FAMILY, "format_version": FORMAT_VERSION, "horizon_days": self.horizon_days}
        (folder / MODEL_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:  # noqa: ARG003 - every family loads alike
        """Restore the model from its JSON."""
        return cls(saved["horizon_days"])
