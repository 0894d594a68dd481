"""How much a customer brings: trees multiply a label-free forecast, two label-free forecasts steady them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from clv.models.level import SeasonLevel, spread
from clv.models.rows import Inputs, Rows
from clv.models.trees import Batch, Growth, Target, grow, respond

Floats = npt.NDArray[np.float64]

TWEEDIE_POWER = 1.3
TWEEDIE = Target("reg:tweedie", 100.0, {"tweedie_variance_power": TWEEDIE_POWER})
LEVEL_RANGE = (0.05, 20.0)
"""A snapshot beyond it says more about its data than about the season."""
SMALLEST_PRIOR = 1e-4
"""Of the mean label: a prior of 0 has no logarithm."""


@dataclass(frozen=True)
class Amount:
    """Net revenue of the horizon: level × mean of trees, buy-till-you-die and last year's revenue.

    The trees minimise the Tweedie deviance (Jorgensen 1987) with log(prior / `scale_eur`) as base margin;
    their label is revenue, at least 0, over its snapshot's level and over `scale_eur`, the mean of such
    labels. Negative labels count in the level only. Trees cannot extrapolate the few giants, which is why the
    two priors have an equal say.
    """

    booster: xgb.Booster
    scale_eur: float
    level: SeasonLevel

    def eur(self, inputs: Inputs) -> Floats:
        """Return the expected net revenue in EUR, shape (rows,)."""
        return self.level.of_rows(inputs.as_of) * self.unseasoned_eur(inputs)

    def unseasoned_eur(self, inputs: Inputs) -> Floats:
        """Return the same at the prior's own level."""
        return (self.trees_eur(inputs) + inputs.btyd_eur + inputs.trailing_eur) / 3

    def trees_eur(self, inputs: Inputs) -> Floats:
        """Return what the trees alone say, at the prior's own level."""
        margin = _margin(inputs, self.scale_eur)
        return self.scale_eur * respond(self.booster, inputs.matrix, margin)


def revenue_levels(rows: Rows) -> dict[date, float]:
    """Return actual over prior revenue of each snapshot, kept within `LEVEL_RANGE`."""

    def ratio(snapshot: Rows) -> float:
        prior = float(snapshot.inputs.btyd_eur.sum())
        actual = float(snapshot.label_eur.sum())
        return float(np.clip(actual / prior if prior > 0 else 1.0, *LEVEL_RANGE))

    return rows.per_snapshot(ratio)


def unseasoned_label(rows: Rows, levels: Mapping[date, float]) -> Floats:
    """Return revenue, at least 0, over the level of its snapshot, in EUR."""
    return np.maximum(rows.label_eur, 0.0) / spread(levels, rows.inputs.as_of)


def fit_amount(
    rows: Rows, levels: SeasonLevel, feature_types: list[str], growth: Growth, stop: Rows | int
) -> Amount:
    """Fit the trees; `stop` is a number of rounds, or later rows whose deviance ends the growth."""
    label = unseasoned_label(rows, levels.by_as_of)
    scale = float(label.mean()) or 1.0

    def batch(some: Rows) -> Batch:
        scaled = unseasoned_label(some, levels.by_as_of) / scale
        return Batch(some.inputs.matrix, scaled, _margin(some.inputs, scale))

    ending = stop if isinstance(stop, int) else batch(stop)
    return Amount(grow(TWEEDIE, growth, feature_types, batch(rows), ending), scale, levels)


def _margin(inputs: Inputs, scale_eur: float) -> Floats:
    return np.asarray(np.log(np.maximum(inputs.btyd_eur / scale_eur, SMALLEST_PRIOR)), dtype=np.float64)
