"""Verb: compare scores with those published for the t₀ before."""

from datetime import date

import pandas as pd

from clv.frames import read_frame
from clv.lake import Lake
from clv.migration import RANKED, Migration, migration
from clv.partitions import scores_at


def scored_before(lake: Lake, as_of: date) -> date | None:
    """Return the newest t₀ before `as_of` with published scores, None where there is none."""
    days = [day for day in lake.partitions("scores", "as_of") if day < str(as_of)]
    return date.fromisoformat(max(days)) if days else None


def moved_since(lake: Lake, as_of: date, scores: pd.DataFrame) -> Migration:
    """Return how far the customers of these scores moved since the t₀ before."""
    day = scored_before(lake, as_of)
    before = None if day is None else read_frame(lake.files(scores_at(day)), RANKED)
    return migration(scores, as_of, before, day)
