"""Treatments of a past horizon as weights of the rows that a training learns from."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from clv.closed_snapshots import SnapshotPlan
from clv.contracts import TREATMENTS
from clv.engine import DuckEngine
from clv.frames import read_frame, write_file
from clv.lake import Lake
from clv.partitions import labels_at, snapshots_at, weights_at
from clv.timeline import Horizon
from glue_jobs.build_ledger import build_ledger
from glue_jobs.build_snapshots import list_snapshots
from glue_jobs.build_weights import build_weights
from tests.flow.conftest import AS_OF, SETTINGS, silent
from training.learned import training_frame

HORIZON = Horizon(SETTINGS.horizon_days)
WEIGHED = replace(SETTINGS, treatment_weights="reference")


@pytest.fixture
def treated(scored, tmp_path):
    """A lake with a log in the horizon of its newest closed snapshot: 40 contacted at .8, 10 of them held out."""
    lake = Lake.at(tmp_path / "lake")
    shutil.copytree(scored[0].root, lake.root, ignore=shutil.ignore_patterns("models", "inputs"))
    day = plan(lake).training_as_ofs[-1]
    people = read_frame(lake.files(labels_at(day, HORIZON)), ["customer_id"])["customer_id"].sort_values()[
        :50
    ]
    log = pd.DataFrame({"customer_id": people.tolist(), "purpose": ["exploit"] * 40 + ["holdout"] * 10})
    log = log.assign(
        treatment_id=log["customer_id"],
        campaign="spring",
        treatment_ts=pd.Timestamp(day + timedelta(days=9)).as_unit("us"),
        rule="top_clv",
        propensity=np.where(log.index % 2, 0.8, 0.5),
        cost=0.0,
        currency="EUR",
        recorded_ts=pd.Series(pd.NaT, log.index, dtype="datetime64[us]"),
    )
    lake.path("raw/treatments").mkdir()
    write_file(log, TREATMENTS, lake.path("raw/treatments/part-000.parquet"))
    engine = DuckEngine.start(tmp_path / "spill")
    build_ledger(engine, lake, SETTINGS, "with-treatments", silent)
    return lake, engine, day


def plan(lake):
    return SnapshotPlan.from_json(lake.committed_text(snapshots_at(AS_OF, HORIZON), "plan.json"))


def test_weights_reach_the_rows_of_training_and_keep_their_total(treated):
    lake, engine, day = treated
    days = plan(lake).labelled_as_ofs
    assert build_weights(engine, lake, days, HORIZON) >= 1
    frame = training_frame(lake, plan(lake).training_as_ofs, HORIZON, WEIGHED)
    own = frame[frame["as_of"] == day]
    assert (own["weight"] != 1).sum() == 50
    assert own["weight"].sum() == pytest.approx(len(own))
    assert "weight" not in training_frame(lake, plan(lake).training_as_ofs, HORIZON, SETTINGS)


def test_the_same_treatments_are_written_once_and_those_withdrawn_leave_nothing(treated):
    lake, engine, day = treated
    days = plan(lake).labelled_as_ofs
    build_weights(engine, lake, days, HORIZON)
    commit = lake.current(weights_at(day, HORIZON))
    assert build_weights(engine, lake, days, HORIZON) == 0
    assert lake.current(weights_at(day, HORIZON)) == commit
    shutil.rmtree(lake.path("raw/treatments"))
    build_ledger(engine, lake, SETTINGS, "without", silent)
    build_weights(engine, lake, days, HORIZON)
    assert lake.current(weights_at(day, HORIZON)) is None
    frame = training_frame(lake, plan(lake).training_as_ofs, HORIZON, WEIGHED)
    assert (frame["weight"] == 1).all()


def test_the_manifest_of_training_names_them(treated):
    lake, engine, day = treated
    chosen = plan(lake)
    build_weights(engine, lake, chosen.labelled_as_ofs, HORIZON)
    assert list_snapshots(lake, chosen, AS_OF, HORIZON, "run-with-weights")
    _, *names = json.loads(lake.committed_text(snapshots_at(AS_OF, HORIZON), "manifest.json"))
    commit = lake.current(weights_at(day, HORIZON))
    assert {f"{weights_at(day, HORIZON)}/{name}" for name in ("_current.json", *commit.files)} <= set(names)
