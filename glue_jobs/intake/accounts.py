"""The three accounts of the input: used + quarantined + excluded = rows in, rows and cents, exactly."""

from collections import Counter
from dataclasses import dataclass

import ibis.expr.types as ir

from glue_jobs.intake.fates import EXCLUDED, QUARANTINED, USED

FATES = (USED, QUARANTINED, EXCLUDED)


@dataclass(frozen=True)
class Line:
    """Rows and cents (of their own currencies, added up) of one table with one fate and reason."""

    table: str
    fate: str
    reason: str
    rows: int
    cents: int


def account(table: str, settled: ir.Table, taken: int = 0) -> list[Line]:
    """Return the account of one raw table, a line per fate and reason.

    taken : further rows, used as delivered, without money.
    """
    grouped = settled.group_by(settled.fate, reason=settled.reason.fill_null(""))
    found = (
        grouped.agg(rows=settled.count(), cents=settled.cents.sum().cast("int64")).to_pyarrow().to_pylist()
    )
    counts = Counter({(r["fate"], r["reason"]): r["rows"] for r in found}) + Counter({(USED, ""): taken})
    cents = {(r["fate"], r["reason"]): r["cents"] for r in found}
    lines = [Line(table, fate, why, rows, cents.get((fate, why), 0)) for (fate, why), rows in counts.items()]
    return sorted(lines, key=lambda line: (FATES.index(line.fate), -line.rows, line.reason))


def over_limit(lines: list[Line], limit: float) -> str | None:
    """Say which table has more than `limit` of its rows or money in quarantine, None where none has.

    Excluded rows do not count.
    """
    for table in dict.fromkeys(line.table for line in lines):
        own = [line for line in lines if line.table == table and line.fate != EXCLUDED]
        bad = [line for line in own if line.fate == QUARANTINED]
        for what in ("rows", "cents"):
            total = sum(abs(getattr(line, what)) for line in own)
            share = sum(abs(getattr(line, what)) for line in bad) / total if total else 0.0
            if share > limit:
                unit = "rows" if what == "rows" else "money"
                worst = max(bad, key=lambda line: line.rows)
                return f"{table}: {share:.1%} of {unit} in quarantine (most often: {worst.reason})"
    return None
