"""What was erased from the raw tables, counted: rows and cents by file, and not whose they were.

The count of a file is written before the file, with the version that it replaces. So an erasure that was
killed between the two counts its rows once when it is done again.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from clv.lake import Lake

ERASED = ".erase-"
"""What the run id of a partition has after that of the run that computed it."""

COUNTS = "raw/_erased.json"
REASON = "erased at a person's request"


@dataclass(frozen=True)
class Erased:
    """Rows and cents (of their own currencies, added up) erased of one raw table."""

    table: str
    rows: int
    cents: int


def erased(lake: Lake) -> list[Erased]:
    """Return what was erased, by table; nothing where nobody ever was."""
    rows: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    for name, told in _told(lake).items():
        table = name.split("/")[1]
        rows[table] += told["rows"]
        cents[table] += told["cents"]
    return [Erased(table, rows[table], cents[table]) for table in sorted(rows)]


def note_erased(lake: Lake, name: str, version: str, rows: int, cents: int) -> None:
    """Add to the count of a raw file that is about to be replaced; `version` is the one that still stands."""
    told = _told(lake)
    of = told.get(name, {"rows": 0, "cents": 0})
    if of.get("replaces") == version:  # noted by an attempt that did not come to replace the file
        of = {"rows": of["rows_before"], "cents": of["cents_before"]}
    told[name] = {
        "rows": of["rows"] + rows,
        "cents": of["cents"] + cents,
        "rows_before": of["rows"],
        "cents_before": of["cents"],
        "replaces": version,
    }
    lake.write_text(COUNTS, json.dumps(told, indent=1))


def _told(lake: Lake) -> dict[str, dict[str, Any]]:
    text = lake.read_text(COUNTS)
    told: dict[str, dict[str, Any]] = {} if text is None else json.loads(text)
    return told
