"""What closed rows teach a forecast that ranks by no label: season's level, interval, and who is typical."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.bands import Bands
from clv.models.drivers import Typical
from clv.models.level import SeasonLevel


@dataclass(frozen=True)
class Taught:
    """Season's level, bands and the typical customer; None where too little has closed."""

    level: SeasonLevel | None = None
    bands: Bands | None = None
    typical: Typical | None = None

    def levels(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the season's level of each row, 1 where none is known."""
        if self.level is None:
            return np.ones(len(frame))
        return self.level.of_rows(frame["as_of"].to_numpy("datetime64[D]"))

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same with the season's level of each closed t₀ multiplied by its factor."""
        return self if self.level is None else replace(self, level=self.level.times(factors))

    def version(self, name: str) -> str:
        """Return the name of a model, ending in a digest of what rows taught it, if they did."""
        if self == UNTAUGHT:
            return name
        return f"{name}-{sha256(json.dumps(self.to_dict()).encode()).hexdigest()[:8]}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; `from_dict` restores them."""
        return {
            "level": self.level.to_dict() if self.level else None,
            "bands": self.bands.to_dict() if self.bands else None,
            "typical": self.typical.to_dict() if self.typical else None,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` returned, from the model's whole JSON."""
        told = saved.get("level")
        level = None if told is None else SeasonLevel.from_dict(told, saved["horizon_days"], neutral=1.0)
        return cls(level, Bands.from_dict(saved.get("bands")), Typical.from_dict(saved.get("typical")))


UNTAUGHT = Taught()
