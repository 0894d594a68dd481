"""Verb: hold customers and scores of a t₀ against earlier profiles, and the raw tables against their past."""

import json
from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd
import pyarrow.compute as pc

from clv.drift_profile import profile
from clv.feature_catalogue import CATEGORICAL, NUMERIC
from clv.frames import read_frame
from clv.lake import Lake
from clv.parquet import read_tables, schema_of
from clv.partitions import features_at, monitoring_at, scores_at
from clv.segments import SCORED
from monitoring.departures import Departures
from monitoring.drift import MODEL, SCORE_COLUMNS, WEEK_BEFORE, Drift, Profile, drift
from monitoring.freshness import Delivery, deliveries

BASELINE = "baseline.json"
"""Training leaves it beside the evaluation of its model."""
DELIVERED = "delivered/"
"""Of the ledger: rows of each raw table by day."""
PROFILES = "profiles.json"
"""Of one t₀'s monitoring: the profile of each segment."""


def departures(
    lake: Lake, as_of: date, horizon_days: int, evaluations: Mapping[str, str | None]
) -> Departures:
    """Return how the features, scores and raw tables of a t₀ differ from before.

    evaluations : by segment the address of the evaluation of the model in force; its profile lies beside it
    UserError where features or scores are not committed.
    """
    last = _last_profiles(lake, as_of, horizon_days)
    found: list[Drift] = []
    profiles: dict[str, Profile] = {}
    baselines = {segment: _baseline(url) for segment, url in evaluations.items() if url}
    for segment, people in _people(lake, as_of):
        profiles[segment] = _profile(people)
        for against, told in ((MODEL, baselines.get(segment)), (WEEK_BEFORE, last.get(segment))):
            if told is not None:
                found += drift(segment, against, told, people)
    return Departures(
        variables=tuple(found),
        profiled=tuple(segment for segment, told in baselines.items() if told is not None),
        unprofiled=tuple(segment for segment, told in baselines.items() if told is None),
        deliveries=_deliveries(lake, as_of),
        profiles=profiles,
    )


def profiles_text(found: Departures, horizon_days: int) -> str:
    """Return what is kept of the customers and scores of a week for the next one."""
    return json.dumps({"horizon_days": horizon_days, "profiles": found.profiles})


def _people(lake: Lake, as_of: date) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield features and scores of the customers with a forecast, one segment after the other."""
    files = lake.files(scores_at(as_of))
    there = schema_of(files[0]).names
    columns = ["customer_id", *(name for name in SCORE_COLUMNS if name in there)]
    scores = read_frame(files, columns).drop_duplicates("customer_id")
    features = read_tables(lake.files(features_at(as_of)))
    for segment in SCORED:
        own = features.filter(pc.equal(features["segment"], segment)).to_pandas()
        yield segment, own.merge(scores, "left", on="customer_id")


def _profile(people: pd.DataFrame) -> Profile:
    numeric = [name for name in (*NUMERIC, *SCORE_COLUMNS) if name in people]
    return profile(people, numeric, [name for name in CATEGORICAL if name in people])


def _baseline(url: str) -> Profile | None:
    folder = url.rpartition("/")[0]
    text = Lake.at(folder).read_text(BASELINE)
    return None if text is None else dict(json.loads(text))


def _last_profiles(lake: Lake, as_of: date, horizon_days: int) -> dict[str, Profile]:
    """Return the profiles of the newest t₀ watched before; none where there is none of this horizon."""
    before = [day for day in lake.partitions("monitoring", "as_of") if day < str(as_of)]
    place = monitoring_at(date.fromisoformat(max(before))) if before else ""
    told = json.loads((lake.committed_text(place, PROFILES) if place else None) or "{}")
    return dict(told["profiles"]) if told.get("horizon_days") == horizon_days else {}


def _deliveries(lake: Lake, as_of: date) -> tuple[Delivery, ...] | None:
    commit = lake.current("ledger")
    if commit is None or not any(f"/{DELIVERED}" in name for name in commit.files):
        return None
    return tuple(deliveries(read_frame(lake.files("ledger", DELIVERED)), as_of))
