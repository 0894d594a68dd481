"""Verb: the weights that treatments give to the rows of closed snapshots."""

from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd

from clv.engine import Engine
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import labels_at, weights_at
from clv.tables import WEIGHTS
from clv.timeline import Horizon
from clv.treatment_weights import self_normalised
from glue_jobs.reference_policy import NANO, log_weights

DIGITS = 12


def build_weights(engine: Engine, lake: Lake, days: tuple[date, ...], horizon: Horizon) -> int:
    """Write `weights/horizon_days=H/as_of=D` of each labelled t₀ in whose horizon treatments fell.

    Return how many were written. Weights follow the treatments delivered so far: they are committed under the
    digest of their rows, so that the same ones are not written again, and removed where no treatment is left.
    """
    commit = lake.current("ledger")
    delivered = commit is not None and any("/treatments/" in name for name in commit.files)
    written = 0
    for day in days:
        frame = _weights(engine, lake, day, horizon) if delivered else pd.DataFrame()
        written += _commit(lake, weights_at(day, horizon), frame)
    return written


def _weights(engine: Engine, lake: Lake, as_of: date, horizon: Horizon) -> pd.DataFrame:
    treatments = engine.read(lake.files("ledger", "treatments/"))
    logs = log_weights(treatments, as_of, horizon).order_by("customer_id").to_pandas()
    people = read_frame(lake.files(labels_at(as_of, horizon)), ["customer_id"])
    kept = logs[logs["customer_id"].isin(people["customer_id"])].reset_index(drop=True)
    weight = self_normalised(kept["nano_log_weight"].to_numpy(np.float64) / NANO)
    frame: pd.DataFrame = kept[["customer_id"]].assign(as_of=as_of, horizon_days=horizon.days, weight=weight)
    return frame


def _commit(lake: Lake, partition: str, frame: pd.DataFrame) -> bool:
    standing = lake.current(partition)
    if frame.empty:
        if standing is not None:
            lake.remove(partition)
        return False
    run_id = "weights-" + sha256(frame.to_csv(index=False).encode()).hexdigest()[:DIGITS]
    if standing is not None and standing.run_id == run_id:
        return False
    with lake.commit(partition, run_id) as draft:
        write_frame(frame, WEIGHTS, draft.folder)
    return True
