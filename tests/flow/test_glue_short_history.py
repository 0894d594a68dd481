"""The Glue job on a history of four months: no closed horizon, an empty segment, too little to start with."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from app.importers.transactions import import_transactions
from app.weekly import ensure_rates
from clv.closed_snapshots import SnapshotPlan
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import inputs_at, scores_at, snapshots_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from tests.flow.conftest import silent
from tests.flow.glue_runs import FIRST, answers, job, publish_arguments, told


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A lake of 400 customers over 120 days from 2024-01-01."""
    rng = np.random.default_rng(5)
    first = pd.Timestamp("2024-01-01")
    days = [rng.integers(0, 120, 2 + rng.poisson(1.0)) for _ in range(400)]
    rows = [
        (f"c{c:03d}", first + pd.Timedelta(days=int(day)), 20.0 + c % 7)
        for c, own in enumerate(days)
        for day in own
    ]
    folder = tmp_path_factory.mktemp("short")
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(folder / "log.csv", index=False)
    lake = Lake.at(folder / "lake")
    import_transactions(folder / "log.csv", lake, "EUR")
    ensure_rates(lake, silent)
    return lake


def test_without_any_closed_horizon_the_manifest_lists_what_a_label_free_model_needs(short):
    as_of, settings, horizon = parse_as_of("2024-04-20"), Settings(), Horizon(365)
    for verb in FIRST:
        job(short, verb, run_id="run-early", as_of=as_of, settings=settings)
    partition = snapshots_at(as_of, horizon)
    assert SnapshotPlan.from_json(short.committed_text(partition, "plan.json")) == SnapshotPlan((), None, ())
    _, *names = json.loads(short.committed_text(partition, "manifest.json"))
    assert {name.split("/")[0] for name in names} == {"features", "priors", "snapshots"}


def test_a_segment_without_customers_has_no_manifest_and_needs_no_answers(short):
    as_of, settings, horizon = parse_as_of("2024-09-01"), Settings(horizon_days=30), Horizon(30)
    for verb in ("ledger", "features"):
        job(short, verb, as_of=as_of, settings=settings)
    segments = json.loads(short.committed_text(inputs_at(as_of, horizon), "segments.json"))
    assert segments["early"] == {"customers": 0, "manifest": None}
    assert "the newest entry is of" in told(short, "ledger")["notes"][0]
    place = answers(short, "run-1", as_of, horizon)
    packages = {"established": {"arn": "arn", "version": "clv-established-30/1"}}
    job(short, "publish", *publish_arguments(str(place), packages), as_of=as_of, settings=settings)
    assert told(short, "publish")["reconciled"] == {
        "early": 0,
        "established": segments["established"]["customers"],
    }
    assert set(read_frame(short.files(scores_at(as_of))).segment) == {"established"}


def test_too_short_a_history_is_said_by_the_first_job(short):
    with pytest.raises(UserError, match=r"take --as-of 2024-0\d-\d\d or later"):
        job(short, "ledger", as_of=parse_as_of("2024-02-01"), settings=Settings())


def test_without_exchange_rates_the_ledger_job_says_what_is_missing(short, tmp_path):
    lake = Lake.at(tmp_path)
    shutil.copytree(short.path("raw"), lake.path("raw"))
    shutil.rmtree(lake.path("raw/fx_rates"))
    with pytest.raises(UserError, match="raw/fx_rates: no Parquet or CSV file there"):
        job(lake, "ledger")
