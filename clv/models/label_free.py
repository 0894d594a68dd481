"""The model of last resort: the buy-till-you-die prior as it is, where no horizon has closed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from clv.models.forecast import CLV_EUR, MODEL_FILE, P_ACTIVE
from clv.models.priors import BTYD_CLV, BTYD_P_ACTIVE, prior

FAMILY = "btyd"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class LabelFree:
    """BG/NBD × Gamma-Gamma on all orders, fitted at every t₀ when its priors are built; not here."""

    horizon_days: int
    version: str = "btyd-bgnbd-gg-all"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active` of each row; UserError where a prior is missing or null."""
        said = {CLV_EUR: prior(frame, BTYD_CLV), P_ACTIVE: prior(frame, BTYD_P_ACTIVE)}
        return pd.DataFrame(said, index=frame.index)

    def save(self, folder: Path) -> None:
        """Write `model.json`."""
        told = {"family": FAMILY, "format_version": FORMAT_VERSION, "horizon_days": self.horizon_days}
        (folder / MODEL_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:  # noqa: ARG003 - every family loads alike
        """Restore the model from its JSON."""
        return cls(saved["horizon_days"])
