"""Glue jobs as tests start them, the answers of their models, and what they leave."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from clv.frames import read_frame
from clv.lake import CURRENT
from clv.partitions import features_at, inputs_at, transform_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from glue_jobs.job import main

AS_OF = parse_as_of("2025-07-01")
SETTINGS = Settings(horizon_days=180, training_snapshots=2)
HORIZON = Horizon(180)
PACKAGES = {
    segment: {"arn": "arn", "version": f"clv-{segment}-180/3"} for segment in ("early", "established")
}
FIRST = ("ledger", "features", "snapshots")
HEAD = ["customer_id", "clv_eur", "p_active", "model_version"]


def job(lake, verb, *more, run_id="run-1", as_of=AS_OF, settings=SETTINGS):
    """Run one verb as Glue would, with an argument of Glue's own among ours, and return its lines."""
    said = []
    argv = [
        "--JOB_NAME",
        "clv",
        "--verb",
        verb,
        "--lake",
        lake.root,
        "--as-of",
        str(as_of),
        "--run-id",
        run_id,
    ]
    main([*argv, "--settings", settings.to_json(), "--engine", "duckdb", *more], said.append)
    return said


def publish_arguments(place, packages=PACKAGES):
    return ["--transform", place, "--packages", json.dumps(packages)]


def told(lake, verb, run_id="run-1"):
    return json.loads(lake.read_text(f"runs/{run_id}/{verb}.json"))


def commits(lake):
    return {path: path.read_bytes() for path in Path(lake.root).rglob(CURRENT)}


def features_of(lake):
    return read_frame(lake.files(features_at(AS_OF))).sort_values("customer_id", ignore_index=True)


def answers(lake, run_id, as_of=AS_OF, horizon=HORIZON):
    """Answer every input part as Batch Transform does, and return the address of the answers."""
    place = lake.path(transform_at(as_of, horizon, run_id))
    for part in map(Path, lake.files(inputs_at(as_of, horizon))):
        if part.suffix == ".parquet":
            rows = pq.ParquetFile(part).read().to_pandas()
            said = rows[["customer_id"]].assign(
                clv_eur=rows.btyd_clv_eur, p_active=rows.btyd_p_active, model_version="m-1"
            )
            (place / part.parent.name).mkdir(parents=True, exist_ok=True)
            said.to_parquet(place / part.parent.name / f"{part.name}.out", index=False)
    return place
