"""Rows that share a key: delivered twice, in conflict, or versions known from different times on."""

import ibis
import ibis.expr.types as ir

from clv.schema import Table
from glue_jobs.intake.fates import EXCLUDED, QUARANTINED, USED

EXACT_DUPLICATE = "exact duplicate"
CONFLICT = "same key, different content"


def repeated_keys(table: Table, rows: ir.Table) -> ir.Table:
    """Return the keys that several good rows share."""
    good = rows.filter(rows.reason.isnull())
    counted = good.group_by(list(table.key)).agg(rows_of_key=good.count())
    return counted.filter(counted.rows_of_key > 1).drop("rows_of_key")


def settled(table: Table, rows: ir.Table, repeated: ir.Table) -> ir.Table:
    """Return the rows with their final `fate` and `reason`, and when each used row was what was known.

    A used row is known in [known_ts, known_until_ts); null known_ts means with the row it belongs to, null
    known_until_ts for good. Rows equal in every column are kept once; rows of one key and one version that
    differ are all quarantined.
    """
    key = list(table.key)
    single = rows.anti_join(repeated, key)
    fate = ibis.ifelse(single.reason.isnull(), USED, QUARANTINED)
    forever = ibis.null().cast("timestamp")
    single = single.mutate(fate=fate, known_ts=known_ts(table, single), known_until_ts=forever)
    return ibis.union(single, _versions(table, rows.semi_join(repeated, key)).select(single.columns))


def known_ts(table: Table, rows: ir.Table) -> ir.TimestampValue:
    """Return max(event time, recorded_ts) or valid_from; null where the table has neither."""
    if not table.version:
        return ibis.null().cast("timestamp")
    version = rows[table.version]
    return (
        ibis.greatest(rows[table.event_ts], version.fill_null(rows[table.event_ts]))
        if table.event_ts
        else version
    )


def _versions(table: Table, rows: ir.Table) -> ir.Table:
    key = list(table.key)
    version = _version(table, rows)
    rows = rows.mutate(version=version, good=rows.reason.isnull())
    rows = rows.mutate(copy=_copy([*table.names, "good"], key))
    fresh = rows.good & (rows.copy == 0)
    rivals = fresh.cast("int64").sum().over(ibis.window(group_by=[*key, "version"]))
    rows = rows.mutate(rivals=rivals, fresh=fresh)
    reason = ibis.cases(
        (~rows.good, rows.reason),
        (rows.copy > 0, EXACT_DUPLICATE),
        (rows.rivals > 1, CONFLICT),
        else_=ibis.null().cast("string"),
    )
    fate = ibis.cases(
        (rows.good & (rows.copy > 0), EXCLUDED), (rows.fresh & (rows.rivals == 1), USED), else_=QUARANTINED
    )
    rows = rows.mutate(reason=reason, fate=fate, known_ts=known_ts(table, rows))
    following = rows.known_ts.lead().over(ibis.window(group_by=[*key, "fate"], order_by=_order(rows)))
    return rows.mutate(
        known_until_ts=ibis.ifelse(rows.fate == USED, following, ibis.null().cast("timestamp"))
    )


def _version(table: Table, rows: ir.Table) -> ir.Value:
    if not table.version:
        return ibis.null().cast("timestamp")
    version = rows[table.version]
    return version.fill_null(rows[table.event_ts]) if table.event_ts else version


def _order(rows: ir.Table) -> list[ir.Value]:
    """Return known_ts, then version, with the unversioned row first on every engine."""
    return [rows.known_ts.notnull(), rows.known_ts, rows.version]


def _copy(equal_in: list[str], order: list[str]) -> ir.IntegerValue:
    return ibis.row_number().over(ibis.window(group_by=equal_in, order_by=order))
