"""`clv card`: the governance file of each model in force, or of one package, with what the registry says."""

import json
from datetime import date
from typing import Any

from app.console import Console, grid
from app.registry import PREFIX, package_named, registry
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

JSON_FILE, PAGE_FILE = "card.json", "card.html"


def show_cards(lake: Lake, package: str, console: Console) -> None:
    """Write `card.json` and `card.html` of the models in force, or of one package, and say where.

    UserError where nothing is published, no such package is registered, or its training left no card.
    """
    horizon_days = published_horizon(lake, newest_published(lake)) or Settings().horizon_days
    named = groups(PREFIX, horizon_days)
    with registry(lake, named.values()) as client:
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
    return [package_named(client, named.values(), package)]


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
