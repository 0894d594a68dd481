"""XGBoost as we use it: trees that correct a known margin, exactly repeatable."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from clv.models.matrix import Floats32
from clv.settings import Settings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """How trees are grown; the same for every data set.

    The defaults are those of `clv.settings`, which says why. Labels come scaled to mean 1, so a leaf weighs
    as many average customers as `min_child_weight` says: without it leaves of a single giant multiply his
    forecast. Histograms do not depend on `threads`.
    """

    max_depth: int = 4
    eta: float = 0.08
    subsample: float = 0.7
    colsample_bytree: float = 0.5
    max_rounds: int = 150
    patience: int = 15
    unvalidated_rounds: int = 40
    """Where there is no later snapshot to stop on: what validation typically finds."""
    seed: int = 20_111_209
    threads: int = 1

    @classmethod
    def of(cls, settings: Settings, threads: int) -> Self:
        """Return the growth that the settings ask for."""
        return cls(
            max_depth=settings.max_depth,
            eta=settings.eta,
            subsample=settings.subsample,
            colsample_bytree=settings.colsample_bytree,
            max_rounds=settings.max_rounds,
            patience=settings.patience,
            seed=settings.seed,
            threads=threads,
        )


class Target(NamedTuple):
    """An objective of XGBoost, its parameters and the smallest weight (sum of Hessians) of a leaf."""

    objective: str
    min_child_weight: float
    more: dict[str, float]


class Batch(NamedTuple):
    """Rows to learn from: encoded features, label, and the margin that trees add to."""

    matrix: Floats32
    label: Floats
    margin: Floats


def grow(
    target: Target,
    growth: Growth,
    feature_types: list[str],
    train: Batch,
    stop: Batch | int,
) -> xgb.Booster:
    """Return trees grown on `train`: a given number of rounds, or until the loss on a batch stops falling.

    Of the latter only the rounds up to the best one are kept.
    """
    settings: dict[str, Any] = {
        "objective": target.objective,
        "min_child_weight": target.min_child_weight,
        **target.more,
        "max_depth": growth.max_depth,
        "eta": growth.eta,
        "subsample": growth.subsample,
        "colsample_bytree": growth.colsample_bytree,
        "tree_method": "hist",
        "seed": growth.seed,
        "nthread": growth.threads,
    }
    data = _quantised(train, feature_types, growth.threads)
    if isinstance(stop, int):
        return xgb.train(settings, data, stop)
    watched = _quantised(stop, feature_types, growth.threads, data)
    booster = xgb.train(
        settings,
        data,
        growth.max_rounds,
        evals=[(watched, "later")],
        early_stopping_rounds=growth.patience,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def respond(booster: xgb.Booster, matrix: Floats32, margin: Floats) -> Floats:
    """Return the booster's prediction on the scale of the label, shape (rows,)."""
    if len(matrix) == 0:
        return np.empty(0)
    said = booster.inplace_predict(matrix, base_margin=margin.astype(np.float32), missing=np.nan)
    return np.asarray(said, dtype=np.float64)


def _quantised(
    batch: Batch, feature_types: list[str], threads: int, ref: xgb.QuantileDMatrix | None = None
) -> xgb.QuantileDMatrix:
    return xgb.QuantileDMatrix(
        batch.matrix,
        label=batch.label,
        base_margin=batch.margin,
        feature_types=feature_types,
        enable_categorical=True,
        nthread=threads,
        ref=ref,
    )
