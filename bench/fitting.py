"""Fits of BG/NBD in turns, each in a fresh process of the environment `.venv-bench`."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bench.measure import Measured
from clv.lake import Lake
from clv.partitions import features_at
from clv.segments import SCORED

PYTHON = Path(".venv-bench/bin/python")
CONTENDERS = ("ours", "lifetimes", "lifetimes on our triples")
COLUMNS = ["frequency", "t_x_days", "tenure_days"]


def fits_in_turns(
    lake: Lake, as_of: date, rounds: int
) -> tuple[dict[str, list[Measured]], dict[str, float], int]:
    """Return what each fit took, the log-likelihood it reached, and the number of customers."""
    found: dict[str, list[Measured]] = {name: [] for name in CONTENDERS}
    reached = {}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "customers.parquet"
        customers = _write_customers(lake, as_of, file)
        for _ in range(rounds):
            for name in CONTENDERS:
                measured, reached[name] = _fit(name, file)
                found[name].append(measured)
    return found, reached, customers


def _write_customers(lake: Lake, as_of: date, file: Path) -> int:
    features = ds.dataset(lake.files(features_at(as_of)), partitioning=None)
    scored = features.to_table(columns=COLUMNS, filter=ds.field("segment").isin(SCORED))
    pq.write_table(scored, file)
    return scored.num_rows


def _fit(name: str, file: Path) -> tuple[Measured, float]:
    command = [str(PYTHON), "-m", "bench.fits", name, str(file)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    reached = told.pop("log_likelihood")
    print(f"  {name}: {told['seconds']:.2f} s", file=sys.stderr, flush=True)
    return Measured(**told), reached
