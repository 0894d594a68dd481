"""Verb: are the files of a raw table whole, and do they have the same columns.

Engines read the columns of the first file and look for them in the others: what a later file has more is
lost, and what it has of another type is cast, both without a word.
"""

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clv.errors import UserError
from clv.parquet import metadata_of, read_table, schema_of
from clv.s3 import SCHEME, filesystem, is_s3

AT_ONCE = 16
"""Files looked at side by side: each takes a request or two on S3, and the processor hardly anything."""

MOST_OF_HEAD = 65_536
"""Bytes in which the first line of a CSV file ends."""

BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error)
Columns = tuple[tuple[str, str], ...]


def check_files(files: list[str]) -> None:
    """Raise UserError where the foot of a file is broken, names a column twice, or two files differ.

    Only heads or feet are read. The columns of Parquet files may stand in any order.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(zip(files, pool.map(_columns, files), strict=True))
    for file, columns in found:
        names = [name.lower() for name, _ in columns]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise UserError(f"{file}: has column {name} twice; deliver it once")
    for (one, columns), (other, others) in pairwise(found):
        if columns != others:
            raise UserError(f"{other}: {_difference(columns, others)} in {one}; deliver both alike")


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
    """Return names and kinds of a file's columns, in order only where it is CSV."""
    try:
        if file.endswith(".csv"):
            head = next(csv.reader([_first_line(file)], strict=True), [])
            return tuple((name, "text") for name in head)
        return tuple(sorted((field.name, _family(field.type)) for field in schema_of(file)))
    except BROKEN as error:
        raise _unreadable(file, error) from None


def _first_line(file: str) -> str:
    if not is_s3(file):
        with Path(file).open("rb") as source:
            return source.readline().decode("utf-8-sig")
    with filesystem().open_input_stream(file.removeprefix(SCHEME)) as source:
        return bytes(source.read(MOST_OF_HEAD)).split(b"\n")[0].decode("utf-8-sig")


def _family(kind: Any) -> str:
    """Return what types have in common that engines read as one: units of time, and how text is stored."""
    if pa.types.is_dictionary(kind):
        return _family(kind.value_type)
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return str(kind).removeprefix("large_")


def _difference(columns: Columns, others: Columns) -> str:
    return next(_differences(dict(columns), dict(others)), "has columns in another order than")


def _differences(kinds: dict[str, str], others: dict[str, str]) -> Iterator[str]:
    for name, kind in others.items():
        if name not in kinds:
            yield f"has column {name}, which is not"
        elif kinds[name] != kind:
            yield f"column {name} is {kind}, but {kinds[name]}"
    for name in kinds:
        if name not in others:
            yield f"lacks column {name}, which is"


def _unreadable(file: str, error: Exception) -> UserError:
    return UserError(f"{file}: cannot be read ({' '.join(str(error).split())[:200]}); deliver it again")
