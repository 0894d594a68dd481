"""Small tables as pandas frames: read from and written to Parquet with the types their contract declares."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clv.parquet import dictionary_columns, read_tables
from clv.schema import Table, Type

_ARROW: dict[Type, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "money": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a declared table."""
    return pa.schema([pa.field(column.name, _ARROW[column.type]) for column in table.columns])


def write_frame(frame: pd.DataFrame, table: Table, folder: Path) -> None:
    """Write exactly the declared columns as one Parquet file; pyarrow errors where a value does not fit."""
    write_file(frame, table, folder / "part-000.parquet")


def write_file(frame: pd.DataFrame, table: Table, file: Path) -> None:
    """Write exactly the declared columns to `file`, in the same way."""
    rows = pa.Table.from_pandas(frame[list(table.names)], arrow_schema(table), preserve_index=False)
    pq.write_table(rows, file, use_dictionary=dictionary_columns(rows.schema))


def read_frame(files: list[str], columns: list[str] | None = None) -> pd.DataFrame:
    """Return Parquet files, local or `s3://`, as one frame, in file order."""
    frame: pd.DataFrame = read_tables(files, columns).to_pandas()
    return frame
