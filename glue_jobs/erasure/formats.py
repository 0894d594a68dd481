"""Files with rows of people, by their format: how many there are, and the file without them."""

import csv
import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glue_jobs.erasure.people import FREE_TEXT, Mask, People, reads

PARQUET = (".parquet", ".parquet.out")
CSV, ARCHIVE = ".csv", ".tar.gz"

Seen = Callable[[pa.Table], None]
"""Is shown the rows that are taken out."""


def has_rows(name: str) -> bool:
    """Say whether a file is of a format whose rows can be taken out."""
    return name.endswith((*PARQUET, CSV, ARCHIVE))


def table_of(file: Path, name: str) -> pa.Table:
    """Return the columns of a table's file that tell whose its rows are; nothing of an archive."""
    if name.endswith(ARCHIVE):
        return pa.table({})
    if name.endswith(CSV):
        return _csv(file)[0]
    with pq.ParquetFile(file) as source:
        return source.read(columns=reads(source.schema_arrow.names))


def count(file: Path, name: str, people: People) -> int:
    """Return how many rows of a file are theirs or name them."""
    if name.endswith(ARCHIVE):
        return sum(_count(io.BytesIO(data), people) for inside, data in _members(file) if _is_rows(inside))
    if name.endswith(CSV):
        table, _ = _csv(file)
        return int(people.rows(table).sum() + _naming(table, people).sum())
    return _count(file, people)


def clean(file: Path, name: str, people: People, target: Path, seen: Seen) -> int:
    """Write a file without their rows; return how many were taken out, or had a text emptied."""
    if name.endswith(ARCHIVE):
        return _clean_archive(file, people, target)
    if name.endswith(CSV):
        return _clean_csv(file, people, target, seen)
    return _clean_parquet(file, people, target, seen)


def _count(source: Path | io.BytesIO, people: People) -> int:
    with pq.ParquetFile(source) as file:
        wanted = reads(file.schema_arrow.names)
        if not wanted:
            return 0
        groups = (file.read_row_group(number, columns=wanted) for number in range(file.num_row_groups))
        return sum(int(people.rows(rows).sum() + _naming(rows, people).sum()) for rows in groups)


def _clean_parquet(source: Path | io.BytesIO, people: People, target: Path | io.BytesIO, seen: Seen) -> int:
    """Write row group by row group: statistics and dictionaries are made anew, notes of the writer stay."""
    taken = 0
    with pq.ParquetFile(source) as file:
        schema = _plain_schema(file.schema_arrow)
        kinds = {file.schema.column(number).physical_type for number in range(len(file.schema.names))}
        notes = file.metadata.metadata or {}
        with pq.ParquetWriter(
            target,
            schema,
            use_deprecated_int96_timestamps="INT96" in kinds,
            store_schema=b"ARROW:schema" in notes,
        ) as out:
            for number in range(file.num_row_groups):
                rows, without = _parted(
                    file.read_row_group(number).replace_schema_metadata(None).cast(schema), people, seen
                )
                out.write_table(rows)
                taken += without
            out.add_key_value_metadata({key: value for key, value in notes.items() if key != b"ARROW:schema"})
    return taken


def _parted(rows: pa.Table, people: People, seen: Seen) -> tuple[pa.Table, int]:
    mine, naming = people.rows(rows), _naming(rows, people)
    if mine.any():
        seen(rows.filter(pa.array(mine)))
    for name in FREE_TEXT.intersection(rows.column_names) if naming.any() else ():
        place = rows.column_names.index(name)
        emptied = pa.array(rows[name].to_pylist(), rows[name].type, mask=people.named(rows[name]))
        rows = rows.set_column(place, rows.schema.field(name), emptied)
    return rows.filter(pa.array(~mine)), int(mine.sum() + naming.sum())


def _naming(rows: pa.Table, people: People) -> Mask:
    """Return which rows of others name them in a text that is kept and never read."""
    found = np.zeros(len(rows), dtype=bool)
    for name in FREE_TEXT.intersection(rows.column_names):
        found |= people.named(rows[name])
    naming: Mask = found & ~people.rows(rows)
    return naming


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema without dictionaries, whose values stay where their rows are gone."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in schema
    ]
    return pa.schema(fields)


def _clean_csv(file: Path, people: People, target: Path, seen: Seen) -> int:
    table, lines = _csv(file)
    mine, naming = people.rows(table), _naming(table, people)
    if mine.any():
        seen(table.filter(pa.array(mine)))
    kept = [lines[0]]
    for number, line in enumerate(lines[1:]):
        if naming[number]:
            kept.append(_emptied(line, table.column_names))
        elif not mine[number]:
            kept.append(line)
    target.write_text("".join(kept), encoding="utf-8", newline="")
    return int(mine.sum() + naming.sum())


def _csv(file: Path) -> tuple[pa.Table, list[str]]:
    """Return a CSV file as texts, and its records as they are written, the head first."""
    text = file.read_bytes().decode("utf-8-sig")
    raw = list(io.StringIO(text, newline=""))  # other line breaks of Unicode end no record
    records: list[list[str]] = []
    lines: list[str] = []
    reader, begin = csv.reader(raw), 0
    for record in reader:
        if record:
            records.append(record)
            lines.append("".join(raw[begin : reader.line_num]))
        begin = reader.line_num
    head, *body = records
    columns = {
        name: [row[place] if place < len(row) else "" for row in body] for place, name in enumerate(head)
    }
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}), lines


def _emptied(line: str, names: list[str]) -> str:
    (record,) = csv.reader([line])
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerow(
        "" if name in FREE_TEXT else cell for name, cell in zip(names, record, strict=False)
    )
    return told.getvalue()


def _clean_archive(file: Path, people: People, target: Path) -> int:
    """Write an archive whose tables are cleaned, with the same names and no clock."""
    taken = 0
    with (
        gzip.GzipFile(str(target), "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for inside, data in _members(file):
            content = data
            if _is_rows(inside) and _count(io.BytesIO(data), people):
                out = io.BytesIO()
                taken += _clean_parquet(io.BytesIO(data), people, out, lambda _: None)
                content = out.getvalue()
            entry = tarfile.TarInfo(inside)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return taken


def _members(file: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(file) as tar:
        for member in tar:
            opened = tar.extractfile(member) if member.isfile() else None
            if opened is not None:
                yield member.name, opened.read()


def _is_rows(name: str) -> bool:
    return name.endswith(PARQUET)
