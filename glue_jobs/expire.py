"""Verb: remove the features of days that nobody reads any more."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from clv.lake import Lake
from clv.partitions import scores_at

AGED = ("features", "priors", "inputs")
LEAST_DAYS = 7
"""The week before is kept whatever the setting says."""

_FOLDER = re.compile(r"(as_of|horizon_days)=([0-9-]+)")


def expire(lake: Lake, as_of: date, keep_days: int) -> list[date]:
    """Remove features, priors and inputs of days more than `keep_days` before t₀; return the days, in order.

    Two kinds stay at any age: firsts of months, which are trained on, and the t₀ of the newest scores before
    this one. What a crash left half removed goes with the next call.
    """
    oldest = as_of - timedelta(days=max(keep_days, LEAST_DAYS))
    aged = [
        (day, partition)
        for table in AGED
        for day, partition in _days(lake, table)
        if day < oldest and day.day != 1
    ]
    scored = _scored_before(lake, as_of) if aged else None
    removed = [(day, partition) for day, partition in aged if day != scored]
    for _, partition in removed:
        lake.remove(partition)
    return sorted({day for day, _ in removed})


def _days(lake: Lake, folder: str) -> Iterator[tuple[date, str]]:
    """Yield the partitions below a folder with their t₀, committed or not."""
    for name in lake.storage.folders(folder):
        said = _FOLDER.fullmatch(name)
        if said is None:
            continue
        if said[1] == "as_of":
            yield date.fromisoformat(said[2]), f"{folder}/{name}"
        else:
            yield from _days(lake, f"{folder}/{name}")


def _scored_before(lake: Lake, as_of: date) -> date | None:
    """Return the t₀ of the newest committed scores before this one."""
    days = sorted((day for day, _ in _days(lake, "scores") if day < as_of), reverse=True)
    return next((day for day in days if lake.current(scores_at(day)) is not None), None)
