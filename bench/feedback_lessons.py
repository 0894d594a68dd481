"""What the log of twelve campaigns can still teach: what contacting adds, and to whom it adds most."""

from typing import NamedTuple

import numpy as np
import xgboost as xgb

from bench.feedback import CONTACTED_SHARE, TREES, Mask, Season
from bench.feedback_shop import CYCLES, FIRST_CAMPAIGN, Floats

ROUNDS = 30


class Lessons(NamedTuple):
    """What a log teaches about contacting.

    added_eur, truly_added_eur : what a contact adds, mean of all customers and cycles: as said, and in truth
    best_share : of what the best possible next campaign would add, what the one chosen by the log would
    by_lot_share : what a campaign by lot would
    """

    added_eur: float
    truly_added_eur: float
    best_share: float
    by_lot_share: float


def lessons(season: Season, seed: int) -> Lessons:
    """Return what the log teaches, weighed by inverse propensities where the log knows them.

    What contacting adds is the difference of both arms' means (Hájek), and by customer that of two forests of
    boosted trees, one per arm (a T-learner; Künzel et al. 2019). A log that knows no chance is taken as it is.
    """
    cycles = range(FIRST_CAMPAIGN, CYCLES)
    matrix = np.concatenate([season.features(cycle) for cycle in cycles])
    came, contacted, chance = (
        values[:, FIRST_CAMPAIGN:].T.ravel()
        for values in (season.revenue_eur, season.contacted, season.propensity)
    )
    weight = _weights(contacted, chance)
    means = [np.average(came[arm], weights=weight[arm]) for arm in (contacted, ~contacted)]
    truth = season.shop.added_eur(CYCLES - 1)
    now = xgb.DMatrix(season.features(CYCLES - 1))
    one, none = (
        _fit(matrix[arm], came[arm], weight[arm], seed).predict(now) for arm in (contacted, ~contacted)
    )
    most = round(len(truth) * CONTACTED_SHARE)
    best, chosen = np.sort(truth)[-most:].sum(), truth[np.argsort(none - one, kind="stable")[:most]].sum()
    overall = np.mean([season.shop.added_eur(cycle).mean() for cycle in cycles])
    return Lessons(
        float(means[0] - means[1]), float(overall), float(chosen / best), float(truth.mean() * most / best)
    )


def _weights(contacted: Mask, chance: Floats) -> Floats:
    random = (chance > 0) & (chance < 1)
    if not random.any():
        return np.ones(len(chance))
    return np.where(contacted, 1 / np.where(contacted, chance, 1), 1 / (1 - np.where(contacted, 0, chance)))


def _fit(matrix: Floats, label: Floats, weight: Floats, seed: int) -> xgb.Booster:
    data = xgb.DMatrix(matrix, label=label, weight=weight / weight.mean())
    return xgb.train({**TREES, "max_depth": 3, "seed": seed}, data, ROUNDS)
