"""A forecast that ranks by no label: computed with the priors, at the season's level where one is known."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.bands import figures
from clv.models.drivers import Share, Typical
from clv.models.explain import Explained
from clv.models.forecast import MODEL_FILE
from clv.models.matrix import Encoding
from clv.models.priors import BTYD_P_ACTIVE, prior
from clv.models.rows import Inputs
from clv.models.taught import UNTAUGHT, Taught


@dataclass(frozen=True)
class WithoutLabels(ABC):
    """What such forecasts share; closed labels teach level, interval and typical customer, never the ranking.

    `p_active` is that of the buy-till-you-die prior.
    """

    horizon_days: int
    taught: Taught = UNTAUGHT
    name: ClassVar[str]
    family: ClassVar[str]
    format_version: ClassVar[int]

    @abstractmethod
    def unseasoned_eur(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the forecast at the prior's own level, shape (rows,)."""

    @abstractmethod
    def share(self, inputs: Inputs, typical: Typical) -> Share:
        """Return the same taken apart."""

    @property
    def version(self) -> str:
        """Name of the model; two that differ in any byte differ in name."""
        return self.taught.version(self.name)

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns `FIGURES` of each row; UserError where a prior is missing or null."""
        clv_eur = self.taught.levels(frame) * self.unseasoned_eur(frame)
        return figures(clv_eur, prior(frame, BTYD_P_ACTIVE), self.taught.bands, frame.index)

    def explain(self, frame: pd.DataFrame) -> Explained | None:
        """Return the forecasts taken apart; None where no typical customer is known."""
        if self.taught.typical is None:
            return None
        inputs = Inputs.of(frame, Encoding((), {}))
        return Explained.of(self.share(inputs, self.taught.typical), self.taught.levels(frame))

    def tell(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, Explained | None]:
        """Return forecast and explanation."""
        return self.forecast(frame), self.explain(frame)

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same model with the season's level of each closed t₀ multiplied by its factor."""
        return replace(self, taught=self.taught.releveled(factors))

    def save(self, folder: Path) -> None:
        """Write `model.json`."""
        told = {
            "family": self.family,
            "format_version": self.format_version,
            "horizon_days": self.horizon_days,
            **self.taught.to_dict(),
        }
        (folder / MODEL_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:  # noqa: ARG003 - every family loads alike
        """Restore the model from its JSON."""
        return cls(saved["horizon_days"], Taught.from_dict(saved))
