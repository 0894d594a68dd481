import warnings
from datetime import timedelta

import pandas as pd
import pytest

from app.rates import ensure_rates
from app.runs import new_run
from app.world.build import write_world
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, labels_at, priors_at, scores_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of, t0
from glue_jobs.build_features import build_features, build_labels
from glue_jobs.build_ledger import build_ledger
from glue_jobs.start import engine_for
from step_functions.laptop.run import run_machine
from tests.flow.conftest import silent
from tests.flow.perturb import another_future, history_revised, read_raw, without_future, write_raw

AS_OF = parse_as_of("2025-01-01")
HORIZON = Horizon(90)
SETTINGS = Settings(
    horizon_days=90,
    training_snapshots=2,
    bootstrap_resamples=20,
    quarantine_limit=1.0,
    minimum_training_rows=100,
    max_rounds=40,
    validation_retrainings=0,
)
WORLDS = {
    "everything after t0 deleted": lambda raw: without_future(raw, pd.Timestamp(t0(AS_OF))),
    "another future": lambda raw: another_future(raw, pd.Timestamp(t0(AS_OF)), 3),
    "history cancelled, restated, refunded and re-attributed after t0": lambda raw: history_revised(
        raw, pd.Timestamp(t0(AS_OF)), 4
    ),
}
TABLES = {"features": features_at(AS_OF), "priors": priors_at(AS_OF, HORIZON), "scores": scores_at(AS_OF)}


def tables_of(lake):
    """Score the lake and return its tables at t0, with what came."""
    ensure_rates(lake, silent)
    run_machine(lake, new_run(lake, AS_OF, "run"), AS_OF, SETTINGS, {"until": "published"}, silent)
    with engine_for(lake, "duckdb", "labels") as engine:
        build_labels(engine, lake, AS_OF, HORIZON, "labels")
    found = {name: by_customer(lake, partition) for name, partition in TABLES.items()}
    return found | {"labels": by_customer(lake, labels_at(AS_OF, HORIZON))}


def by_customer(lake, partition):
    """Return the rows of a partition, sorted."""
    return read_frame(lake.files(partition)).sort_values("customer_id", ignore_index=True)


@pytest.fixture(scope="module")
def true_world(tmp_path_factory):
    lake = Lake.at(tmp_path_factory.mktemp("true"))
    write_world(lake, 800, 11, replace=False, progress=silent)
    return lake, tables_of(lake)


@pytest.fixture(scope="module", params=WORLDS, ids=lambda name: name.replace(" ", "-"))
def other_world(request, true_world, tmp_path_factory):
    lake = Lake.at(tmp_path_factory.mktemp("other"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pandas 2.2 on concatenating all-null columns
        write_raw(lake, true_world[0], WORLDS[request.param](read_raw(true_world[0])))
    return tables_of(lake)


def test_nothing_after_t0_changes_population_segments_features_priors_or_scores(true_world, other_world):
    for name in TABLES:
        pd.testing.assert_frame_equal(other_world[name], true_world[1][name], check_exact=True)


def test_the_label_changes(true_world, other_world):
    assert other_world["labels"].label_eur.sum() != true_world[1]["labels"].label_eur.sum()


def test_a_change_before_t0_is_seen(true_world, tmp_path):
    raw = read_raw(true_world[0])
    before = pd.Timestamp(t0(AS_OF - timedelta(days=30)))
    lake = Lake.at(tmp_path)
    write_raw(lake, true_world[0], without_future(raw, before))
    with engine_for(lake, "duckdb", "features") as engine:
        build_ledger(engine, lake, SETTINGS, "ledger", silent)
        build_features(engine, lake, AS_OF, "features")
    assert not by_customer(lake, features_at(AS_OF)).equals(true_world[1]["features"])
