"""Parquet files by their address, a local path or `s3://`."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs
import pyarrow.parquet as pq

from clv.s3 import SCHEME, filesystem, is_s3

PART = "part-{:03}.parquet"


def row_count(file: str) -> int:
    """Return the rows of a file, as its footer says."""
    with _opened(file) as source:
        rows: int = pq.read_metadata(source).num_rows
    return rows


def notes_of(file: str) -> dict[bytes, bytes]:
    """Return what the writer of a file noted in its footer, by key."""
    with _opened(file) as source:
        told: dict[bytes, bytes] | None = pq.read_metadata(source).metadata
    return told or {}


def schema_of(file: str) -> pa.Schema:
    """Return the columns of a file, as its footer says; pyarrow errors where that is broken."""
    with _opened(file) as source:
        return pq.read_schema(source)


def metadata_of(file: str) -> pq.FileMetaData:
    """Return what the foot of one file says."""
    with _opened(file) as source:
        return pq.ParquetFile(source).metadata


def read_table(file: str, columns: list[str] | None = None) -> pa.Table:
    """Return one file, or some of its columns."""
    with _opened(file) as source:
        return pq.ParquetFile(source).read(columns=columns)


def read_tables(files: list[str], columns: list[str] | None = None) -> pa.Table:
    """Return several files of equal columns, or some of their columns, in file order."""
    return pa.concat_tables(read_table(file, columns) for file in files)


def dataset(files: list[str]) -> ds.Dataset:
    """Return files of S3 as one dataset with the columns of the first; its timestamps are in microseconds."""
    form = ds.ParquetFileFormat(coerce_int96_timestamp_unit="us")
    return ds.dataset([file.removeprefix(SCHEME) for file in files], filesystem=filesystem(), format=form)


def write_parts(rows: pa.RecordBatchReader, folder: str | Path, rows_per_file: int | None = None) -> None:
    """Write rows, in their order, as `part-000.parquet` and on, each of at most `rows_per_file` rows.

    There is one file at least, with the columns, where there are no rows.
    """
    repeating = dictionary_columns(rows.schema)
    for number, batches in groupby(_numbered(rows, rows_per_file), key=itemgetter(0)):
        sink = _created(f"{folder}/{PART.format(number)}")
        with (
            sink,
            pq.ParquetWriter(sink, rows.schema, use_dictionary=repeating) as file,
        ):
            for _, batch in batches:
                if len(batch):
                    file.write_batch(batch)


def dictionary_columns(schema: pa.Schema) -> list[str]:
    """Return the columns to write with a dictionary.

    For fractions one takes a third of the time and saves nothing.
    """
    return [field.name for field in schema if not pa.types.is_floating(field.type)]


def _numbered(rows: pa.RecordBatchReader, rows_per_file: int | None) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the batches, cut where a file is full, with the number of their file."""
    number, room = 0, rows_per_file
    yield number, pa.RecordBatch.from_pylist([], rows.schema)
    for batch in rows:
        rest = batch
        while len(rest):
            if room == 0:
                number, room = number + 1, rows_per_file
            head = rest.slice(0, room)
            yield number, head
            rest = rest.slice(len(head))
            room = None if room is None else room - len(head)


@contextmanager
def _opened(file: str) -> Iterator[Any]:
    if is_s3(file):
        with filesystem().open_input_file(file.removeprefix(SCHEME)) as source:
            yield source
    else:
        yield file


def _created(file: str) -> Any:
    if is_s3(file):
        return filesystem().open_output_stream(file.removeprefix(SCHEME))
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    return pyarrow.fs.LocalFileSystem().open_output_stream(file)
