"""The same verbs on a lake in S3: what they write there is what they write on disk."""

import json
from pathlib import Path
from urllib.parse import urlparse

import boto3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.importers.transactions import import_transactions
from app.rates import ensure_rates
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, inputs_at, scores_at, snapshots_at, transform_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from glue_jobs.job import main
from tests.flow.conftest import silent
from tests.s3 import s3, s3_server

__all__ = ["s3", "s3_server"]

AS_OF, HORIZON = parse_as_of("2024-06-20"), Horizon(30)
SETTINGS = Settings(horizon_days=30, training_snapshots=1)
VERBS = ("ledger", "features", "snapshots")
PACKAGES = {name: {"arn": "arn", "version": f"clv-{name}-30/1"} for name in ("early", "established")}


def job(root, verb, *more, run_id="run-1"):
    lines = []
    argv = ["--verb", verb, "--lake", root, "--as-of", str(AS_OF), "--run-id", run_id, "--engine", "duckdb"]
    main([*argv, "--settings", SETTINGS.to_json(), *more], lines.append)
    return lines


@pytest.fixture
def lakes(s3, tmp_path):
    """Two lakes of the same 200 customers over half a year, one on S3 and one on disk."""
    rng = np.random.default_rng(3)
    first = pd.Timestamp("2024-01-01")
    own = [(f"c{c:03d}", day) for c in range(200) for day in rng.integers(0, 170, 1 + rng.poisson(1.5))]
    rows = [(who, first + pd.Timedelta(days=int(day)), 9.9 + int(day) % 40) for who, day in own]
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(tmp_path / "log.csv", index=False)
    disk = Lake.at(tmp_path / "lake")
    import_transactions(tmp_path / "log.csv", disk, "EUR")
    ensure_rates(disk, silent)
    place = urlparse(s3)
    client = boto3.client("s3")
    for entry in disk.entries("raw"):
        client.upload_file(str(Path(disk.root) / entry.name), place.netloc, f"{place.path[1:]}/{entry.name}")
    client.close()
    return Lake.at(s3), disk


def answer(lake):
    """Answer every input part as Batch Transform does, and return the address of the answers."""
    place = transform_at(AS_OF, HORIZON, "run-1")
    for part in (name for name in lake.files(inputs_at(AS_OF, HORIZON)) if name.endswith(".parquet")):
        rows = read_frame([part])
        said = rows[["customer_id"]].assign(
            clv_eur=rows.btyd_clv_eur, p_active=rows.btyd_p_active, model_version="m"
        )
        body = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pandas(said, preserve_index=False), body)
        *_, segment, name = part.split("/")
        lake.storage.write(f"{place}/{segment}/{name}.out", body.getvalue().to_pybytes())
    return lake.url(place)


def table(lake, partition, name=""):
    return read_frame(lake.files(partition, name)).sort_values("customer_id", ignore_index=True)


def test_a_run_on_s3_commits_the_tables_of_a_run_on_disk(lakes):
    for lake in lakes:
        for verb in VERBS:
            job(lake.root, verb)
        job(lake.root, "publish", "--transform", answer(lake), "--packages", json.dumps(PACKAGES))
    there, here = lakes
    for partition, name in (
        ("ledger", "entries/"),
        (features_at(AS_OF), ""),
        (inputs_at(AS_OF, HORIZON), "segment=early/"),
        (scores_at(AS_OF), ""),
    ):
        if name == "entries/":
            frames = [
                read_frame(of.files(partition, name)).sort_values("entry_id", ignore_index=True)
                for of in lakes
            ]
        else:
            frames = [table(of, partition, name) for of in lakes]
        pd.testing.assert_frame_equal(*frames, check_exact=True)
    prefix, *names = json.loads(there.committed_text(snapshots_at(AS_OF, HORIZON), "manifest.json"))
    assert prefix == {"prefix": f"{there.root.rstrip('/')}/"}
    assert names == json.loads(here.committed_text(snapshots_at(AS_OF, HORIZON), "manifest.json"))[1:]
    assert all(there.storage.read(name) is not None for name in names)
    assert "ledger: stands, made of the same raw tables" in job(there.root, "ledger", run_id="run-2")
