"""`clv drivers`: the largest drivers of a published week, and what makes two groups differ, as tables."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from rich.table import Table

from app.console import Console, grid
from app.drivers.figures import difference, sizes
from app.drivers.sample import STAGE, Sample, read_sample
from app.report import words
from clv.errors import UserError
from clv.lake import Lake
from clv.segments import SCORED
from clv.tables import SCORES
from clv.timeline import parse_as_of

Told = dict[str, Any]


def show_drivers(
    lake: Lake, as_of: date | None, by: str, of: tuple[str, str] | None, top: int, console: Console
) -> None:
    """Show each stage's largest drivers, or the way between two groups' mean forecasts.

    UserError where no sample is published, or where a group has nobody in it.
    """
    day = _scored_day(lake, as_of)
    found = {segment: read_sample(lake, day, segment) for segment in SCORED}
    samples = {segment: sample for segment, sample in found.items() if sample is not None}
    if not samples:
        raise UserError(
            f"{lake.root}: no drivers are published for {day}: too little had closed, or an older version "
            f"scored it; `clv run --lake {lake.root} --as-of {day} --replace` scores it again"
        )
    told = (
        [_sizes(sample, top) for sample in samples.values()]
        if of is None
        else [_difference(*pair, by, of, top) for pair in _pairs(samples, by, of)]
    )
    console.show({"as_of": str(day), "drivers": told}, *map(_table, told))
    console.tell(
        "EUR per customer; intervals of 95 % are what the draw of customers leaves open (docs/models.md)"
    )


def _scored_day(lake: Lake, as_of: date | None) -> date:
    days = lake.partitions(SCORES.name, "as_of")
    chosen = str(as_of) if as_of else max(days, default="")
    if chosen not in days:
        raise UserError(
            f"{lake.root}: no scores of {chosen or 'any day'} are published, only of "
            f"{', '.join(days[-5:]) or 'none'}; run `clv run --lake {lake.root} --as-of YYYY-MM-DD`"
        )
    return parse_as_of(chosen)


def _sizes(sample: Sample, top: int) -> Told:
    rows = sizes(sample.eur, len(sample.everybody))
    return {
        "segment": sample.segment,
        "model_version": sample.model_version,
        "customers": len(sample.eur),
        "driver_start_eur": sample.start_eur,
        "rows": _listed(rows[rows.size_eur > 0].head(top)),
    }


def _pairs(samples: Mapping[str, Sample], by: str, of: tuple[str, str]) -> list[tuple[Sample, Sample]]:
    """Return the two groups within each stage that has both, or the two stages; UserError without any."""
    if by == STAGE:
        pairs = [(samples[of[0]], samples[of[1]])] if set(of) <= set(samples) else []
        known = list(samples)
    else:
        groups = [(sample.where(by, of[0]), sample.where(by, of[1])) for sample in samples.values()]
        pairs = [(one, other) for one, other in groups if len(one.eur) and len(other.eur)]
        known = sorted({name for sample in samples.values() for name in sample.groups(1)[by]})
    if not pairs:
        raise UserError(f"--by {by!r} --of {' '.join(of)}: nobody to compare; known are {', '.join(known)}")
    return pairs


def _difference(one: Sample, other: Sample, by: str, of: tuple[str, str], top: int) -> Told:
    return {
        "segment": one.segment if one.segment == other.segment else " and ".join(of),
        "by": by,
        "of": list(of),
        "customers": [len(one.eur), len(other.eur)],
        "mean_clv_eur": [one.mean_eur, other.mean_eur],
        "rows": _listed(difference(one, other, top)),
    }


def _table(told: Told) -> Table:
    return _table_of_sizes(told) if "of" not in told else _table_of_difference(told)


def _table_of_sizes(told: Told) -> Table:
    start = words.eur(told["driver_start_eur"], 2)
    rows = [
        [row["driver"], words.eur(row["size_eur"], 2), _span(row), words.signed(row["mean_eur"], 2)]
        for row in told["rows"]
    ]
    title = f"{told['segment']}, {words.number(told['customers'])} customers; the typical one {start}"
    return grid(title, ["driver", "mean size", "interval", "mean"], rows)


def _table_of_difference(told: Told) -> Table:
    groups = [
        f"{name} {words.eur(mean, 2)}" for name, mean in zip(told["of"], told["mean_clv_eur"], strict=True)
    ]
    rows = [[row["driver"], words.signed(row["eur"], 2), _span(row)] for row in told["rows"]]
    return grid(f"{told['segment']}: {' less '.join(groups)}", ["driver", "difference", "interval"], rows)


def _span(row: Told) -> str:
    low, high = (words.number(words.figure(row[name]), 2) for name in ("low_eur", "high_eur"))
    return words.span(low, high)


def _listed(rows: pd.DataFrame) -> list[Told]:
    """Return the rows JSON-ready: an undefined interval is null."""
    cells = rows.astype(object).where(rows.notna(), None)
    return [{str(name): cell for name, cell in row.items()} for row in cells.to_dict("records")]
