"""The account of an import: every row that came in was handed to raw or excluded, to the row and cent."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ACCOUNT_FILE = "_account.json"
EXCLUDED_FILE = "_excluded/part-000.parquet"


@dataclass(frozen=True)
class Count:
    """Rows, and the cents of their line amounts in the row's own currency; a refund counts negative."""

    rows: int
    cents: int


@dataclass(frozen=True)
class ImportAccount:
    """What came in and what became of it; `rows_in = handed + excluded`, cents likewise.

    `handed` counts by raw table the input rows that became a row of it, `excluded` the others by the
    importer's documented reason. `notes` are sentences for the user.
    """

    importer: str
    source: str
    rows_in: int
    cents_in: int
    handed: Mapping[str, Count]
    excluded: Mapping[str, Count]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parts = (*self.handed.values(), *self.excluded.values())
        if (self.rows_in, self.cents_in) != (sum(p.rows for p in parts), sum(p.cents for p in parts)):
            raise ValueError(f"{self.source}: the account of the import does not reconcile: {self}")

    def write(self, draft: Path) -> None:
        """Write the account as JSON into the folder of the raw tables."""
        told = json.dumps(asdict(self), indent=1)
        (draft / ACCOUNT_FILE).write_text(told, encoding="utf-8")


def count(cents: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_]) -> Count:
    """Return the account of the rows where the mask is true."""
    return Count(int(rows.sum()), int(cents[rows].sum()))


def write_excluded(
    draft: Path, delivered: pd.DataFrame, reason: "pd.Series[str]", cents: npt.NDArray[np.int64]
) -> None:
    """Write the excluded rows as delivered, with their row number in the file, reason and cents.

    `reason` is empty for a row that was not excluded. No file is written where nothing was excluded.
    """
    rows = (reason != "").to_numpy()
    if not rows.any():
        return
    excluded = delivered[rows].reset_index(drop=True)
    columns = {str(name): _storable(excluded[name]) for name in excluded.columns}
    columns["row_no"] = pa.array(np.flatnonzero(rows) + 1, pa.int64())
    columns["reason"] = pa.array(reason[rows], pa.string())
    columns["cents"] = pa.array(cents[rows], pa.int64())
    target = draft / EXCLUDED_FILE
    target.parent.mkdir()
    pq.write_table(pa.table(columns), target)


def _storable(cells: "pd.Series[str]") -> pa.Array:
    mixed = pd.api.types.is_object_dtype(cells) or isinstance(cells.dtype, pd.CategoricalDtype)
    if not mixed:
        return pa.array(cells, from_pandas=True)
    return pa.array(cells.astype(pd.StringDtype("pyarrow")), pa.string())
