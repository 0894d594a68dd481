"""What every loss offers: fit on lessons, forecast revenue at the prior's own level, save files and JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from clv.models.rows import Inputs, Mask, weighed
from clv.models.tree_shap import TreeShap
from clv.models.trees import Batch, Trainer

Floats = npt.NDArray[np.float64]
Rounds = Mapping[str, int]
"""Number of trees (rounds) of each booster of a learner."""


class Lesson(NamedTuple):
    """Rows to learn from; every array has one entry per row.

    `revenue_eur` is net revenue of the horizon, at least 0, over the season's level of its snapshot: at the
    prior's own level. `orders` are counted orders as they came.
    """

    inputs: Inputs
    revenue_eur: Floats
    orders: Floats
    weight: Floats

    @property
    def mean_eur(self) -> float:
        """Return the mean revenue, 1 if nobody brought any."""
        return float(np.average(self.revenue_eur, weights=self.weight)) or 1.0

    def batch(self, label: Floats, margin: Floats) -> Batch:
        """Return what a booster learns from; no weights where all are 1."""
        return Batch(self.inputs.matrix, label, margin, None if (self.weight == 1).all() else self.weight)

    def where(self, mask: Mask) -> "Lesson":
        """Return the rows of a mask."""
        return Lesson(self.inputs.where(mask), *(values[mask] for values in self[1:]))

    def by_snapshot(self, figure: Callable[[Mask], float]) -> Floats:
        """Return each row the figure of its snapshot's rows."""
        days, place = np.unique(self.inputs.as_of, return_inverse=True)
        return np.array([figure(place == k) for k in range(len(days))], dtype=np.float64)[place]

    def balance(self, said_eur: Floats) -> float:
        """Return the factor that makes a forecast's total right on these rows, 1 if it is 0."""
        total = weighed(self.weight, said_eur)
        return weighed(self.weight, self.revenue_eur) / total if total > 0 else 1.0


Stop = Lesson | Rounds | int
"""Number of rounds of each booster or of all, or later rows whose loss ends the growth."""


class Loss(Protocol):
    """A way to learn from lessons. Its forecast is a mean unless its docstring says otherwise."""

    @property
    def name(self) -> str:
        """Name in settings, files and versions."""

    def fit(self, lesson: Lesson, stop: Stop, trainer: Trainer) -> "Learner":
        """Return what was learned, the same for any number of threads; rows come sorted."""

    def eur(self, learner: "Learner", inputs: Inputs) -> Floats:
        """Return the expected revenue in EUR at the prior's own level, shape (rows,), at least 0."""


@dataclass(frozen=True)
class Learner:
    """What a loss has learned: boosters and numbers, each by name."""

    loss: Loss
    boosters: Mapping[str, xgb.Booster]
    numbers: Mapping[str, float]

    def eur(self, inputs: Inputs) -> Floats:
        """Return the expected revenue in EUR at the prior's own level, shape (rows,), at least 0."""
        return self.loss.eur(self, inputs)

    @cached_property
    def _trees(self) -> dict[str, TreeShap]:
        return {}

    def trees(self, part: str) -> TreeShap:
        """Return the trees of one booster, ready to be taken apart; made once."""
        if part not in self._trees:
            self._trees[part] = TreeShap.of(self.boosters[part])
        return self._trees[part]

    @property
    def rounds(self) -> dict[str, int]:
        """Return the number of rounds of each booster."""
        return {part: booster.num_boosted_rounds() for part, booster in self.boosters.items()}

    def save(self, folder: Path) -> None:
        """Write every booster as `<loss>-<part>.ubj`."""
        for part, booster in self.boosters.items():
            booster.save_model(folder / self._file(part))

    def to_dict(self) -> dict[str, Any]:
        """Return what the files do not hold, JSON-ready."""
        files = {part: self._file(part) for part in self.boosters}
        return {"loss": self.loss.name, "files": files, "numbers": dict(self.numbers)}

    def _file(self, part: str) -> str:
        return f"{self.loss.name}-{part}.ubj"


def ending(stop: Stop, part: str, batch: Callable[[Lesson], Batch]) -> Batch | int:
    """Return what ends the growth of one booster: its number of rounds, or the later rows as it sees them."""
    if isinstance(stop, Lesson):
        return batch(stop)
    return stop if isinstance(stop, int) else stop[part]
