"""The net money of raw rows, in cents of their own currencies, as the ledger's accounts count it."""

from functools import reduce
from operator import sub

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clv.conform import MAX_AMOUNT
from glue_jobs.intake.fates import CENTS_OF


def cents_of(table: str, rows: pa.Table) -> int:
    """Return the sum over rows of a raw table: the first amount less the others, 0 for an unreadable one."""
    amounts = [
        _cents(rows[name].to_pandas()) for name in CENTS_OF.get(table, ()) if name in rows.column_names
    ]
    return int(reduce(sub, amounts).sum()) if amounts else 0


def _cents(amounts: "pd.Series[float]") -> npt.NDArray[np.int64]:
    euros = pd.to_numeric(amounts, errors="coerce").to_numpy("float64")
    euros = np.where(np.abs(euros) <= MAX_AMOUNT, euros, 0.0)  # not-a-number compares as false
    cents: npt.NDArray[np.int64] = (np.sign(euros) * np.floor(np.abs(euros) * 100 + 0.5)).astype(np.int64)
    return cents
