"""The input: what became of every row, and how much of it was bad."""

import pandas as pd

from app.report import words
from app.report.blocks import Cell, Grid, Section
from app.report.inputs import Inputs
from clv.settings import Settings
from glue_jobs.intake.accounts import FATES, Line
from glue_jobs.intake.fates import QUARANTINED, USED

MONEY = "Money is the net amount in each row's own currency, added up; tables without amounts have none."


def intake(inputs: Inputs) -> Section:
    """Return the accounts of the input by table and by reason, with the share in quarantine."""
    if not inputs.accounts:
        missing = (
            f"No accounts of the input in this lake: `clv run --lake DIR --as-of {inputs.as_of}` writes them."
        )
        return Section("input", "Input data", [missing])
    lines = pd.DataFrame([vars(line) for line in inputs.accounts], columns=list(Line.__dataclass_fields__))
    rows, bad = int(lines.rows.sum()), int(lines.rows[lines.fate == QUARANTINED].sum())
    of_each = ", ".join(f"{words.number(lines.rows[lines.fate == fate].sum())} {fate}" for fate in FATES)
    says = (
        f"{words.counted(rows, 'row')} came in, and none was dropped silently: {of_each}. "
        f"{_amount(bad, rows)} of all rows are in quarantine; a run stops where a table has more than "
        f"{words.percent(Settings().quarantine_limit)} of its rows or money there, unless told otherwise."
    )
    return Section("input", "Input data", [says], [_tables(lines), _reasons(lines)])


def _amount(part: float, whole: float) -> str:
    """Return a percentage that does not round something to nothing."""
    share = words.share_of(part, whole)
    return f"under 0.01{words.SPACE}%" if 0 < share < 0.0001 else words.percent(share, 2)


def _tables(lines: pd.DataFrame) -> Grid:
    body: list[list[str | Cell]] = []
    for table in lines.table.unique():
        own = lines[lines.table == table]
        body.append([words.short(table), words.number(own.rows.sum()), *_fates(own), *_bad_shares(own)])
    columns = (
        *("table", "rows in", *(f"rows {fate}" for fate in FATES), *(f"money {fate}" for fate in FATES)),
        *("bad rows", "bad money"),
    )
    note = f"{MONEY} Bad shares leave out excluded rows, as the limit does."
    return Grid("Accounts: rows in = used + quarantined + excluded, money likewise", columns, body, note=note)


def _fates(own: pd.DataFrame) -> list[str]:
    by_fate = own.groupby("fate")[["rows", "cents"]].sum().reindex(FATES, fill_value=0)
    return [*map(words.number, by_fate.rows), *map(_money, by_fate.cents)]


def _money(cents: int) -> str:
    return words.number(cents / 100, 2) if cents else words.NOTHING


def _bad_shares(own: pd.DataFrame) -> list[str]:
    kept = own[own.fate.isin([USED, QUARANTINED])]
    bad = kept.fate == QUARANTINED
    sizes = (kept.rows.abs(), kept.cents.abs())
    return [_amount(size[bad].sum(), size.sum()) for size in sizes]


def _reasons(lines: pd.DataFrame) -> Grid:
    aside = lines[lines.fate != USED]
    order = aside.assign(rank=-aside.rows).sort_values(["table", "fate", "rank", "reason"], kind="stable")
    body: list[list[str | Cell]] = [
        [
            words.short(r["table"]),
            r["fate"],
            words.short(r["reason"]),
            words.number(r["rows"]),
            _money(r["cents"]),
        ]
        for r in order.to_dict("records")
    ]
    columns = ("table", "fate", "reason", "rows", "money")
    title = "Rows set aside, by reason" if body else "Rows set aside: none"
    return Grid(
        title,
        columns,
        body,
        names=3,
        note="quarantined = bad; excluded = left out by a documented rule, such as an exact duplicate.",
    )
