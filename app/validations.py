"""Validations on a laptop: a past t₀ in every respect, with walk and retrainings."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from app.backtests import past_of, require_begun
from app.runs import record
from clv.card_page import validation_page
from clv.lake import Lake
from clv.partitions import validation_at
from clv.settings import Settings
from glue_jobs.weekly import Say
from training.backtest import replace_file
from training.validate import validate
from training.walk import walk_as_ofs, walk_summary

JSON_FILE, PAGE_FILE = "validation.json", "validation.html"


def validate_once(
    lake: Lake,
    as_of: date,
    settings: Settings,
    say: Say,
    *,
    retrainings: int = 3,
    walk: int = 3,
    every_months: int = 3,
) -> dict[str, Any]:
    """Validate the recipe at a past t₀; write `validation.json` and `validation.html`, return the former.

    `walk` t₀s are judged, `every_months` apart, `as_of` being the last; those without enough history are left
    out. UserError where the horizon of `as_of` has not ended, or there was no history yet.
    """
    with past_of(lake, as_of, settings, say, "validation") as past:
        require_begun(past, as_of)
        as_ofs = walk_as_ofs(as_of, every_months, walk, past.earliest)
        if len(as_ofs) < walk:
            say(f"{walk - len(as_ofs)} of {walk} t₀s lie before {past.earliest}, without history: left out")
        places = [f" ({number} of {len(as_ofs)})" for number in range(1, len(as_ofs) + 1)]
        judged = [past.judge(day, place) for day, place in zip(as_ofs, places, strict=True)]
        t0s = walk_summary(judged)["t0s"]
        found = validate(lake, as_of, past.closed(as_of), t0s, settings, retrainings, say)
        told = {
            "as_of": as_of.isoformat(),
            "horizon_days": settings.horizon_days,
            "model_versions": judged[-1]["model_versions"],
            "training_as_ofs": judged[-1]["training_as_ofs"],
            **found,
        }
        files = _write(lake.path(validation_at(as_of, past.horizon)), told)
        record(lake, past.run_id, {**past.told, "as_of": as_of, "verdict": told["verdict"], **files})
    return told | files


def _write(folder: Path, told: dict[str, Any]) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / JSON_FILE, json.dumps(told, indent=1))
    replace_file(folder / PAGE_FILE, validation_page(told))
    return {"file": str(folder / JSON_FILE), "page": str(folder / PAGE_FILE)}
