"""Verb: read the files of a raw table as one table, joined by the names of their columns.

Engines take the columns of the first file and look for them in the others: what a later file has more is
lost, and what it has of another type is cast, both without a word. So files that are alike are read together,
and what was read is brought to one form before it is joined.
"""

import ibis
import ibis.expr.types as ir

from clv.engine import Engine
from clv.schema import Table
from glue_jobs.check_files import columns_of, is_empty
from glue_jobs.joined_columns import NULL, Alike, disputed, joined_columns


def read_files(engine: Engine, table: Table, files: list[str]) -> ir.Table:
    """Return the rows of all files: as they are where all are alike, else the contract's columns.

    What a file lacks is null in its rows. UserError as `columns_of` and `joined_columns`.
    """
    parts = read_parts(engine, table, files, 1)
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def read_parts(engine: Engine, table: Table, files: list[str], most: int) -> list[ir.Table]:
    """Return the rows of all files in about `most` tables of the same columns, or one for files alike."""
    groups = _alike(table, files)
    if len(groups) == 1:
        return engine.apart(files, most)
    types = joined_columns(table, groups)
    return [
        _formed(part, group.kinds, types)
        for group in groups
        for part in engine.apart(group.files, most * len(group.files) // len(files))
    ]


def _alike(table: Table, files: list[str]) -> list[Alike]:
    """Return the files by their columns; those of Parquet may stand in any order."""
    found: dict[object, Alike] = {}
    for file, columns in zip(files, columns_of(files), strict=True):
        form = columns if file.endswith(".csv") else frozenset(columns)
        found.setdefault(form, Alike([], dict(columns))).files.append(file)
    groups = list(found.values())
    for name in disputed(table, groups):
        for group in groups:
            if name in group.kinds and all(is_empty(file, name) for file in group.files):
                group.kinds[name] = NULL
    return groups


def _formed(found: ir.Table, kinds: dict[str, str], types: dict[str, str]) -> ir.Table:
    there = {name for name, kind in kinds.items() if kind != NULL}
    return found.select(
        **{name: (found[name] if name in there else ibis.null()).cast(kind) for name, kind in types.items()}
    )
