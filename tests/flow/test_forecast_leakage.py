"""Every level and every weight is learned from what was known before t₀: forecasts do not change a byte."""

import warnings

import pandas as pd
import pytest

from app.rates import ensure_rates
from app.world.build import write_world
from clv.lake import Lake
from clv.segments import SCORED
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon, parse_as_of, t0
from glue_jobs.build_features import build_features, build_priors
from glue_jobs.build_snapshots import build_snapshots
from glue_jobs.options import parse
from glue_jobs.start import engine_for
from glue_jobs.weekly import Work, ledger
from tests.flow.conftest import silent
from tests.flow.perturb import read_raw, without_future, write_raw
from training.fit import fit
from training.learned import training_frame
from training.young_levels import level_factors

AS_OF, HORIZON = parse_as_of("2025-07-01"), Horizon(60)
SETTINGS = Settings(
    horizon_days=HORIZON.days,
    bootstrap_resamples=20,
    quarantine_limit=1.0,
    minimum_training_rows=100,
    max_rounds=20,
)
CLOSED = tuple(map(parse_as_of, ("2024-07-01", "2025-03-01", "2025-05-01")))
"""Three are enough for a season's level, trees and where they stop."""


def learn_and_forecast(lake, folder):
    """Fit on the closed snapshots, and return the models' files and their forecasts of t₀ as bytes."""
    given = {"verb": "ledger", "lake": lake.root, "as-of": str(AS_OF), "run-id": "run-t", "replace": "true"}
    given |= {"settings": SETTINGS.to_json(), "engine": "duckdb"}
    ensure_rates(lake, silent)
    with engine_for(lake, "duckdb", "run-t") as engine:
        arguments = [word for name, value in given.items() for word in (f"--{name}", value)]
        ledger(Work(engine, lake, parse(arguments), silent))
        build_snapshots(engine, lake, CLOSED, HORIZON, "run-t", silent)
        build_features(engine, lake, AS_OF, "run-t")
        build_priors(engine, lake, AS_OF, HORIZON, "run-t")
    frame, rows = (
        training_frame(lake, CLOSED, HORIZON, SETTINGS),
        snapshot(lake, AS_OF, HORIZON, labelled=False),
    )
    trained = fit(frame, HORIZON, SETTINGS).releveled(level_factors(frame, rows))
    found = {}
    for segment in SCORED:
        model, own = trained.models[segment], rows[rows.segment == segment]
        (folder / segment).mkdir(parents=True)
        model.save(folder / segment)
        files = sorted(path for path in (folder / segment).rglob("*") if path.is_file())
        found |= {str(path.relative_to(folder)): path.read_bytes() for path in files}
        found[f"{segment}: forecast"] = model.forecast(own).to_numpy("float64").tobytes()
        found[f"{segment}: version"] = model.version
    return found


@pytest.fixture(scope="module")
def true_world(tmp_path_factory):
    lake = Lake.at(tmp_path_factory.mktemp("true"))
    write_world(lake, 1_000, 11, replace=False, progress=silent)
    return lake, learn_and_forecast(lake, tmp_path_factory.mktemp("models"))


def test_models_learned_a_level_a_year_back(true_world):
    _, found = true_world
    assert found["established: version"].startswith("xgb-")
    assert any(b"2024-07-01" in held for name, held in found.items() if name.endswith("model.json"))


def test_with_all_rows_after_t0_deleted_models_and_forecasts_keep_every_byte(true_world, tmp_path):
    lake, found = Lake.at(tmp_path / "lake"), true_world[1]
    lake.path("").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pandas 2.2 on concatenating all-null columns
        write_raw(lake, true_world[0], without_future(read_raw(true_world[0]), pd.Timestamp(t0(AS_OF))))
    again = learn_and_forecast(lake, tmp_path / "models")
    assert again.keys() == found.keys()
    for name, held in found.items():
        assert again[name] == held, name
