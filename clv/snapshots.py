"""What a model reads: one row per non-lead customer of a t₀, features, priors and, once closed, labels."""

from datetime import date

import pandas as pd

from clv.feature_catalogue import FEATURES
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, labels_at, priors_at
from clv.segments import SCORED
from clv.tables import LABELS, PRIORS
from clv.timeline import Horizon

_JOINED_BY = ("as_of", "horizon_days")


def snapshot(lake: Lake, as_of: date, horizon: Horizon, *, labelled: bool) -> pd.DataFrame:
    """Return the rows of one t₀ by customer_id, with `label_eur` and `label_orders` where `labelled`.

    ValueError where priors or labels do not cover the customers exactly.
    """
    frame = read_frame(lake.files(features_at(as_of)), list(FEATURES.names))
    frame = frame[frame.segment.isin(SCORED)].sort_values("customer_id", ignore_index=True)
    sides = [(priors_at(as_of, horizon), PRIORS.names)]
    sides += [(labels_at(as_of, horizon), LABELS.names)] if labelled else []
    for partition, names in sides:
        side = read_frame(lake.files(partition), [name for name in names if name not in _JOINED_BY])
        if len(side) != len(frame):
            raise ValueError(f"{partition}: {len(side)} rows for {len(frame)} customers")
        frame = frame.merge(side, on="customer_id", validate="one_to_one")
    return frame
