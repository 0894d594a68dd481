"""Verb: read the treatments of recent weeks with the decile that each customer had when the wave went out."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from clv.frames import read_frame
from clv.lake import Lake
from clv.timeline import t0

RECENT_DAYS = 56
"""Eight weeks: the length of an experiment, and long enough for weekly waves to add up."""

_READ = ["customer_id", "treatment_ts", "purpose", "propensity", "known_ts", "known_until_ts"]


def recent_treatments(lake: Lake, as_of: date) -> pd.DataFrame | None:
    """Return the treatments of [t₀ − 56 days, t₀) as known at t₀: `decile`, `purpose`, `propensity`.

    The decile is that of the newest scores published for a t₀ not after the wave; where there are none, the
    one of `as_of`. It is null where the customer had none. None without a treatment.
    """
    commit = lake.current("ledger")
    if commit is None or not any("/treatments/" in name for name in commit.files):
        return None
    rows = read_frame(lake.files("ledger", "treatments/"), _READ)
    at = pd.Timestamp(t0(as_of))
    known = (rows["known_ts"] < at) & (rows["known_until_ts"].isna() | (rows["known_until_ts"] >= at))
    recent = rows[known & (rows["treatment_ts"] < at)]
    recent = recent[recent["treatment_ts"] >= at - timedelta(days=RECENT_DAYS)]
    if recent.empty:
        return None
    return _with_decile(lake, recent, as_of)[["decile", "purpose", "propensity"]]


def _with_decile(lake: Lake, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    days = [day for day in lake.partitions("scores", "as_of") if day <= str(as_of)]
    sent = rows["treatment_ts"].dt.strftime("%Y-%m-%d").to_numpy(str)
    place = np.searchsorted(np.array(days, dtype=str), sent, side="right") - 1
    scored = rows.assign(scored=pd.Series([days[n] if n >= 0 else str(as_of) for n in place], rows.index))
    parts = []
    for day, wave in scored.groupby("scored", sort=True):
        scores = read_frame(lake.files(f"scores/as_of={day}"), ["customer_id", "decile"])
        parts.append(wave.merge(scores, how="left", on="customer_id", validate="many_to_one"))
    return pd.concat(parts, ignore_index=True)
