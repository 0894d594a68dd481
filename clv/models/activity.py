"""Whether a customer orders at all: trees shift the label-free probability."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from scipy.optimize import brentq
from scipy.special import expit, logit

from clv.models.level import SeasonLevel, spread
from clv.models.rows import Inputs, Rows, weighed
from clv.models.trees import Batch, Target, Trainer, respond

Floats = npt.NDArray[np.float64]

LOGISTIC = Target("binary:logistic", 20.0)
"""20 is the weight of about a hundred customers of whom a quarter are active."""
SMALLEST_P = 1e-4
LARGEST_SHIFT = 5.0


@dataclass(frozen=True)
class Activity:
    """P(at least one order in the horizon); the base margin is logit(prior) + the season's shift."""

    booster: xgb.Booster
    shift: SeasonLevel

    def p(self, inputs: Inputs) -> Floats:
        """Return the probability, shape (rows,)."""
        return self.p_shifted(inputs, self.shift.of_rows(inputs.as_of))

    def p_shifted(self, inputs: Inputs, shift: Floats) -> Floats:
        """Return the probability with another shift of the logits, shape (rows,)."""
        return respond(self.booster, inputs.matrix, logit_prior(inputs) + shift)


def activity_shifts(rows: Rows) -> dict[date, float]:
    """Return the shift of each snapshot's logits at which the prior expects as many active ones as came."""

    def shift(snapshot: Rows) -> float:
        return matching_shift(logit_prior(snapshot.inputs), snapshot.active, snapshot.weight)

    return rows.per_snapshot(shift)


def fit_activity(rows: Rows, shifts: SeasonLevel, trainer: Trainer, stop: Rows | int) -> Activity:
    """Fit the trees; `stop` is a number of rounds, or later rows whose loss ends the growth."""

    def batch(some: Rows) -> Batch:
        margin = logit_prior(some.inputs) + spread(shifts.by_as_of, some.inputs.as_of)
        return Batch(some.inputs.matrix, some.active, margin, some.unequal_weight)

    ending = stop if isinstance(stop, int) else batch(stop)
    return Activity(trainer.grow(LOGISTIC, batch(rows), ending), shifts)


def logit_prior(inputs: Inputs) -> Floats:
    """Return the logit of the prior's P(at least one order)."""
    return np.asarray(logit(np.clip(inputs.btyd_p, SMALLEST_P, 1 - SMALLEST_P)), dtype=np.float64)


def matching_shift(margin: Floats, came: Floats, weight: Floats) -> float:
    """Return the shift of logits at which as many are expected as came, within ± `LARGEST_SHIFT`."""
    total = weighed(weight, came)

    def surplus(by: float) -> float:
        return weighed(weight, expit(margin + by)) - total

    if surplus(-LARGEST_SHIFT) >= 0:
        return -LARGEST_SHIFT
    if surplus(LARGEST_SHIFT) <= 0:
        return LARGEST_SHIFT
    return float(brentq(surplus, -LARGEST_SHIFT, LARGEST_SHIFT))
