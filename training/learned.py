"""What models learn from: the labelled rows of closed snapshots."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from clv.lake import Lake
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from training.sample import sample_customers


def training_frame(lake: Lake, closed: Sequence[date], horizon: Horizon, settings: Settings) -> pd.DataFrame:
    """Return the labelled rows of closed snapshots, sampled by customer; empty where there are none."""
    frames = [
        sample_customers(
            snapshot(lake, as_of, horizon, labelled=True),
            as_of,
            settings.training_rows_per_snapshot,
            settings.seed,
        )
        for as_of in closed
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
