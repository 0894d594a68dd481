"""Customers of a few weeks with one order: the pooled model's parts, and what only such customers teach.

Forecast = level × Σ weight_k × factor_k × part_k. Parts are those of the pooled model (trees of all
customers, buy-till-you-die, last year's revenue), `own`, and `groups`. `own` are shallow trees that start
from the label-free forecast and learn from early-stage customers how acquisition, first basket and
first weeks correct it. `groups` is the credibility mean of the country × first-order value band.
Each factor makes its part's total right among early-stage customers. Weights are those of
`clv.models.stack`, learned on rows that no part has seen and shrunk towards the pooled model's: where the
data have nothing special to say of early-stage customers, they are forecast as everybody else.
"""

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

from clv.driver_words import ALIKE
from clv.models.bands import Bands, figures
from clv.models.boosted import Boosted
from clv.models.credibility import GroupMeans, group_means
from clv.models.drivers import Share, Typical, blended, learner_share
from clv.models.early_features import EARLY_FEATURES
from clv.models.explain import Explained
from clv.models.folds import FOLDS
from clv.models.forecast import MODEL_FILE
from clv.models.level import spread
from clv.models.losses.catalogue import load_learner
from clv.models.losses.learner import Learner
from clv.models.matrix import Encoding
from clv.models.rows import Inputs, Rows, weighed
from clv.models.stack import learned_weights

Floats = npt.NDArray[np.float64]
Parts = Mapping[str, Floats]

FAMILY = "early"
FORMAT_VERSION = 3
POOLED_FOLDER = "pooled"
OWN, GROUPS = "own", "groups"


@dataclass(frozen=True)
class Blend:
    """Weights of the parts (at least 0, sum 1), the factor of each, and the group means in EUR."""

    weights: Mapping[str, float]
    factors: Mapping[str, float]
    means: GroupMeans

    def eur(self, parts: Parts, group: npt.NDArray[np.object_]) -> Floats:
        """Return the forecast at the prior's own level from the parts without `groups`, shape (rows,)."""
        said = {**parts, GROUPS: self.means.of(group)}
        total = np.zeros(len(group))
        for name, weight in self.weights.items():
            total += weight * self.factors[name] * said[name]
        return total


@dataclass(frozen=True)
class EarlyStage:
    """The pooled model, the trees of early-stage customers and how both are blended.

    `bands` give median and interval, None where they cannot be learned; drivers count from `typical`.
    """

    pooled: Boosted
    own: Learner
    blend: Blend
    bands: Bands | None = None
    typical: Typical | None = None

    @property
    def horizon_days(self) -> int:
        """Horizon of the pooled model."""
        return self.pooled.horizon_days

    @property
    def version(self) -> str:
        """Name of the model: two that differ in any byte differ in name."""
        own = [bytes(booster.save_raw("ubj")) for booster in self.own.boosters.values()]
        told = json.dumps(self._to_dict()) + self.pooled.version
        digest = sha256(b"".join([told.encode(), *own])).hexdigest()
        return f"xgb-{self.pooled.amount.losses}-early-{digest[:8]}"

    def forecast(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns `FIGURES`; UserError where a column is missing or a prior null."""
        inputs = Inputs.of(frame, self.pooled.encoding)
        return self._figures(inputs, self._parts(inputs), frame.index)

    def eur(self, inputs: Inputs) -> Floats:
        """Return the expected net revenue in EUR, shape (rows,)."""
        return self._eur(inputs, self._parts(inputs))

    def _parts(self, inputs: Inputs) -> dict[str, Floats]:
        own = self.own.eur(narrowed(inputs, self.pooled.encoding))
        return {**self.pooled.amount.parts_eur(inputs), OWN: own}

    def _eur(self, inputs: Inputs, parts: Parts) -> Floats:
        return self.pooled.amount.level.of_rows(inputs.as_of) * self.blend.eur(parts, inputs.group)

    def _figures(self, inputs: Inputs, parts: Parts, index: "pd.Index[Any]") -> pd.DataFrame:
        return figures(self._eur(inputs, parts), self.pooled.activity.p(inputs), self.bands, index)

    def explain(self, frame: pd.DataFrame) -> Explained | None:
        """Return the forecasts taken apart; memory is rows × features."""
        return self.tell(frame)[1]

    def tell(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, Explained | None]:
        """Return forecast and explanation from one reading; memory is rows × features."""
        inputs = Inputs.of(frame, self.pooled.encoding)
        parts = self._parts(inputs)
        said = self._figures(inputs, parts, frame.index)
        return said, None if self.typical is None else self._explained(inputs, parts, self.typical)

    def _explained(self, inputs: Inputs, parts: Parts, typical: Typical) -> Explained:
        encoding = self.pooled.encoding
        shares = self.pooled.shares(inputs, parts, typical)
        own = [encoding.names[place] for place in early_places(encoding)]
        shares[OWN] = learner_share(self.own, parts[OWN], narrowed(inputs, encoding), own, typical)
        means = self.blend.means
        shares[GROUPS] = Share(means.overall, {ALIKE: means.of(inputs.group) - means.overall})
        factors, weights = self.blend.factors, self.blend.weights
        blend = blended((weight * factors[name], shares[name]) for name, weight in weights.items())
        return Explained.of(blend, self.pooled.amount.level.of_rows(inputs.as_of))

    def releveled(self, factors: Mapping[date, float]) -> Self:
        """Return the same model with the season's level of each closed t₀ multiplied by its factor."""
        return replace(self, pooled=self.pooled.releveled(factors))

    def save(self, folder: Path) -> None:
        """Write `model.json`, the trees of early-stage customers, and the pooled model into `pooled/`."""
        (folder / MODEL_FILE).write_text(json.dumps(self._to_dict(), indent=1), encoding="utf-8")
        self.own.save(folder)
        (folder / POOLED_FOLDER).mkdir()
        self.pooled.save(folder / POOLED_FOLDER)

    @classmethod
    def load(cls, saved: dict[str, Any], folder: Path) -> Self:
        """Restore the model from its JSON and its folder."""
        inner = json.loads((folder / POOLED_FOLDER / MODEL_FILE).read_text(encoding="utf-8"))
        means = GroupMeans(saved["group_mean_eur"], saved["overall_mean_eur"], saved["credibility"])
        return cls(
            Boosted.load(inner, folder / POOLED_FOLDER),
            load_learner(saved["own"], folder),
            Blend(saved["weights"], saved["factors"], means),
            Bands.from_dict(saved.get("bands")),
            Typical.from_dict(saved.get("typical")),
        )

    def _to_dict(self) -> dict[str, Any]:
        means = self.blend.means
        return {
            "family": FAMILY,
            "format_version": FORMAT_VERSION,
            "horizon_days": self.horizon_days,
            "own": self.own.to_dict(),
            "weights": dict(self.blend.weights),
            "factors": dict(self.blend.factors),
            "overall_mean_eur": means.overall,
            "group_mean_eur": dict(means.by_group),
            "credibility": dict(means.credibility),
            "bands": self.bands.to_dict() if self.bands else None,
            "typical": self.typical.to_dict() if self.typical else None,
        }


def early_places(encoding: Encoding) -> list[int]:
    """Return the columns of the encoded matrix that trees of early-stage customers read."""
    return [place for place, name in enumerate(encoding.names) if name in EARLY_FEATURES]


def narrowed(inputs: Inputs, encoding: Encoding) -> Inputs:
    """Return the inputs with these columns only."""
    return replace(inputs, matrix=np.ascontiguousarray(inputs.matrix[:, early_places(encoding)]))


def fit_blend(rows: Rows, unseen: Parts, start: Mapping[str, float], levels: Mapping[Any, float]) -> Blend:
    """Learn from early-stage rows how to blend the parts.

    Parameters
    ----------
    rows
        Early-stage rows only, at least one with a weight of each fold.
    unseen
        What each part but `groups` says of every row without having seen its customer, at the prior's own
        level, each of shape (rows,).
    start
        The pooled model's weights, which sum to 1; other parts start at 0.
    levels
        Actual over prior revenue of each snapshot, by which labels are divided.
    """
    label = rows.label_eur / spread(levels, rows.inputs.as_of)
    said = {**unseen, GROUPS: _means_of_others(rows, label)}
    factors = {name: _factor(label, part, rows.weight) for name, part in said.items()}
    found = learned_weights(
        label,
        np.column_stack([factors[name] * part for name, part in said.items()]),
        rows.weight,
        rows.inputs.as_of,
        np.array([start.get(name, 0.0) for name in said]),
    )
    means = group_means(label, rows.inputs.group, rows.customer, rows.weight)
    return Blend(dict(zip(said, found.tolist(), strict=True)), factors, means)


def _means_of_others(rows: Rows, label: Floats) -> Floats:
    """Return each row the credibility mean of its group among the customers of the other fold."""
    said = np.empty(len(rows))
    for fold in range(FOLDS):
        told, asked = rows.fold != fold, rows.fold == fold
        means = group_means(label[told], rows.inputs.group[told], rows.customer[told], rows.weight[told])
        said[asked] = means.of(rows.inputs.group[asked])
    return said


def _factor(label: Floats, said: Floats, weight: Floats) -> float:
    total = weighed(weight, said)
    return max(weighed(weight, label), 0.0) / total if total > 0 else 1.0
