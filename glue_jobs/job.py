"""Glue script: one verb of the weekly run, `--verb ledger | features | snapshots | publish`.

The same on a laptop with `--engine duckdb`. It raises where it fails, which is what Glue reports.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from clv.catalogue import WHOLE, drop_removed, list_run, switch
from clv.code_version import code_version
from clv.lake import Lake
from glue_jobs import weekly
from glue_jobs.expire import AGED
from glue_jobs.lineage import ROOMS
from glue_jobs.options import Options, parse
from glue_jobs.start import engine_for
from glue_jobs.weekly import Say, Told, Work

STEPS: Mapping[str, Callable[[Work], Told]] = {
    "ledger": weekly.ledger,
    "features": weekly.features,
    "snapshots": weekly.snapshots,
    "publish": weekly.publish_scores,
}
ENGINE_VARIABLE = "CLV_ENGINE"


def log(line: str) -> None:
    """Write a line to the job's log at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str], say: Say = log) -> None:
    """Run one verb and write what it did to `runs/<run id>/<verb>.json`.

    UserError for what its reader can mend; any other exception is a fault.
    """
    options = parse(argv)
    engine = os.environ.get(ENGINE_VARIABLE) or options.engine  # noqa: TID251 - the laptop chooses so
    say(versions(engine))
    started, worked = time.perf_counter(), time.process_time()
    lake = Lake.at(options.lake)
    with engine_for(lake, engine, f"{options.run_id}-{options.verb}") as running:
        told = STEPS[options.verb](Work(running, lake, options, say))
    if options.verb == "publish" and options.catalogue:
        told |= _switch(lake, options)
    for note in told["notes"]:
        say(f"note: {note}")
    told["processor_seconds"] = round(time.process_time() - worked, 3)
    _record(lake, options, told, engine, time.perf_counter() - started)


def versions(engine: str) -> str:
    """Return the first line of the log: what runs, and of which version."""
    modules = {module.__name__: module.__version__ for module in (ibis, pd, np, pa)}
    runs = import_module("pyspark" if engine == "spark" else "duckdb")
    found = {"python": platform.python_version(), runs.__name__: runs.__version__, **modules}
    return ", ".join(f"{name} {version}" for name, version in {**found, "code": code_version(ROOMS)}.items())


def _switch(lake: Lake, options: Options) -> dict[str, int]:
    """Point the catalogue at what is committed now; return the partitions that moved, and that went."""
    import boto3  # noqa: PLC0415 - only where there is a catalogue

    glue = boto3.client("glue")
    moved = switch(glue, options.catalogue, lake, weekly.catalogued(lake, options))
    moved += sum(list_run(glue, options.catalogue, lake, name) for name in WHOLE)
    dropped = drop_removed(glue, options.catalogue, lake, AGED)
    return {"catalogue_moved": moved, "catalogue_dropped": dropped}


def _record(lake: Lake, options: Options, told: Told, engine: str, seconds: float) -> None:
    """Write what the verb did, with rows and bytes of each partition it answers for."""
    partitions = told.pop("partitions")
    text = {
        "run_id": options.run_id,
        "verb": options.verb,
        "as_of": options.as_of,
        "horizon_days": options.horizon.days,
        "engine": engine,
        "seconds": round(seconds, 3),
        "partitions": {name: _size(lake, name) for name in partitions},
        **told,
    }
    name = f"runs/{options.run_id}/{options.verb}.json"
    lake.write_text(name, json.dumps(text, indent=1, default=str))


def _size(lake: Lake, partition: str) -> dict[str, Any]:
    commit = lake.current(partition)
    if commit is None:
        return {"run_id": None, "rows": 0, "files": 0, "bytes": 0}
    files = lake.entries(f"{partition}/run={commit.run_id}")
    size = sum(entry.size for entry in files)
    return {"run_id": commit.run_id, "rows": commit.row_count, "files": len(files), "bytes": size}


if __name__ == "__main__":
    main(sys.argv[1:])
