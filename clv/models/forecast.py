"""What every model offers, whatever is inside."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import pandas as pd

if TYPE_CHECKING:
    from clv.models.explain import Explained

CLV_EUR = "clv_eur"
CLV_MEDIAN_EUR = "clv_median_eur"
CLV_LOW_EUR = "clv_low_eur"
CLV_HIGH_EUR = "clv_high_eur"
P_ACTIVE = "p_active"

INTERVAL = (CLV_MEDIAN_EUR, CLV_LOW_EUR, CLV_HIGH_EUR)
"""Null until estimated: all three or none."""
FIGURES = (CLV_EUR, *INTERVAL, P_ACTIVE)
"""The columns of a forecast."""

TOP = 3
DRIVER_START_EUR = "driver_start_eur"
DRIVERS = tuple(f"driver_{place}{unit}" for place in range(1, TOP + 1) for unit in ("", "_eur"))
EXPLANATION = (DRIVER_START_EUR, *DRIVERS)
"""What drives it: euros of the typical customer, and the drivers that move it most; null where unknown."""

ALL_DRIVERS = "all_drivers_eur"
"""Name and euros of every driver, of the rows whose column `EXPLAINED` asks for them; else null."""
EXPLAINED = "explained"

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
        """Return the columns `FIGURES`, float64, one row per row of `frame`, same index.

        Mean, median and ends of the 80 % interval of net revenue, and the probability of an order.
        `frame` holds non-leads: the feature columns, `as_of` and the priors. A row's forecast does not depend
        on the other rows.
        """

    def explain(self, frame: pd.DataFrame) -> "Explained | None":
        """Return the forecasts of the same rows taken apart, None where no typical customer is known.

        Memory is rows × features: ask `clv.models.explain`, which goes in batches.
        """

    def tell(self, frame: pd.DataFrame) -> "tuple[pd.DataFrame, Explained | None]":
        """Return what `forecast` and `explain` do, the rows read and forecast once."""

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same model with the season's level of each closed t₀ multiplied by its factor."""

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder; `clv.models.catalogue.load_model` reads it."""
