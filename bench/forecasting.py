"""A saved model's forecast of a frame in memory, beside XGBoost's own prediction of the encoded matrix."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from bench.tasks import HORIZON
from clv.lake import Lake
from clv.models.boosted import Boosted
from clv.models.catalogue import load_model
from clv.models.early import EarlyStage
from clv.partitions import model_at
from step_functions.laptop.archives import unpack


def newest_trees(lake: Lake, segment: str) -> Boosted:
    """Return the boosted model of a segment (of an early-stage model the pooled one inside)."""
    *_, newest = sorted(lake.path(model_at(segment, HORIZON)).glob("*/output/model.tar.gz"))
    with TemporaryDirectory() as folder:
        unpack(newest, Path(folder))
        model = load_model(Path(folder), HORIZON.days)
    found = model.pooled if isinstance(model, EarlyStage) else model
    if not isinstance(found, Boosted):
        raise TypeError(f"{segment}: {found.version} has no trees")
    return found


def seconds(model: Boosted, frame: pd.DataFrame, rounds: int) -> tuple[float, float]:
    """Return processor seconds of the forecast and of XGBoost's prediction alone, medians, by turns."""
    matrix, margin = model.encoding.encode(frame), np.zeros(len(frame), dtype=np.float32)
    boosters = [b for learner in model.amount.learners for b in learner.boosters.values()]
    boosters.append(model.activity.booster)

    def predict() -> None:
        for booster in boosters:
            booster.inplace_predict(matrix, base_margin=margin)

    found = [(_took(lambda: model.forecast(frame)), _took(predict)) for _ in range(rounds)]
    ours, alone = zip(*found, strict=True)
    return median(ours), median(alone)


def _took(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
