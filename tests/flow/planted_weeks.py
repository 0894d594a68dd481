"""Weeks with something planted in their raw tables, scored by the model of the sound week before."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.rehearsal import fired
from step_functions.rehearsal import objects
from step_functions.rehearsal.rehearse import run_week

TIMES = 20
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def planted(stacks, raw, folder, as_of, settings):
    """Return two weeks after the one of `as_of`, by name, in the order in which they ran.

    missing-week : a week later, nothing new has been delivered
    drifted : a day later, the searches of the last month are there many times
    """
    told = {"train": "never", "settings": settings}
    missing, drifted = as_of + WEEK, as_of + timedelta(days=1)
    weeks = {"missing-week": run_week(stacks, missing, f"run-{missing}-1", told)}
    file = folder / "part-planted.parquet"
    alike = pq.read_schema(raw / "web_events" / "part-000.parquet")
    pq.write_table(pa.Table.from_pandas(more_searches(raw, as_of), schema=alike), file)
    objects.put(file, f"{stacks.lake}/raw/web_events/{file.name}")
    weeks["drifted"] = run_week(stacks, drifted, f"run-{drifted}-1", told)
    return weeks


def more_searches(raw, as_of: date) -> pd.DataFrame:
    """Return the searches of the month before a day, so many times, as events of their own."""
    events = pd.concat([pd.read_parquet(file) for file in sorted((raw / "web_events").glob("*.parquet"))])
    since = pd.Timestamp(as_of) - MONTH
    rows = events[
        (events["type"] == "search") & (events["ts"] >= since) & (events["ts"] < pd.Timestamp(as_of))
    ]
    again = [rows.assign(event_id=rows["event_id"].astype(str) + f"-{turn}") for turn in range(TIMES)]
    return pd.concat(again, ignore_index=True)


def raised_in(weeks, name):
    """Return the alarms that the figures of one week alone raise: all weeks are of one day to the clock."""
    names = list(weeks)
    before, week = weeks[names[names.index(name) - 1]], weeks[name]
    assert week.succeeded, (week.error, week.cause)
    own = replace(week, metrics=week.metrics[len(before.metrics) - 2 :])
    return {alarm.name for alarm in fired(own) if alarm.state == "ALARM"}
