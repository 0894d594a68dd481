"""Boosted trees that correct the label-free priors, for the customers they were fitted on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.activity import Activity
from clv.models.amount import Amount
from clv.models.bands import Bands, figures
from clv.models.drivers import Share, Typical, blended, learner_share, prior_share, trailing_share
from clv.models.explain import Explained
from clv.models.forecast import MODEL_FILE
from clv.models.level import SeasonLevel
from clv.models.losses.catalogue import load_booster, load_learner
from clv.models.matrix import Encoding
from clv.models.rows import Inputs

Floats = npt.NDArray[np.float64]

FAMILY = "boosted"
FORMAT_VERSION = 2
ACTIVITY_FILE = "activity.ubj"


@dataclass(frozen=True)
class Boosted:
    """An amount and a probability of an order; `fitted_on` says on whom: pooled, or a segment.

    `bands` give median and interval, None where they cannot be learned; drivers count from `typical`.
    """

    fitted_on: str
    horizon_days: int
    encoding: Encoding
    amount: Amount
    activity: Activity
    bands: Bands | None = None
    typical: Typical | None = None

    @property
    def version(self) -> str:
        """Name of the model, with its losses: two that differ in any byte differ in name."""
        boosters = [booster for learner in self.amount.learners for booster in learner.boosters.values()]
        parts = [bytes(booster.save_raw("ubj")) for booster in (*boosters, self.activity.booster)]
        digest = sha256(b"".join([json.dumps(self._to_dict()).encode(), *parts])).hexdigest()
        return f"xgb-{self.amount.losses}-{self.fitted_on}-{digest[:8]}"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns `FIGURES`; UserError where a column is missing or a prior null."""
        inputs = Inputs.of(frame, self.encoding)
        return figures(self.amount.eur(inputs), self.activity.p(inputs), self.bands, frame.index)

    def explain(self, frame: pd.DataFrame) -> Explained | None:
        """Return the forecasts taken apart; memory is rows × features."""
        return self.tell(frame)[1]

    def tell(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, Explained | None]:
        """Return forecast and explanation from one reading; memory is rows × features."""
        inputs = Inputs.of(frame, self.encoding)
        parts, level = self.amount.parts_eur(inputs), self.amount.level.of_rows(inputs.as_of)
        clv_eur, p_active = level * self.amount.blend(parts), self.activity.p(inputs)
        said = figures(clv_eur, p_active, self.bands, frame.index)
        if self.typical is None:
            return said, None
        shares = self.shares(inputs, parts, self.typical)
        blend = blended((weight, shares[name]) for name, weight in self.amount.weights.items())
        return said, Explained.of(blend, level)

    def shares(self, inputs: Inputs, parts: Mapping[str, Floats], typical: Typical) -> dict[str, Share]:
        """Return each component of the amount taken apart, at the prior's own level.

        parts : what each component says of the inputs
        """
        names = self.encoding.names
        trees = {
            learner.loss.name: learner_share(learner, parts[learner.loss.name], inputs, names, typical)
            for learner in self.amount.learners
        }
        return {**trees, "btyd": prior_share(inputs, typical), "trailing": trailing_share(inputs, typical)}

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same model with the season's level of each closed t₀ multiplied by its factor."""
        return replace(self, amount=replace(self.amount, level=self.amount.level.times(factors)))

    def save(self, folder: Path) -> None:
        """Write `model.json`, `activity.ubj` and `<loss>-<part>.ubj` of every booster."""
        (folder / MODEL_FILE).write_text(json.dumps(self._to_dict(), indent=1), encoding="utf-8")
        for learner in self.amount.learners:
            learner.save(folder)
        self.activity.booster.save_model(folder / ACTIVITY_FILE)

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:
        """Restore the model from its JSON and its folder."""
        horizon = saved["horizon_days"]
        level = SeasonLevel.from_dict(saved["level"], horizon, neutral=1.0)
        shift = SeasonLevel.from_dict(saved["activity_shift"], horizon, neutral=0.0)
        learners = tuple(load_learner(one, folder) for one in saved["learners"])
        return cls(
            fitted_on=saved["fitted_on"],
            horizon_days=horizon,
            encoding=Encoding.from_dict(saved["encoding"]),
            amount=Amount(learners, level, saved["weights"]),
            activity=Activity(load_booster(folder / ACTIVITY_FILE), shift),
            bands=Bands.from_dict(saved.get("bands")),
            typical=Typical.from_dict(saved.get("typical")),
        )

    def _to_dict(self) -> dict[str, Any]:
        return {
            "family": FAMILY,
            "format_version": FORMAT_VERSION,
            "fitted_on": self.fitted_on,
            "horizon_days": self.horizon_days,
            "encoding": self.encoding.to_dict(),
            "learners": [learner.to_dict() for learner in self.amount.learners],
            "weights": dict(self.amount.weights),
            "level": self.amount.level.to_dict(),
            "activity_shift": self.activity.shift.to_dict(),
            "bands": self.bands.to_dict() if self.bands else None,
            "typical": self.typical.to_dict() if self.typical else None,
        }
