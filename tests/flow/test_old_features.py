"""A features job removes what is too old, and builds the same again where it is needed."""

import json

import numpy as np
import pandas as pd
import pytest

from app.importers.transactions import import_transactions
from app.rates import ensure_rates
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, inputs_at, priors_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from glue_jobs.job import main
from tests.flow.conftest import silent

OLD, FIRST, NEW = map(parse_as_of, ("2024-04-20", "2024-05-01", "2024-06-20"))
SETTINGS, HORIZON = Settings(horizon_days=30), Horizon(30)


def job(lake, verb, as_of, run_id):
    argv = ["--verb", verb, "--lake", lake.root, "--as-of", str(as_of), "--run-id", run_id]
    main([*argv, "--settings", SETTINGS.to_json(), "--engine", "duckdb"], silent)
    return json.loads(lake.read_text(f"runs/{run_id}/{verb}.json"))


def table(lake, partition):
    return read_frame(lake.files(partition)).sort_values("customer_id", ignore_index=True)


@pytest.fixture
def lake(tmp_path):
    """A lake of 200 customers over half a year with a ledger."""
    rng = np.random.default_rng(3)
    first = pd.Timestamp("2024-01-01")
    own = [(f"c{c:03d}", int(day)) for c in range(200) for day in rng.integers(0, 170, 2 + rng.poisson(1.5))]
    rows = [(who, first + pd.Timedelta(days=day), 9.9 + day % 40) for who, day in own]
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(tmp_path / "log.csv", index=False)
    lake = Lake.at(tmp_path / "lake")
    import_transactions(tmp_path / "log.csv", lake, "EUR")
    ensure_rates(lake, silent)
    job(lake, "ledger", NEW, "run-0")
    return lake


def test_the_features_job_removes_what_is_old_says_so_and_builds_the_same_again(lake):
    parts = (features_at(OLD), priors_at(OLD, HORIZON))
    for number, day in enumerate((OLD, FIRST)):
        assert not any(
            "keep_days" in note for note in job(lake, "features", day, f"run-{number + 1}")["notes"]
        )
    before = [table(lake, part) for part in parts]
    notes = job(lake, "features", NEW, "run-3")["notes"]
    assert [note for note in notes if "keep_days 35" in note and str(OLD) in note]
    assert all(lake.current(part) is None for part in (*parts, inputs_at(OLD, HORIZON)))
    assert all(lake.current(features_at(day)) for day in (FIRST, NEW))
    job(lake, "features", OLD, "run-4")
    for part, was in zip(parts, before, strict=True):
        pd.testing.assert_frame_equal(table(lake, part), was, check_exact=True)
