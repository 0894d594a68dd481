"""Small helpers of the pandas features."""

import numpy as np
import pandas as pd

from bench.files import Files
from clv.timeline import t0

Frame = pd.DataFrame
MOBILE = ("mobile", "app")
WINDOWS_DAYS = (30, 90, 180, 365)


def read(files: Files, name: str, columns: list[str] | None = None) -> Frame:
    """Return a table; columns that no row fills come as nulls."""
    return pd.concat(
        [pd.read_parquet(path, columns=columns) for path in files.tables[name]], ignore_index=True
    )


def known(rows: Frame, files: Files) -> Frame:
    """Return the rows known at t₀."""
    at = t0(files.as_of)
    begun = rows.known_ts.isna() | (rows.known_ts < at)
    return rows[begun & (rows.known_until_ts.isna() | (rows.known_until_ts >= at))]


def days(ts: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Return whole days since 1970-01-01."""
    return (ts.astype("datetime64[s]") - pd.Timestamp(0)).dt.days


def share(part: "pd.Series[float]", whole: "pd.Series[float]") -> "pd.Series[float]":
    """Return part / whole, null where whole is 0."""
    return part / whole.where(whole != 0)


def half_up(values: "pd.Series[float]") -> "pd.Series[float]":
    """Return whole numbers, halves away from zero: pandas alone rounds them to even."""
    return (values + np.sign(values) / 2).astype("int64").astype("float64")
