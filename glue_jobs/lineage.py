"""Verb: where each score comes from: code, data and model package, back to the deliveries."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from clv.code_version import code_version
from clv.erased import ERASED
from clv.lake import Lake
from clv.partitions import features_at, inputs_at, priors_at
from clv.timeline import Horizon

ROOMS = ("clv", "glue_jobs", "monitoring", "decisions")
"""Of the archive that Glue runs."""

LINEAGE = "_lineage.json"
"""The underscore hides it from who reads the table of the same folder, Athena among them."""

DIGITS = 12
Told = dict[str, Any]


def lineage(
    lake: Lake, as_of: date, horizon: Horizon, run_id: str, packages: Mapping[str, Mapping[str, str]]
) -> Told:
    """Return what made the scores of one t₀.

    `data` has the run, ledger and deliveries of features, priors and inputs; `models` by segment the package,
    and of its training the code and each partition that it read, with its run and that run's ledger. What
    older code did not note is null.
    """
    parts = (features_at(as_of), priors_at(as_of, horizon), inputs_at(as_of, horizon))
    runs = {name: commit.run_id for name in parts if (commit := lake.current(name)) is not None}
    return {
        "as_of": str(as_of),
        "horizon_days": horizon.days,
        "run_id": run_id,
        "code_version": code_version(ROOMS),
        "data": _data(lake, runs),
        "models": {segment: _model(lake, package) for segment, package in sorted(packages.items())},
    }


def deliveries(lake: Lake) -> Told:
    """Return files, bytes and fingerprint of each raw table: another one where any file was changed."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for entry in lake.entries("raw"):
        _, table, *below = entry.name.split("/")
        if below:
            found.setdefault(table, []).append((entry.name, entry.size, entry.version))
    return {
        table: {
            "files": len(files),
            "bytes": sum(size for _, size, _ in files),
            "fingerprint": sha256(repr(sorted(files)).encode()).hexdigest()[:DIGITS],
        }
        for table, files in sorted(found.items())
    }


def _data(lake: Lake, runs: Mapping[str, str]) -> Told:
    """Return the run of each partition, and what each of these runs had for a ledger."""
    return {"read": dict(runs), "ledgers": {run: _ledger(lake, run) for run in sorted(set(runs.values()))}}


def _ledger(lake: Lake, run_id: str) -> Told | None:
    text = lake.read_text(f"runs/{run_id.partition(ERASED)[0]}/ledger.json")
    if text is None:
        return None
    told = json.loads(text)
    return {
        "run_id": told.get("partitions", {}).get("ledger", {}).get("run_id"),
        "deliveries": told.get("deliveries"),
    }


def _model(lake: Lake, package: Mapping[str, str]) -> Told:
    card = _card(package)
    return {
        "package": package.get("version"),
        "arn": package.get("arn"),
        "model_version": card.get("model_version"),
        "trained_as_of": card.get("trained_as_of"),
        "training_as_ofs": card.get("training_as_ofs"),
        "code_version": card.get("code_version"),
        "data": _data(lake, card["read"]) if "read" in card else None,
    }


def _card(package: Mapping[str, str]) -> Told:
    """Return the card beside a package's evaluation; nothing where none is named or found."""
    folder, _, _ = package.get("evaluation", "").rpartition("/")
    text = Lake.at(folder).read_text("card.json") if folder else None
    told: Told = json.loads(text) if text else {}
    return told
