"""Boosted trees that correct the label-free priors, for the customers they were fitted on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import pandas as pd
import xgboost as xgb

from clv.models.activity import Activity
from clv.models.amount import Amount
from clv.models.forecast import CLV_EUR, MODEL_FILE, P_ACTIVE
from clv.models.level import SeasonLevel
from clv.models.matrix import Encoding
from clv.models.rows import Inputs

FAMILY = "boosted"
FORMAT_VERSION = 1
AMOUNT_FILE = "amount.ubj"
ACTIVITY_FILE = "activity.ubj"


@dataclass(frozen=True)
class Boosted:
    """An amount and a probability of an order; `fitted_on` says on whom: pooled, or a segment."""

    fitted_on: str
    horizon_days: int
    encoding: Encoding
    amount: Amount
    activity: Activity

    @property
    def version(self) -> str:
        """Name of the model: two that differ in any byte differ in name."""
        parts = [bytes(b.save_raw("ubj")) for b in (self.amount.booster, self.activity.booster)]
        digest = sha256(b"".join([json.dumps(self._to_dict()).encode(), *parts])).hexdigest()
        return f"xgb-tweedie-{self.fitted_on}-{digest[:8]}"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active`; UserError where a column is missing or a prior null."""
        inputs = Inputs.of(frame, self.encoding)
        said = {CLV_EUR: self.amount.eur(inputs), P_ACTIVE: self.activity.p(inputs)}
        return pd.DataFrame(said, index=frame.index)

    def save(self, folder: Path) -> None:
        """Write `model.json`, `amount.ubj` and `activity.ubj`."""
        (folder / MODEL_FILE).write_text(json.dumps(self._to_dict(), indent=1), encoding="utf-8")
        self.amount.booster.save_model(folder / AMOUNT_FILE)
        self.activity.booster.save_model(folder / ACTIVITY_FILE)

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:
        """Restore the model from its JSON and its folder."""
        horizon = saved["horizon_days"]
        level, shift = _level(saved["level"], horizon, 1.0), _level(saved["activity_shift"], horizon, 0.0)
        return cls(
            fitted_on=saved["fitted_on"],
            horizon_days=horizon,
            encoding=Encoding.from_dict(saved["encoding"]),
            amount=Amount(_booster(folder / AMOUNT_FILE), saved["scale_eur"], level),
            activity=Activity(_booster(folder / ACTIVITY_FILE), shift),
        )

    def _to_dict(self) -> dict[str, Any]:
        return {
            "family": FAMILY,
            "format_version": FORMAT_VERSION,
            "fitted_on": self.fitted_on,
            "horizon_days": self.horizon_days,
            "encoding": self.encoding.to_dict(),
            "scale_eur": self.amount.scale_eur,
            "level": _texts(self.amount.level.by_as_of),
            "activity_shift": _texts(self.activity.shift.by_as_of),
        }


def _texts(by_as_of: Mapping[date, float]) -> dict[str, float]:
    return {day.isoformat(): value for day, value in by_as_of.items()}


def _level(saved: dict[str, float], horizon_days: int, neutral: float) -> SeasonLevel:
    by_as_of = {date.fromisoformat(day): value for day, value in saved.items()}
    return SeasonLevel(by_as_of, horizon_days, neutral)


def _booster(file: Path) -> xgb.Booster:
    booster = xgb.Booster()
    booster.load_model(file)
    return booster
