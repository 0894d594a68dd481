"""XGBoost as we use it: trees that correct a known margin, exactly repeatable."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.pool import ThreadPool
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from threadpoolctl import ThreadpoolController

from clv.models.grown_once import booster_of
from clv.models.matrix import Floats32
from clv.settings import Settings

Floats = npt.NDArray[np.float64]
Part = TypeVar("Part")


@dataclass(frozen=True)
class Growth:
    """How trees are grown; the same for every data set.

    The defaults are those of `clv.settings`, which says why. Labels come scaled to mean 1, so a leaf weighs
    as many average customers as `min_child_weight` says: without it leaves of a single giant multiply his
    forecast. `threads` is how many boosters grow side by side, each with one thread: those of XGBoost wait
    busily for one another.
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


class Custom(NamedTuple):
    """A loss that XGBoost does not have.

    `derivatives` returns gradient and Hessian of each row and output, `mean_loss` one number; both are told
    the raw predictions, shape (rows, outputs), and the labels, shape (rows,).
    """

    outputs: int
    derivatives: Callable[[Floats, Floats], tuple[Floats, Floats]]
    mean_loss: Callable[[Floats, Floats, Floats], float]


class Target(NamedTuple):
    """An objective of XGBoost, its parameters and the smallest weight (sum of Hessians) of a leaf.

    `constrainable`: monotone constraints hold. They would not where XGBoost replaces the leaves by quantiles
    of residuals, and mean nothing for several outputs.
    """

    objective: str
    min_child_weight: float
    more: Mapping[str, Any] = MappingProxyType({})
    constrainable: bool = True
    custom: Custom | None = None


class Batch(NamedTuple):
    """Rows to learn from: encoded features, label, the margin that trees add to, and weights (None: all 1).

    The margin has shape (rows,), or (rows, outputs) where there are several.
    """

    matrix: Floats32
    label: Floats
    margin: Floats
    weight: Floats | None = None


@dataclass(frozen=True)
class Trainer:
    """Grows trees on matrices of one encoding; `monotone` is a sign for each of its columns, or empty."""

    growth: Growth
    feature_types: Sequence[str]
    monotone: tuple[int, ...] = ()

    def side_by_side(self, fits: Iterable[Callable[["Trainer"], Part]]) -> tuple[Part, ...]:
        """Return what each fit makes of a trainer, in their order; `threads` of them run at a time.

        They end with the process: an interrupted run waits for none, as it would for `concurrent.futures`.
        """
        fits, threads = list(fits), self.growth.threads
        if threads == 1 or len(fits) < 2:
            return tuple(fit(self) for fit in fits)
        alone = replace(self, growth=replace(self.growth, threads=max(threads // len(fits), 1)))
        with ThreadPool(threads) as pool:
            return tuple(pool.map(lambda fit: fit(alone), fits))

    def grow(self, target: Target, train: Batch, stop: Batch | int) -> xgb.Booster:
        """Return trees: a given number of rounds, or as many as lower the loss on later rows.

        Of the latter only the rounds up to the best one are kept.
        """
        if target.custom is not None:  # a function is no recipe to compare
            return self._grown(target, train, stop)
        growth, ending = self.growth, (stop,) if isinstance(stop, int) else ()
        recipe = (self._settings(target), self.feature_types, growth.max_rounds, growth.patience, ending)
        told = [*train, *(stop if isinstance(stop, Batch) else ())]
        return booster_of(recipe, told, lambda: self._grown(target, train, stop))

    def _grown(self, target: Target, train: Batch, stop: Batch | int) -> xgb.Booster:
        with _one_openmp_thread():
            return self._trained(target, train, stop)

    def _trained(self, target: Target, train: Batch, stop: Batch | int) -> xgb.Booster:
        settings, data = self._settings(target), self._quantised(train)
        calls = _calls(target.custom)
        if isinstance(stop, int):
            return xgb.train(settings, data, stop, obj=calls.get("obj"))
        booster = xgb.train(
            settings,
            data,
            self.growth.max_rounds,
            evals=[(self._exact(stop), "later")],
            early_stopping_rounds=self.growth.patience,
            verbose_eval=False,
            **calls,
        )
        return booster[: booster.best_iteration + 1]

    def _settings(self, target: Target) -> dict[str, Any]:
        growth = self.growth
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
            "nthread": 1,
        }
        if target.constrainable and any(self.monotone):
            settings["monotone_constraints"] = self.monotone
        if target.custom is not None:
            settings |= {"num_class": target.custom.outputs, "disable_default_eval_metric": True}
        return settings

    def _quantised(self, batch: Batch) -> xgb.QuantileDMatrix:
        return xgb.QuantileDMatrix(batch.matrix, **self._told(batch))

    def _exact(self, batch: Batch) -> xgb.DMatrix:
        """Return rows to judge on; XGBoost reads quantised ones back bin by bin, every round anew."""
        return xgb.DMatrix(batch.matrix, **self._told(batch))

    def _told(self, batch: Batch) -> dict[str, Any]:
        return {
            "label": batch.label,
            "weight": batch.weight,
            "base_margin": batch.margin,
            "feature_types": list(self.feature_types),
            "enable_categorical": True,
            "nthread": 1,
        }


def respond(booster: xgb.Booster, matrix: Floats32, margin: Floats, *, raw: bool = False) -> Floats:
    """Return what the trees predict, on the scale of the label or `raw`; shape (rows,) or (rows, outputs)."""
    if len(matrix) == 0:
        return np.empty(margin.shape)
    with _one_openmp_thread():
        said = booster.inplace_predict(
            matrix,
            base_margin=margin.astype(np.float32),
            missing=np.nan,
            predict_type="margin" if raw else "value",
        )
    return np.asarray(said, dtype=np.float64)


def _one_openmp_thread() -> AbstractContextManager[Any]:
    """Hold OpenMP to one thread for the length of a block, in this thread.

    XGBoost copies labels and margins with all there are, whatever its `nthread`, and they wait busily.
    """
    held: AbstractContextManager[Any] = _pools().limit(limits=1, user_api="openmp")
    return held


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


def _calls(custom: Custom | None) -> dict[str, Any]:
    if custom is None:
        return {}

    def derivatives(raw: Floats, data: xgb.DMatrix) -> tuple[Floats, Floats]:
        gradient, hessian = custom.derivatives(np.asarray(raw, np.float64), _label(data))
        weight = _weight(data)[:, None]
        return gradient * weight, hessian * weight

    def mean_loss(raw: Floats, data: xgb.DMatrix) -> tuple[str, float]:
        return "loss", custom.mean_loss(np.asarray(raw, np.float64), _label(data), _weight(data))

    return {"obj": derivatives, "custom_metric": mean_loss}


def _label(data: xgb.DMatrix) -> Floats:
    return np.asarray(data.get_label(), dtype=np.float64)


def _weight(data: xgb.DMatrix) -> Floats:
    weight = np.asarray(data.get_weight(), dtype=np.float64)
    return weight if weight.size else np.ones(data.num_row())
