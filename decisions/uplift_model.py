"""A fitted uplift: a doubly robust learner on a log of treatments, cross-fitted, judged and calibrated.

The customers of the log are dealt to `FOLDS`. For each fold EconML's DRLearner (Kennedy 2023, "Towards
optimal doubly robust estimation of heterogeneous causal effects") is fitted on the others, with the
propensities that were logged; what it says of the fold's rows is out of fold, and these judge and calibrate
it. For later customers the learners are averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.uplift_judge import Calibration, Judgement, by_strata, calibrated, doubly_robust, gain
from decisions.uplift_log import RAREST, Encoding, Log, refusal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LIBRARY = "econml"
FOLDS = 5
INNER_FOLDS = 2
GROUPS = 50
"""Later customers of like fitted uplift count as one group, whose effects err together."""

MEANS = {"n_estimators": 60, "max_depth": 3, "learning_rate": 0.1}
EFFECTS = {"n_estimators": 40, "max_depth": 2, "learning_rate": 0.1}
"""Small trees: effects are small beside the noise of revenue, and a large tree learns the noise."""
SMALLEST_LEAF = 0.02
"""Share of the rows that a leaf holds at least."""


@dataclass(frozen=True)
class Fitted:
    """A learner that its own log has let pass.

    log : what it was fitted on; learners : one a fold; judgement : on rows that they had not seen
    """

    log: Log
    encoding: Encoding
    learners: Sequence[Any]
    judgement: Judgement

    def covers(self, customers: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Return for whom it speaks: of positive CLV, in a decile that the log has seen."""
        seen = customers["decile"].isin(self.log.seen_deciles) & (customers["clv_eur"] > 0)
        return seen.to_numpy(np.bool_)

    def lines(self, customers: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
        """Return a line of uplift for each group of customers alike in it, and the row of each customer.

        `stratum`, `uplift` (effect in EUR over the group's mean CLV), `sd_shared` (error of the level),
        `sd_tilt` (of the slope: some groups more, others less), `sd_own` (grouped jackknife over the folds;
        Efron 1982), `mean_clv_eur`; the largest effect first.

        customers : whom it covers
        """
        said = effects(self.learners, self.encoding.matrix(customers))
        told = self.judgement.calibration
        effect = told.effect_eur(said.mean(axis=1))
        place = _groups(effect)
        size = np.bincount(place).astype(np.float64)
        fitted = np.column_stack([np.bincount(place, column) for column in said.T]) / size[:, None]
        clv = np.bincount(place, customers["clv_eur"].to_numpy(np.float64)) / size
        return _told(told, fitted, clv), place


def learn(log: Log, seed: int) -> Fitted | str:
    """Return the fitted uplift of a log, or why there is none.

    log : all treatments of one action whose outcome is known
    seed : of folds and learners
    """
    why = refusal(log)
    if why is not None:
        return why
    if find_spec(LIBRARY) is None:
        return f"{LIBRARY} is not installed here; `make .venv/.uplift` installs it"
    chance = log.by_chance
    encoding = Encoding.of(chance.rows)
    learners, judgement = _cross_fitted(chance, encoding.matrix(chance.rows), seed)
    why = judgement.refusal
    return why if why is not None else Fitted(chance, encoding, learners, judgement)


def effects(learners: Sequence[Any], features: Floats) -> Floats:
    """Return the fitted effect of contacting in EUR, by learner: shape (rows, learners)."""
    return np.column_stack([one.effect(features) for one in learners]).astype(np.float64)


def _cross_fitted(log: Log, features: Floats, seed: int) -> tuple[list[Any], Judgement]:
    customer = pd.factorize(log.rows["customer_id"], sort=True)[0].astype(np.int64)
    dealt = np.random.default_rng(seed).permutation(np.arange(customer.max() + 1) % FOLDS)
    fold = dealt[customer]
    fitted, score = np.zeros(len(fold)), np.zeros(len(fold))
    learners = []
    for one in range(FOLDS):
        own = fold == one
        learner = _fit(log, features, customer, ~own, seed)
        learners.append(learner)
        fitted[own] = effects([learner], features[own])[:, 0]
        held_out, contacted = _means(learner, features[own], log.propensity[own])
        score[own] = doubly_robust(
            log.outcome_eur[own], log.contacted[own], log.propensity[own], held_out, contacted
        )
    lot = np.zeros(len(fold))
    judgement = Judgement(
        rows=len(fold),
        contacted=int(log.contacted.sum()),
        effect_eur=float(score.mean()),
        over_lot=gain(score, fitted, lot, customer),
        over_strata=gain(score, fitted, by_strata(log.rows, score, fold), customer),
        calibration=calibrated(score, fitted, customer),
    )
    return learners, judgement


def _fit(log: Log, features: Floats, customer: Ints, rows: npt.NDArray[np.bool_], seed: int) -> Any:
    """Return a learner of some rows. Its libraries take seconds to load, which only a fit shall cost."""
    from econml.dr import DRLearner  # noqa: PLC0415
    from xgboost import XGBRegressor  # noqa: PLC0415

    from decisions.logged_propensity import LoggedPropensity  # noqa: PLC0415

    # One thread, so that two fits are equal whatever the machine.
    own = {"min_child_weight": max(SMALLEST_LEAF * rows.sum(), 1), "n_jobs": 1, "random_state": seed}
    learner = DRLearner(
        model_propensity=LoggedPropensity(),
        model_regression=XGBRegressor(**MEANS, **own),
        model_final=XGBRegressor(**EFFECTS, **own),
        min_propensity=RAREST,
        cv=INNER_FOLDS,
        random_state=seed % 2**32,
        allow_missing=True,
    )
    learner.fit(
        log.outcome_eur[rows],
        log.contacted[rows].astype(np.int64),
        X=features[rows],
        W=log.propensity[rows, None],
        groups=customer[rows],
        inference=None,
    )
    return learner


def _means(learner: Any, features: Floats, propensity: Floats) -> tuple[Floats, Floats]:
    """Return what the learner expects of each row held out, and contacted."""
    models = [model for models in learner.models_regression for model in models]
    both = []
    for contacted in (0.0, 1.0):
        known = np.column_stack([features, propensity, np.full(len(features), contacted)])
        both.append(np.mean([model.predict(known) for model in models], axis=0).astype(np.float64))
    return both[0], both[1]


def _groups(effect: Floats) -> Ints:
    """Return the group of each customer, 0 for the largest effects; groups are as even as ties allow."""
    edges = np.unique(np.quantile(effect, np.arange(1, GROUPS) / GROUPS))
    below = np.searchsorted(edges, effect, side="left")
    return np.unique(-below, return_inverse=True)[1].astype(np.int64)


def _told(told: Calibration, fitted: Floats, clv: Floats) -> pd.DataFrame:
    """Return the lines of groups from what each learner says of them, shape (groups, learners)."""
    mean, count = fitted.mean(axis=1), fitted.shape[1]
    jackknife = (count - 1) / count * ((fitted - mean[:, None]) ** 2).sum(axis=1)
    return pd.DataFrame(
        {
            "stratum": [f"effect {n} of {len(clv)}" for n in range(1, len(clv) + 1)],
            "uplift": told.effect_eur(mean) / clv,
            "sd_shared": told.level_sd / clv,
            "sd_tilt": told.slope_sd * (mean - told.pivot) / clv,
            "sd_own": abs(told.slope) * np.sqrt(jackknife) / clv,
            "mean_clv_eur": clv,
        }
    )
