"""What `clv validate` shows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.table import Table

from app.console import Console, grid
from app.validations import validate_once
from clv.card_page import figure
from clv.lake import Lake
from clv.settings import Settings


def run_validation(
    lake: Lake,
    as_of: date,
    settings: Settings,
    console: Console,
    *,
    retrainings: int,
    walk: int,
    every_months: int,
) -> str:
    """Validate the recipe at a past t₀, show the checks and return the verdict."""
    told = validate_once(
        lake, as_of, settings, console.say, retrainings=retrainings, walk=walk, every_months=every_months
    )
    console.show(told, checks_table(told))
    console.tell(f"{told['verdict']}: {told['sentence']}")
    console.tell(f"validation: {told['file']}")
    console.tell(f"page: {told['page']}")
    return str(told["verdict"])


def checks_table(told: Mapping[str, Any]) -> Table:
    """Return a row per check: what was found, the limit, the verdict."""
    rows = [
        [row["check"], figure(row), row["limit"], row["verdict"], row["detail"] or "–"]
        for row in told["checks"]
    ]
    title = f"Validation: t₀ {told['as_of']}, {told['horizon_days']} days, {told['customers']:,} customers"
    return grid(title, ["check", "found", "limit", "verdict", "of"], rows)
