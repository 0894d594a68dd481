"""Rows that share a key: delivered twice, in conflict, or versions known from different times on."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from clv.conform import typed
from clv.schema import Table
from glue_jobs.intake.fates import EXCLUDED, QUARANTINED, USED

Keep = Callable[[ir.Table], ir.Table]
"""Computes a table once, for use in several places (an engine's `keep`)."""

EXACT_DUPLICATE = "exact duplicate"
CONFLICT = "same key, different content"


def keys_of(table: Table, found: ir.Table) -> ir.Table:
    """Return the key of each row of a table as found, and nothing else: all that counting keys takes.

    To count those of judged rows has an engine plan every rule of the table for columns that it then drops.
    """
    columns = typed(table, found)
    return found.select(**{name: columns[name] for name in table.key})


def repeated_keys(table: Table, rows: ir.Table) -> ir.Table:
    """Return the keys that several rows share, good or bad."""
    counted = rows.group_by(list(table.key)).agg(rows_of_key=rows.count())
    return counted.filter(counted.rows_of_key > 1).drop("rows_of_key")


def settled(table: Table, rows: ir.Table, repeated: ir.Table, keep: Keep) -> ir.Table:
    """Return the rows with their final `fate` and `reason`, and when each used row was what was known.

    A used row is known in [known_ts, known_until_ts), never where that is empty; null known_ts means with the
    row it belongs to, null known_until_ts for good. Rows equal in every column are kept once; rows of one key
    and one version that differ are all quarantined.
    """
    if not repeated.count().execute():
        # Most tables are such, and the SQL for versions takes longer to write than a small table to read.
        return _single(table, keep(rows))
    marked = rows.left_join(repeated.mutate(is_repeated=True), list(table.key))
    marked = keep(marked.select(*rows.columns, "is_repeated"))
    single = _single(table, marked.filter(marked.is_repeated.isnull()).drop("is_repeated"))
    versions = _versions(table, marked.filter(marked.is_repeated.notnull()).drop("is_repeated"))
    # Kept tables come back with the precision of their timestamps in the type.
    return ibis.union(single, keep(versions.select(single.columns)).cast(single.schema()))


def _single(table: Table, rows: ir.Table) -> ir.Table:
    """Return rows that share their key with none: each is its only version."""
    fate = ibis.ifelse(rows.reason.isnull(), USED, QUARANTINED)
    forever = ibis.null().cast("timestamp")
    return rows.mutate(fate=fate, known_ts=known_ts(table, rows), known_until_ts=forever)


def known_ts(table: Table, rows: ir.Table) -> ir.TimestampValue:
    """Return max(event time, recorded_ts) or valid_from; null where the table has neither."""
    if not table.version:
        return ibis.null().cast("timestamp")
    if not table.event_ts:
        return rows[table.version]
    return ibis.greatest(rows[table.event_ts], rows[table.version].fill_null(rows[table.event_ts]))


def _versions(table: Table, rows: ir.Table) -> ir.Table:
    key = list(table.key)
    rows = rows.mutate(good=rows.reason.isnull())
    rows = rows.mutate(version=_version(table, rows), copy=_copy(rows, [*table.names, "good"]))
    rows = rows.mutate(fresh=rows.good & (rows.copy == 0))
    rivals = rows.fresh.cast("int64").sum().over(ibis.window(group_by=[*key, "version"]))
    rows = rows.mutate(known_ts=known_ts(table, rows), rivals=rivals)
    fate = ibis.cases(
        (rows.good & (rows.copy > 0), EXCLUDED), (rows.fresh & (rows.rivals == 1), USED), else_=QUARANTINED
    )
    rows = rows.mutate(fate=fate)
    reason = ibis.cases((rows.fate == EXCLUDED, EXACT_DUPLICATE), (rows.fresh & (rows.rivals > 1), CONFLICT))
    until = ibis.ifelse(rows.fate == USED, _superseded_ts(rows, key), ibis.null().cast("timestamp"))
    return rows.mutate(reason=ibis.coalesce(rows.reason, reason), known_until_ts=until)


def _version(table: Table, rows: ir.Table) -> ir.Value:
    """Return recorded_ts, or the event time where absent; valid_from; null where the table has neither.

    Nothing tells the order of rows that all lack recorded_ts: they share one version, hence are in conflict.
    """
    if not table.version:
        return ibis.null().cast("timestamp")
    version = rows[table.version]
    if not table.event_ts:
        return version
    event_ts = ibis.ifelse(rows.good, rows[table.event_ts], ibis.null().cast("timestamp"))
    alike = ibis.window(group_by=[*(rows[name] for name in table.key), version.isnull()])
    return version.fill_null(event_ts.min().over(alike))


def _superseded_ts(rows: ir.Table, key: list[str]) -> ir.TimestampValue:
    """Return when the first of the later versions became known; null versions come first on every engine."""
    order = [rows.version.notnull(), rows.version]
    return rows.known_ts.min().over(ibis.window(group_by=[*key, "fate"], order_by=order, rows=(1, None)))


def _copy(rows: ir.Table, equal_in: list[str]) -> ir.IntegerValue:
    """Return the number of each row among those equal in these columns, by how they were written."""
    others = [name for name in rows.columns if name not in equal_in]
    return ibis.row_number().over(ibis.window(group_by=equal_in, order_by=others))
