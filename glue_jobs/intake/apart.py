"""Keys that several rows share, found part by part where the parts cannot share one."""

from itertools import pairwise

import ibis
import ibis.expr.types as ir

from clv.schema import Table
from glue_jobs.intake.repeats import Keep, keys_of, repeated_keys

ROWS_OF_PART = 1_000_000
"""Groups of so many keys stay near the processor: counting them takes half of what it takes at 18 million."""


def repeated_in_parts(table: Table, found: ir.Table, parts: list[ir.Table], keep: Keep) -> ir.Table:
    """Return the keys that several rows of `found` share; `parts` are its rows, each in one of them.

    Where keys grow from delivery to delivery no two parts have one in common, and each is counted by itself.
    Others, such as random keys, are counted all at once: two parts are looked at to tell.
    """
    alike = all(part.schema() == found.schema() for part in parts)
    if len(parts) > 1 and alike and _disjoint(_ranges(table, parts[:2])):
        counted = keep(ibis.union(*(_counted(table, part) for part in parts)))
        if _disjoint(counted.select("lowest", "highest")):
            return keep(counted.select(key=counted.again.unnest()).select(**{table.key[0]: "key"}))
    return keep(repeated_keys(table, keys_of(table, found)))


def _ranges(table: Table, parts: list[ir.Table]) -> ir.Table:
    keys = [keys_of(table, part) for part in parts]
    return ibis.union(*(rows.agg(lowest=rows[0].min(), highest=rows[0].max()) for rows in keys))


def _counted(table: Table, part: ir.Table) -> ir.Table:
    """Return one row: the lowest and the highest key, and those that several rows share."""
    keys = keys_of(table, part)
    counted = keys.group_by(list(table.key)).agg(rows_of_key=keys.count())
    key = counted[table.key[0]]
    return counted.agg(lowest=key.min(), highest=key.max(), again=key.collect(where=counted.rows_of_key > 1))


def _disjoint(ranges: ir.Table) -> bool:
    """Say whether no two ranges of keys overlap; parts without a key are nowhere."""
    rows = ranges.filter(ranges.lowest.notnull()).to_pyarrow().to_pylist()
    rows.sort(key=lambda row: row["lowest"])
    return all(one["highest"] < other["lowest"] for one, other in pairwise(rows))
