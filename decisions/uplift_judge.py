"""Whether a fitted uplift tells customers apart: on treatments that it was not fitted on, against strata."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, rankdata

from decisions.experiment import STRATA
from decisions.uplifts import shrink

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIDES = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Gain:
    """What one order of contacting brings more than another: EUR a customer, with its 95 % interval.

    The mean over all shares that may be contacted.
    """

    eur: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """The same in words."""
        return f"{self.eur:+.2f} € a customer (95 % interval {self.low:+.2f} to {self.high:+.2f})"


@dataclass(frozen=True)
class Calibration:
    """What contacting is expected to add where the fitted uplift is s: level + slope × (s − pivot), in EUR.

    The errors of level and slope are uncorrelated: that is what the pivot is chosen for.
    """

    level: float
    slope: float
    pivot: float
    level_sd: float
    slope_sd: float

    def effect_eur(self, fitted: Floats) -> Floats:
        """Return the expected effect, shape as given."""
        return np.asarray(self.level + self.slope * (fitted - self.pivot), np.float64)


@dataclass(frozen=True)
class Judgement:
    """What treatments that a learner had not seen say of it.

    over_lot : ranking by the fitted uplift against contacting by lot
    over_strata : the same against ranking by uplift by stratum × CLV, learned on the same rows
    """

    rows: int
    contacted: int
    effect_eur: float
    over_lot: Gain
    over_strata: Gain
    calibration: Calibration

    @property
    def refusal(self) -> str | None:
        """Why the model is not used; None if it tells customers apart."""
        for name, gain in (("contacting by lot", self.over_lot), ("uplift by stratum", self.over_strata)):
            if not gain.low > 0:
                return f"out of fold it is not shown to beat {name}: {gain.words}"
        return None

    def told(self) -> dict[str, Any]:
        """Return all figures by name."""
        return asdict(self)


def doubly_robust(
    outcome: Floats, contacted: Floats, propensity: Floats, held_out_mean: Floats, contacted_mean: Floats
) -> Floats:
    """Return a score of each row whose mean is the effect of contacting, shape (rows,), EUR.

    μ₁ − μ₀ + (w − p) / (p (1 − p)) (y − μ_w) (Robins, Rotnitzky and Zhao 1994). With the propensity that
    decided it is unbiased whatever the two means are.
    """
    mean = np.where(contacted == 1, contacted_mean, held_out_mean)
    weight = (contacted - propensity) / (propensity * (1 - propensity))
    return np.asarray(contacted_mean - held_out_mean + weight * (outcome - mean), np.float64)


def gain(score: Floats, order: Floats, rival: Floats, customer: Ints) -> Gain:
    """Return what contacting by one order brings more than by another.

    Difference of the areas under two Qini curves (Yadlowsky, Fleming, Shah, Brunskill and Wager 2025,
    "Evaluating treatment prioritization rules via rank-weighted average treatment effects", sec. 2):
    Σ (u_rival − u_order) (score − mean) / n, u the share of those who come first. Rows of one customer err
    together.

    Parameters
    ----------
    score
        `doubly_robust`, shape (rows,).
    order, rival
        Who comes first has most, same shape; a constant is by lot.
    customer
        Number of each row's customer.
    """
    parts = (_place(rival) - _place(order)) * (score - score.mean())
    wide = SIDES * float(np.sqrt((np.bincount(customer, parts - parts.mean()) ** 2).sum())) / len(parts)
    eur = float(parts.mean())
    return Gain(eur, eur - wide, eur + wide)


def calibrated(score: Floats, fitted: Floats, customer: Ints) -> Calibration:
    """Return the best linear predictor of the effect from the fitted uplift, with errors by customer.

    Chernozhukov, Demirer, Duflo and Fernández-Val (2018), "Generic machine learning inference on
    heterogeneous treatment effects", eq. 2.1: what a learner says too much of, the slope takes back.
    """
    design = np.column_stack([np.ones_like(fitted), fitted - fitted.mean()])
    inverse = np.linalg.pinv(design.T @ design)
    found = inverse @ (design.T @ score)
    left = design * (score - design @ found)[:, None]
    sums = np.column_stack([np.bincount(customer, left[:, place]) for place in (0, 1)])
    errors = inverse @ (sums.T @ sums) @ inverse
    level, slope = float(found[0]), float(found[1])
    shift = float(errors[0, 1] / errors[1, 1]) if errors[1, 1] > 0 else 0.0
    level_sd = float(np.sqrt(max(errors[0, 0] - shift * errors[0, 1], 0.0)))
    pivot = float(fitted.mean()) - shift
    return Calibration(level - slope * shift, slope, pivot, level_sd, float(np.sqrt(errors[1, 1])))


def by_strata(rows: pd.DataFrame, score: Floats, fold: Ints) -> Floats:
    """Return the uplift by stratum × CLV of each row, learned on the rows of the other folds, shape (rows,).

    As an experiment's read-out would say it (`decisions.uplift_lines.measured_lines`).
    """
    found = np.zeros(len(rows))
    for one in np.unique(fold):
        own = fold == one
        shares = _shares(rows[~own], score[~own])
        keys = pd.MultiIndex.from_frame(rows.loc[own, list(STRATA)])
        share = shares.reindex(keys).fillna(shares.mean()).to_numpy(np.float64)
        found[own] = share * rows.loc[own, "clv_eur"].to_numpy(np.float64)
    return found


def _shares(rows: pd.DataFrame, score: Floats) -> "pd.Series[float]":
    told = rows[list(STRATA)].assign(score=score, clv=rows["clv_eur"].to_numpy())
    band = told.groupby("value_band")["score"]
    told["variance"] = (told["score"] - band.transform("mean")) ** 2
    told["variance"] = told.groupby("value_band")["variance"].transform("mean")
    strata = told.groupby(list(STRATA))
    means, size = strata[["score", "clv", "variance"]].mean(), strata.size()
    clv = means["clv"].where(means["clv"] > 0)
    return shrink(means["score"] / clv, np.sqrt(means["variance"] / size) / clv)


def _place(order: Floats) -> Floats:
    """Return the share of rows that come before each, ties in the middle of theirs."""
    return np.asarray((rankdata(-order) - 0.5) / len(order), np.float64)
