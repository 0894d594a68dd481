"""What every model offers, whatever is inside."""

from pathlib import Path
from typing import Protocol

import pandas as pd

CLV_EUR = "clv_eur"
P_ACTIVE = "p_active"

MODEL_FILE = "model.json"
"""Its keys `family`, `format_version` and `horizon_days` say who reads it."""


class Model(Protocol):
    """A fitted model for one horizon; it never changes after the fit."""

    @property
    def version(self) -> str:
        """Name for scores and leaderboards; two different fits never share one."""

    @property
    def horizon_days(self) -> int:
        """Horizon the model was fitted for; no other one can be forecast."""

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active`, float64, one row per row of `frame`, same index.

        `frame` holds non-leads: the feature columns, `as_of` and the priors. A row's forecast does not depend
        on the other rows.
        """

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder; `clv.models.catalogue.load_model` reads it."""
