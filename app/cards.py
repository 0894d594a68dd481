"""`clv card`: the governance file of each model in force, or of one package, with what the registry says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from app.console import Console, grid
from clv.card_page import card_page
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import card_at
from clv.segments import SCORED
from clv.settings import Settings
from glue_jobs.publish import newest_published, published_horizon
from step_functions.approvals import approval, described
from step_functions.handlers.registry import Package, groups, packages, require_groups
from step_functions.handlers.store import store_at

PREFIX = "clv"
JSON_FILE, PAGE_FILE = "card.json", "card.html"


def show_cards(lake: Lake, package: str, console: Console) -> None:
    """Write `card.json` and `card.html` of the models in force, or of one package, and say where.

    UserError where nothing is published, no such package is registered, or its training left no card.
    """
    horizon_days = published_horizon(lake, newest_published(lake)) or Settings().horizon_days
    named = groups(PREFIX, horizon_days)
    with _registry(lake, list(named.values())) as client:
        asked = _asked(client, named, package)
        found = [_written(lake, one, approval(described(client, one.arn))) for one in asked]
    rows = [[one["package"], one["status"], one["validation"], one["page"]] for one in found]
    console.show({"cards": found}, grid("Model cards", ["package", "status", "validation", "page"], rows))


def _asked(client: Any, named: dict[str, str], package: str) -> list[Package]:
    require_groups(client, named)
    if not package:
        newest = [next(iter(packages(client, named[segment], date.max)), None) for segment in SCORED]
        found = [one for one in newest if one is not None]
        if not found:
            raise UserError("model registry: no approved package; give --package GROUP/NUMBER")
        return found
    every = [one for group in named.values() for one in packages(client, group, date.max, status=None)]
    chosen = [one for one in every if one.version == package]
    if not chosen:
        known = ", ".join(sorted(one.version for one in every)) or "none"
        raise UserError(f"--package {package}: not in the model registry; known are {known}")
    return chosen


def _written(lake: Lake, package: Package, approved: dict[str, str]) -> dict[str, str]:
    home, _, _ = package.evaluation.rpartition("/")
    text = store_at(home).read(JSON_FILE)
    if text is None:
        raise UserError(f"{home}/{JSON_FILE}: no such file; only trainings of this lake have a card")
    card = json.loads(text)
    if "validation" not in card:
        raise UserError(f"{home}/{JSON_FILE}: older code wrote it; train again to have a governance file")
    folder = card_at(package.version)
    lake.write_text(f"{folder}/{JSON_FILE}", json.dumps(card | {"approval": approved}, indent=1))
    lake.write_text(f"{folder}/{PAGE_FILE}", card_page(card, approved))
    return {
        "package": package.version,
        "status": package.status,
        "validation": card["validation"]["verdict"],
        "page": lake.url(f"{folder}/{PAGE_FILE}"),
    }


@contextmanager
def _registry(lake: Lake, named: list[str]) -> Iterator[Any]:
    if lake.is_local:
        from step_functions.laptop.account import registry_of  # noqa: PLC0415 - it takes long to load

        with registry_of(lake, named) as client:
            yield client
    else:
        import boto3  # noqa: PLC0415 - only for a lake on S3

        yield boto3.client("sagemaker")
