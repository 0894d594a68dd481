"""Verb: merge the many small files of events that a month's deliveries left into one per table.

A merged file notes in its footer what it was made of. So whatever a crash leaves between the one put of the
merged file and the removal of the last original is removed by the next call, and no event is lost or doubled.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clv.contracts import RAW_TABLES
from clv.deliveries import EVENT_TABLES, delivered_month, is_merged, merged_name
from clv.frames import arrow_schema
from clv.lake import Lake
from clv.parquet import notes_of
from clv.schema import Table
from clv.stored import Entry

LATE_DAYS = 2
"""Firehose tries for a day to deliver; a month that has been over for longer is complete."""

ROWS_IN_MEMORY = 122_880
"""Rows of a row group; no more of them wait in memory, and one file."""

MADE_OF = b"clv.merged"
MARK_DIGITS = 12


def compact(lake: Lake, as_of: date, say: Callable[[str], None]) -> int:
    """Merge the delivered files of every month that was over `LATE_DAYS` before t₀; return how many went.

    Files that no stream delivered are never touched, nor is one that cannot be read as the contract says.
    """
    newest = f"{as_of - timedelta(days=LATE_DAYS):%Y-%m}"
    gone = 0
    for name in EVENT_TABLES:
        found = [entry for entry in lake.entries(f"raw/{name}") if entry.name.count("/") == 2]
        for month, files in sorted(_by_month(name, found).items()):
            if month < newest:
                gone += _merge_month(lake, RAW_TABLES[name], month, files, found)
    if gone:
        say(f"events: {gone} delivered files of past months are merged")
    return gone


def _by_month(table: str, found: list[Entry]) -> dict[str, list[Entry]]:
    months: dict[str, list[Entry]] = {}
    for entry in found:
        month = delivered_month(table, _own_name(entry))
        if month is not None:
            months.setdefault(month, []).append(entry)
    return months


def _merge_month(lake: Lake, table: Table, month: str, files: list[Entry], found: list[Entry]) -> int:
    before = [entry.name for entry in found if is_merged(_own_name(entry), month)]
    known = {mark for name in before for mark in notes_of(lake.url(name)).get(MADE_OF, b"").decode().split()}
    merged = [entry for entry in files if _mark(entry) in known]
    lake.storage.delete([entry.name for entry in merged])
    fresh = _merge(lake, table, month, [entry for entry in files if _mark(entry) not in known])
    lake.storage.delete([entry.name for entry in fresh])
    return len(merged) + len(fresh)


def _merge(lake: Lake, table: Table, month: str, files: list[Entry]) -> list[Entry]:
    """Write one file of the rows of all that can be read, in order; return those."""
    rows = _readable(lake, table, files)
    first = next(rows, None)
    if first is None:
        return []
    with lake.storage.writing(f"raw/{table.name}") as home:
        draft = home / f".{month}.merging"
        taken = _write(draft, first, rows)
        digest = sha256(_marks(taken)).hexdigest()[:MARK_DIGITS]
        draft.rename(home / merged_name(month, digest))
    return taken


_Read = tuple[Entry, pa.Table, bool]
"""A file, its rows, and whether its timestamps are INT96, as Firehose writes them."""


def _readable(lake: Lake, table: Table, files: list[Entry]) -> Iterator[_Read]:
    for entry in files:
        stored = lake.storage.read(entry.name)
        read = None if stored is None else _read(table, stored.data)
        if read is not None:
            yield entry, *read


def _read(table: Table, data: bytes) -> tuple[pa.Table, bool] | None:
    """Return the rows of a whole file, None where it is broken or its columns are not the contract's."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data), coerce_int96_timestamp_unit="us")
        rows = file.read().replace_schema_metadata(None)
    except (pa.ArrowInvalid, OSError):
        return None
    if not _fits(table, rows.schema):
        return None
    kinds = {file.schema.column(number).physical_type for number in range(len(file.schema.names))}
    return rows, "INT96" in kinds


def _fits(table: Table, schema: pa.Schema) -> bool:
    wanted = [("timestamp" if pa.types.is_timestamp(f.type) else f.type, f.name) for f in arrow_schema(table)]
    found = [("timestamp" if pa.types.is_timestamp(f.type) else f.type, f.name) for f in schema]
    return wanted == found


def _write(draft: Path, first: _Read, rest: Iterator[_Read]) -> list[Entry]:
    """Write the first file and those that are of its types, each as it comes; return them."""
    entry, rows, is_int96 = first
    taken, waiting = [entry], [rows]
    with pq.ParquetWriter(
        draft, rows.schema, use_deprecated_int96_timestamps=is_int96, store_schema=False
    ) as file:
        for entry, rows, *kind in rest:
            if rows.schema != file.schema or kind != [is_int96]:
                continue
            taken.append(entry)
            waiting.append(rows)
            if sum(map(len, waiting)) >= ROWS_IN_MEMORY:
                file.write_table(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            file.write_table(pa.concat_tables(waiting))
        file.add_key_value_metadata({MADE_OF: _marks(taken)})
    return taken


def _marks(entries: list[Entry]) -> bytes:
    return " ".join(map(_mark, entries)).encode()


def _mark(entry: Entry) -> str:
    """Return a short mark of a file as it is: every reader of the merged file takes its footer along."""
    return sha256(f"{_own_name(entry)} {entry.size}".encode()).hexdigest()[:MARK_DIGITS]


def _own_name(entry: Entry) -> str:
    return entry.name.rsplit("/", 1)[-1]
