"""Which half of the customers a row belongs to, so that nobody is on both sides of a judgement."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

FOLDS = 2
HASH_KEY_LENGTH = 16
MONTHS = 12

FoldsBy = Literal["customer", "signup_month"]


def fold_of(frame: pd.DataFrame, by: FoldsBy) -> npt.NDArray[np.int64]:
    """Return 0 or 1 for each row; all rows of a customer share it.

    `customer` halves customers by a hash of their id. `signup_month` puts every other month of signup into
    one fold, so that a cohort is on one side only: a check, since what is true of a cohort (its campaign, its
    season) then has to hold for another one.
    """
    if by == "customer":
        return np.asarray(customer_hash(frame["customer_id"]) % FOLDS, dtype=np.int64)
    return np.asarray(signup_month(frame) % FOLDS, dtype=np.int64)


def signup_month(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return 12 × year + month of each customer's signup, or first order where the signup is unknown.

    The earliest that any of the customer's rows says, since a cancellation may move the first order.
    """
    age = frame["signup_age_days"].fillna(frame["tenure_days"])
    day = pd.to_datetime(frame["as_of"]) - pd.to_timedelta(age.to_numpy(np.float64), unit="D")
    month = day.dt.year * MONTHS + day.dt.month
    return month.groupby(frame["customer_id"].to_numpy()).transform("min").to_numpy(np.int64)


def customer_hash(customer_id: "pd.Series[str]", key: str = "") -> npt.NDArray[np.uint64]:
    """Return a hash of each id, the same wherever and in whatever order the ids are read.

    Another `key`, at most 16 characters, gives an unrelated hash.
    """
    ids = customer_id.astype(str).to_numpy(object)
    return pd.util.hash_array(ids, hash_key=key.rjust(HASH_KEY_LENGTH, "0"), categorize=False)
