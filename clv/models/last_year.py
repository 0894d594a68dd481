"""The ranking in use without any model: last year's revenue, at the total of the buy-till-you-die prior."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.bands import figures
from clv.models.drivers import trailing_share
from clv.models.explain import Explained
from clv.models.forecast import MODEL_FILE
from clv.models.matrix import Encoding
from clv.models.priors import BTYD_P_ACTIVE, TRAILING_CLV, prior
from clv.models.rows import Inputs
from clv.models.taught import UNTAUGHT, Taught

FAMILY = "last-year"
FORMAT_VERSION = 2


@dataclass(frozen=True)
class LastYear:
    """Net revenue of the last 365 days, at least 0, as a forecast: for where no model ranks better than it.

    Its `p_active` is that of the buy-till-you-die prior of the same t₀, and so is its total, times the
    season's level where one is known.
    """

    horizon_days: int
    taught: Taught = UNTAUGHT
    name: ClassVar[str] = "last-year-btyd-level"

    @property
    def version(self) -> str:
        """Name of the model; two that differ in any byte differ in name."""
        return self.taught.version(self.name)

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns `FIGURES` of each row; UserError where a prior is missing or null."""
        clv_eur = self.taught.levels(frame) * self.unseasoned_eur(frame)
        return figures(clv_eur, prior(frame, BTYD_P_ACTIVE), self.taught.bands, frame.index)

    def unseasoned_eur(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the forecast at the prior's own level, shape (rows,)."""
        return prior(frame, TRAILING_CLV)

    def explain(self, frame: pd.DataFrame) -> Explained | None:
        """Return the forecasts taken apart: last year's revenue alone."""
        if self.taught.typical is None:
            return None
        inputs = Inputs.of(frame, Encoding((), {}))
        return Explained.of(trailing_share(inputs, self.taught.typical), self.taught.levels(frame))

    def save(self, folder: Path) -> None:
        """Write `model.json`."""
        told = {"family": FAMILY, "format_version": FORMAT_VERSION, "horizon_days": self.horizon_days}
        told |= self.taught.to_dict()
        (folder / MODEL_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:  # noqa: ARG003 - every family loads alike
        """Restore the model from its JSON."""
        return cls(saved["horizon_days"], Taught.from_dict(saved))
