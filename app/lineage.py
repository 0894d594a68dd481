"""Where published scores come from, for whoever has to answer for one."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.console import Console, grid
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import scores_at
from glue_jobs.lineage import LINEAGE
from glue_jobs.publish import newest_published


def show_lineage(lake: Lake, as_of: date | None, console: Console) -> None:
    """Show code, data and models of the scores of one t₀, the newest by default.

    UserError where none are published, or older code did not note it.
    """
    day = as_of or newest_published(lake)
    text = lake.committed_text(scores_at(day), LINEAGE)
    if text is None:
        raise UserError(
            f"{lake.url(scores_at(day))}: no {LINEAGE} there; publish that week again to have one"
        )
    told = json.loads(text)
    console.show(told, _scores(told), _deliveries(told), _models(told))


def _scores(told: Mapping[str, Any]) -> Any:
    ledgers = told["data"]["ledgers"]
    rows = [[name, run, _ledger(ledgers, run)] for name, run in told["data"]["read"].items()]
    what = f"Scores of {told['as_of']}, {told['horizon_days']} days"
    return grid(
        f"{what}, by {told['run_id']}, code {told['code_version']}", ["made of", "run", "ledger"], rows
    )


def _deliveries(told: Mapping[str, Any]) -> Any:
    found: dict[str, Any] = {}
    for ledger in told["data"]["ledgers"].values():
        found |= (ledger or {}).get("deliveries") or {}
    rows = [[name, f"{of['files']:,}", f"{of['bytes']:,}", of["fingerprint"]] for name, of in found.items()]
    return grid("Raw tables", ["table", "files", "bytes", "fingerprint"], rows)


def _models(told: Mapping[str, Any]) -> Any:
    rows = [
        [
            segment,
            *(str(of[name] or "–") for name in ("package", "model_version", "trained_as_of", "code_version")),
            _window(of),
        ]
        for segment, of in told["models"].items()
    ]
    columns = ["segment", "package", "model", "trained as of", "code", "taught by"]
    return grid("Models", columns, rows)


def _window(model: Mapping[str, Any]) -> str:
    days = model["training_as_ofs"]
    return f"{days[0]} to {days[-1]}" if days else "no label"


def _ledger(ledgers: Mapping[str, Any], run: str) -> str:
    return str((ledgers.get(run) or {}).get("run_id") or "–")
