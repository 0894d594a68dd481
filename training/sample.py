"""Fewer customers per snapshot, so that training fits in memory."""

from datetime import date

import numpy as np
import pandas as pd

from clv.models.folds import customer_hash

SAMPLED_SHARE = "sampled_share"
"""Column of a training frame: the share of its snapshot's customers that were drawn."""


def sample_customers(frame: pd.DataFrame, as_of: date, rows: int, seed: int) -> pd.DataFrame:
    """Return at most `rows` customers of one snapshot, in the order of the frame.

    Who is drawn follows from the customer's id, t₀ and the seed alone, not from the order or the number of
    rows.
    """
    if len(frame) <= rows:
        return frame
    hashed = customer_hash(frame["customer_id"], f"{as_of:%y%m%d}{seed % 10**10}")
    kept = np.lexsort((frame["customer_id"].to_numpy(str), hashed))[:rows]
    return frame.iloc[np.sort(kept)]
