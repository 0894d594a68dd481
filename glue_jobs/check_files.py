"""Verb: what columns have the files of a raw table, and are the files whole."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clv.errors import UserError
from clv.parquet import metadata_of, read_table, schema_of
from clv.s3 import SCHEME, filesystem, is_s3
from glue_jobs.joined_columns import NANOSECONDS, TEXT, TIME, Columns

AT_ONCE = 16
"""Files looked at side by side: each takes a request or two on S3, and the processor hardly anything."""

MOST_OF_HEAD = 65_536
"""Bytes in which the first line of a CSV file ends."""

BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error)


def columns_of(files: list[str]) -> list[Columns]:
    """Return the columns of each file, name to kind, as they stand in it; those of CSV are all `string`.

    Only heads or feet are read. UserError where one is broken, or names a column twice in any case.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(_columns, files))
    for file, columns in zip(files, found, strict=True):
        names = [name.lower() for name, _ in columns]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise UserError(f"{file}: has column {name} twice; deliver it once")
    return found


def is_empty(file: str, name: str) -> bool:
    """Return whether a Parquet file surely has no value in a column: its foot says so."""
    foot = metadata_of(file)
    groups = [foot.row_group(number) for number in range(foot.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    own = [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] == name]
    return all(
        chunk.statistics is not None and chunk.statistics.null_count == chunk.num_values for chunk in own
    )


def damaged(files: list[str]) -> UserError | None:
    """Return what to say of the first Parquet file that is not sound to its end, None where all are."""
    for file in files:
        if file.endswith(".parquet"):
            try:
                _read_through(file)
            except BROKEN as error:
                return _unreadable(file, error)
    return None


def _read_through(file: str) -> None:
    """Raise one of `BROKEN` where text is no text, or numbers lie outside what the file's foot says of them.

    Engines believe the foot: they leave out a comparison that holds for all it says.
    """
    table, foot = read_table(file), metadata_of(file)
    table.validate(full=True)
    for place, (name, values) in enumerate(zip(table.column_names, table.columns, strict=True)):
        groups = [foot.row_group(group).column(place).statistics for group in range(foot.num_row_groups)]
        told = [group for group in groups if group is not None and group.has_min_max]
        if pa.types.is_floating(values.type) and len(told) == len(groups) > 0:
            found = pc.min_max(values).as_py()
            least, most = min(group.min for group in told), max(group.max for group in told)
            if found["min"] is not None and not least <= found["min"] <= found["max"] <= most:
                raise pa.ArrowInvalid(f"column {name} has values beyond what the file's foot says")


def _columns(file: str) -> Columns:
    try:
        if file.endswith(".csv"):
            head = next(csv.reader([_first_line(file)], strict=True), [])
            return tuple((name, TEXT) for name in head)
        return tuple((field.name, _kind(field.type)) for field in schema_of(file))
    except BROKEN as error:
        raise _unreadable(file, error) from None


def _first_line(file: str) -> str:
    if not is_s3(file):
        with Path(file).open("rb") as source:
            return source.readline().decode("utf-8-sig")
    with filesystem().open_input_stream(file.removeprefix(SCHEME)) as source:
        return bytes(source.read(MOST_OF_HEAD)).split(b"\n")[0].decode("utf-8-sig")


def _kind(kind: Any) -> str:
    """Return a type in a word, the same however text is stored and time is counted, but for nanoseconds."""
    if pa.types.is_dictionary(kind):
        return _kind(kind.value_type)
    if pa.types.is_timestamp(kind):
        return NANOSECONDS if kind.unit == "ns" else TIME
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return TEXT if text else str(kind)


def _unreadable(file: str, error: Exception) -> UserError:
    return UserError(f"{file}: cannot be read ({' '.join(str(error).split())[:200]}); deliver it again")
