"""What models learn from: the labelled rows of closed snapshots."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from clv.frames import read_frame
from clv.lake import Lake
from clv.models.rows import WEIGHT
from clv.partitions import weights_at
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from training.sample import SAMPLED_SHARE, sample_customers


def training_frame(lake: Lake, closed: Sequence[date], horizon: Horizon, settings: Settings) -> pd.DataFrame:
    """Return the labelled rows of closed snapshots, sampled by customer; empty where there are none."""
    frames = [_of_snapshot(lake, as_of, horizon, settings) for as_of in closed]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _of_snapshot(lake: Lake, as_of: date, horizon: Horizon, settings: Settings) -> pd.DataFrame:
    everyone = snapshot(lake, as_of, horizon, labelled=True)
    frame = sample_customers(everyone, as_of, settings.training_rows_per_snapshot, settings.seed)
    frame = frame.assign(**{SAMPLED_SHARE: len(frame) / len(everyone) if len(everyone) else 1.0})
    return frame if settings.treatment_weights == "off" else _weighed(lake, frame, as_of, horizon)


def _weighed(lake: Lake, frame: pd.DataFrame, as_of: date, horizon: Horizon) -> pd.DataFrame:
    """Return the rows with what treatments make them count, 1 where no log names the customer."""
    partition = weights_at(as_of, horizon)
    if lake.current(partition) is None:
        return frame.assign(**{WEIGHT: 1.0})
    told = read_frame(lake.files(partition), ["customer_id", WEIGHT]).set_index("customer_id")[WEIGHT]
    return frame.assign(**{WEIGHT: frame["customer_id"].map(told).fillna(1.0)})
