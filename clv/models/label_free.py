"""The model of last resort, where no horizon has closed: the priors alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from clv.models.forecast import CLV_EUR, MODEL_FILE, P_ACTIVE
from clv.models.priors import BTYD_P_ACTIVE, LABEL_FREE, label_free_eur, prior

FAMILY = "btyd"
FORMAT_VERSION = 2


@dataclass(frozen=True)
class LabelFree:
    """Two thirds Pareto/NBD × Gamma-Gamma, one third last year's revenue at the same total.

    Both are computed at every t₀ when its priors are built; not here. Trees start from it.
    """

    horizon_days: int
    version: str = "btyd-paretonbd-gg-12m"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active` of each row; UserError where a prior is missing or null."""
        clv_eur = label_free_eur({name: prior(frame, column) for name, column in LABEL_FREE.items()})
        said = {CLV_EUR: clv_eur, P_ACTIVE: prior(frame, BTYD_P_ACTIVE)}
        return pd.DataFrame(said, index=frame.index)

    def save(self, folder: Path) -> None:
        """Write `model.json`."""
        told = {"family": FAMILY, "format_version": FORMAT_VERSION, "horizon_days": self.horizon_days}
        (folder / MODEL_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:  # noqa: ARG003 - every family loads alike
        """Restore the model from its JSON."""
        return cls(saved["horizon_days"])
