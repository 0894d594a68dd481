"""Samples of published drivers by week, kept in memory, and how alike successive models see the drivers."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pandas as pd
import streamlit as st

from app.dashboard.store import Week, glance, run_of
from app.drivers.figures import agreement
from app.drivers.sample import STAGE, Sample, read_sample
from clv.segments import SCORED

WEEKS = 26
"""Looked through for another model: half a year."""
TRAININGS = 3
KEPT_SAMPLES = 12
SMALLEST_GROUP = 30


def explained(week: Week) -> list[str]:
    """Return the segments of which a sample with all drivers is published."""
    return [segment for segment in SCORED if sample(week, segment) is not None]


def sample(week: Week, segment: str) -> Sample | None:
    """Return the sample of a segment, None where none is published."""
    return _sample(week.root, week.as_of, week.run_id, segment)


@st.cache_resource(max_entries=KEPT_SAMPLES, show_spinner="Reading drivers …")
def _sample(root: str, as_of: date, run_id: str, segment: str) -> Sample | None:
    return read_sample(Week(root, as_of, run_id).lake, as_of, segment)


def choices(week: Week, segment: str) -> dict[str, list[str]]:
    """Return by what groups may be compared, and those of 30 or more in the sample, the most valuable first.

    By `STAGE` the segments themselves, where there are two.
    """
    found = sample(week, segment)
    groups = found.groups(SMALLEST_GROUP) if found else {}
    return {by: names for by, names in {**groups, STAGE: explained(week)}.items() if len(names) > 1}


def group(week: Week, segment: str, by: str, name: str) -> Sample:
    """Return one of the groups of `choices`; KeyError where there is none."""
    whole = sample(week, name if by == STAGE else segment)
    if whole is None:
        raise KeyError(name)
    return whole if by == STAGE else whole.where(by, name)


def agreements(week: Week, days: Sequence[date], segment: str) -> pd.DataFrame:
    """Return a row for each training of the half year before, newest first, and one for no training.

    `before`, `now` (weeks next to each other), `is_new` (whether another model scored), `model`, and the
    fields of `Agreement`. No rows where fewer than two weeks have samples.
    """
    weeks = [Week(week.root, day, run_of(week.root, day)) for day in days if day <= week.as_of][:WEEKS]
    models = [_model(one, segment) for one in weeks]
    steps = list(zip(pairwise(weeks), pairwise(models), strict=True))
    trained = [pair for pair, (now, before) in steps if now != before][:TRAININGS]
    quiet = [pair for pair, (now, before) in steps if now == before][:1]
    rows = [_agreement(now, before, segment) for now, before in [*trained, *quiet]]
    found = pd.DataFrame([row for row in rows if row is not None])
    return found.sort_values("now", ascending=False, ignore_index=True) if len(found) else found


def _agreement(now: Week, before: Week, segment: str) -> dict[str, object] | None:
    new, old = sample(now, segment), sample(before, segment)
    if new is None or old is None:
        return None
    is_new = new.model_version != old.model_version
    told = {"before": before.as_of, "now": now.as_of, "is_new": is_new, "model": new.model_version}
    return {**told, **agreement(old, new)._asdict()}


def _model(week: Week, segment: str) -> str:
    sql = "SELECT mode(model_version) AS model FROM scores WHERE segment = ?"
    return str(glance(week, sql, segment).model[0])


def week_at(week: Week, as_of: date) -> Week:
    """Return another week of the same lake."""
    return Week(week.root, as_of, run_of(week.root, as_of))
