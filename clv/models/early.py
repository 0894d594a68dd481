"""Customers of a few weeks with one order: the pooled trees, corrected and shrunk towards customers alike.

Forecast = level × (z ρ s + (1 − z) M). s is what the pooled trees say; last year's revenue, which is only the
first order here, has no say. ρ makes the total right among early-stage customers. M is the credibility mean
of the customer's country × first-order value band. z minimises the Tweedie deviance, the trees' own loss, on
rows of customers who had no part in s and M. (Squared error would follow the few giants.)
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from clv.models.boosted import Boosted
from clv.models.credibility import GroupMeans, group_means
from clv.models.folds import FOLDS
from clv.models.forecast import CLV_EUR, MODEL_FILE, P_ACTIVE
from clv.models.level import spread
from clv.models.losses.starts import SMALLEST_PRIOR
from clv.models.losses.tweedie import mean_tweedie_deviance
from clv.models.rows import Inputs, Rows

Floats = npt.NDArray[np.float64]

FAMILY = "early"
FORMAT_VERSION = 2
POOLED_FOLDER = "pooled"


@dataclass(frozen=True)
class Correction:
    """What early-stage rows teach about the start: its factor ρ, its weight z, the group means M in EUR."""

    factor: float
    weight: float
    means: GroupMeans

    def apply(self, start_eur: Floats, group: npt.NDArray[np.object_]) -> Floats:
        """Return the corrected forecast at the prior's own level."""
        return self.weight * self.factor * start_eur + (1 - self.weight) * self.means.of(group)


@dataclass(frozen=True)
class EarlyStage:
    """The pooled model with a correction."""

    pooled: Boosted
    correction: Correction

    @property
    def horizon_days(self) -> int:
        """Horizon of the pooled model."""
        return self.pooled.horizon_days

    @property
    def version(self) -> str:
        """Name of the model: two that differ in any byte differ in name."""
        told = json.dumps(self._to_dict()) + self.pooled.version
        return f"xgb-{self.pooled.amount.losses}-early-{sha256(told.encode()).hexdigest()[:8]}"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `clv_eur` and `p_active`; UserError where a column is missing or a prior null."""
        inputs = Inputs.of(frame, self.pooled.encoding)
        said = {CLV_EUR: self.eur(inputs), P_ACTIVE: self.pooled.activity.p(inputs)}
        return pd.DataFrame(said, index=frame.index)

    def eur(self, inputs: Inputs) -> Floats:
        """Return the expected net revenue in EUR, shape (rows,)."""
        amount = self.pooled.amount
        return amount.level.of_rows(inputs.as_of) * self.correction.apply(
            amount.trees_eur(inputs), inputs.group
        )

    def save(self, folder: Path) -> None:
        """Write `model.json` and the pooled model into `pooled/`."""
        (folder / MODEL_FILE).write_text(json.dumps(self._to_dict(), indent=1), encoding="utf-8")
        (folder / POOLED_FOLDER).mkdir()
        self.pooled.save(folder / POOLED_FOLDER)

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:
        """Restore the model from its JSON and its folder."""
        inner = json.loads((folder / POOLED_FOLDER / MODEL_FILE).read_text(encoding="utf-8"))
        means = GroupMeans(saved["group_mean_eur"], saved["overall_mean_eur"], saved["credibility"])
        correction = Correction(saved["factor"], saved["weight"], means)
        return cls(Boosted.load(inner, folder / POOLED_FOLDER), correction)

    def _to_dict(self) -> dict[str, Any]:
        return {
            "family": FAMILY,
            "format_version": FORMAT_VERSION,
            "horizon_days": self.horizon_days,
            "factor": self.correction.factor,
            "weight": self.correction.weight,
            "overall_mean_eur": self.correction.means.overall,
            "group_mean_eur": dict(self.correction.means.by_group),
            "credibility": dict(self.correction.means.credibility),
        }


def fit_correction(rows: Rows, start_eur: Floats, levels: dict[Any, float]) -> Correction:
    """Learn the correction from early-stage rows.

    Parameters
    ----------
    rows
        Early-stage rows only, at least one of each fold.
    start_eur
        What trees that never saw the row's customer say at the prior's own level, shape (rows,).
    levels
        Actual over prior revenue of each snapshot, by which labels are divided.
    """
    label = rows.label_eur / spread(levels, rows.inputs.as_of)
    factor = max(float(label.sum()) / float(start_eur.sum()), 0.0)
    group, unit = rows.inputs.group, rows.customer
    others = np.empty_like(label)
    for fold in range(FOLDS):
        told, asked = rows.fold != fold, rows.fold == fold
        others[asked] = group_means(label[told], group[told], unit[told]).of(group[asked])
    weight = blend_weight(label, factor * start_eur, others)
    return Correction(factor, weight, group_means(label, group, unit))


def blend_weight(label: Floats, start: Floats, mean: Floats) -> float:
    """Return the z in [0, 1] at which z start + (1 − z) mean has the least Tweedie deviance from `label`.

    Negative labels count as 0; shapes (rows,), one unit.
    """
    came = np.maximum(label, 0.0)
    floor = SMALLEST_PRIOR * max(float(came.mean()), SMALLEST_PRIOR)

    def loss(z: float) -> float:
        said = np.maximum(z * start + (1 - z) * mean, floor)
        return mean_tweedie_deviance(came, said)

    found = minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-4})
    return min((0.0, float(found.x), 1.0), key=loss)
