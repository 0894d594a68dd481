"""Verb: find the committed ledger that these raw tables and settings made."""

import json
from hashlib import sha256

from clv.lake import Lake
from clv.settings import Settings
from glue_jobs.intake.accounts import Line

DIGITS = 12


def ledger_id(lake: Lake, settings: Settings, run_id: str) -> str:
    """Return the id under which a run commits its ledger: what it is made of, then the run."""
    return f"{_made_of(lake, settings)}.{run_id}"


def standing_accounts(lake: Lake, settings: Settings) -> list[Line] | None:
    """Return the accounts of the committed ledger, None where it was made of something else."""
    commit = lake.current("ledger")
    if commit is None or not commit.run_id.startswith(f"{_made_of(lake, settings)}."):
        return None
    told = lake.committed_text("ledger", "accounts.json")
    return None if told is None else [Line(**line) for line in json.loads(told)]


def _made_of(lake: Lake, settings: Settings) -> str:
    """Name the raw files by path, size and version, and the settings that the ledger depends on."""
    files = [(entry.name, entry.size, entry.version) for entry in lake.entries("raw")]
    made_of = (files, settings.refund_view, settings.quarantine_limit)
    return sha256(repr(made_of).encode()).hexdigest()[:DIGITS]
