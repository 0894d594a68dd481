"""Verb: open what the ledger job committed."""

from clv.contracts import RAW_TABLES
from clv.engine import Engine
from clv.errors import UserError
from clv.lake import Lake
from glue_jobs.intake.accept import EVENTS
from glue_jobs.known import Sources
from glue_jobs.read_files import read_files


def open_sources(engine: Engine, lake: Lake) -> Sources:
    """Return the committed ledger's tables and the delivered event tables; UserError without one."""
    commit = lake.current("ledger")
    if commit is None:
        raise UserError(f"{lake.url('ledger')}: no ledger yet; run `clv run` first")
    names = {file.split("/")[1] for file in commit.files if file.endswith(".parquet")}
    ledger = {name: engine.read(lake.files("ledger", f"{name}/")) for name in sorted(names)}
    delivered = {name: lake.raw_files(name) for name in EVENTS}
    events = {name: read_files(engine, RAW_TABLES[name], files) for name, files in delivered.items() if files}
    return Sources(ledger, events)
