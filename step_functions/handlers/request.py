"""What an execution may be asked to do, checked at the edge."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from clv.errors import UserError
from clv.settings import Settings
from clv.timeline import parse_as_of

TRAIN = ("auto", "always", "never")
UNTIL = ("features", "published", "watched", "decided")
KNOWN = ("as_of", "horizon_days", "replace", "scheduled_time", "settings", "train", "until")
REMARK = "Comment"
"""The console puts this key into the input that it offers."""

SHORT_ID_LENGTH = 36
"""Leaves a SageMaker name (63) room for the longest segment and the counts of attempts."""


@dataclass(frozen=True)
class Request:
    """An execution's input, complete: what was left out has its default."""

    as_of: date
    settings: Settings
    train: str
    until: str
    replace: bool


def read_request(given: Mapping[str, Any], started: str, deployed: Mapping[str, Any]) -> Request:
    """Return the request of an execution.

    Parameters
    ----------
    given
        The execution's input.
    started
        Its start time (ISO 8601); as_of is the UTC date of `scheduled_time`, or of this.
    deployed
        The stack's settings by name, below those of the input.

    Raises
    ------
    UserError
        If the input has an unknown key, a value of the wrong kind or an as_of after the start.
    """
    unknown = sorted(set(given) - {*KNOWN, REMARK})
    if unknown:
        raise UserError(f"input: unknown {', '.join(unknown)}; known are {', '.join(KNOWN)}")
    today = _utc_date("scheduled_time", given.get("scheduled_time", started))
    replace = given.get("replace", False)
    if not isinstance(replace, bool):
        raise UserError(f"input: replace is {replace!r}; write true or false")
    return Request(
        as_of=_as_of(given, today),
        settings=_settings(given, deployed),
        train=_one_of("train", given.get("train", "auto"), TRAIN),
        until=_one_of("until", given.get("until", "decided"), UNTIL),
        replace=replace,
    )


def run_id(execution_name: str) -> str:
    """Return an execution's name in letters, digits and single hyphens: the id of its run."""
    return re.sub(r"[^A-Za-z0-9]+", "-", execution_name).strip("-")


def short_id(run: str) -> str:
    """Return a run's id in at most 36 characters, for the names of its jobs; long ones end in their hash."""
    if len(run) <= SHORT_ID_LENGTH:
        return run
    digest = hashlib.sha256(run.encode()).hexdigest()[:8]
    return f"{run[: SHORT_ID_LENGTH - 9].rstrip('-')}-{digest}"


def _as_of(given: Mapping[str, Any], today: date) -> date:
    if "as_of" not in given:
        return today
    as_of = parse_as_of(str(given["as_of"]))
    if as_of > today:
        raise UserError(f"input: as_of {as_of} lies after {today}, the day of this run; take that or earlier")
    return as_of


def _settings(given: Mapping[str, Any], deployed: Mapping[str, Any]) -> Settings:
    overrides = given.get("settings", {})
    if not isinstance(overrides, dict):
        raise UserError(f"input: settings is {overrides!r}; give an object of settings")
    horizon = {"horizon_days": given["horizon_days"]} if "horizon_days" in given else {}
    settings = Settings.from_json(json.dumps({**deployed, **overrides, **horizon}))
    if settings.horizon_days < 1:
        raise UserError(f"input: horizon_days is {settings.horizon_days}; give at least 1")
    return settings


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UserError(f"input: {name} is {value!r}; write one of {', '.join(known)}")
    return str(value)


def _utc_date(name: str, text: Any) -> date:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        raise UserError(f"input: {name} is {text!r}; write a time such as 2026-07-06T01:00:00Z") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC).date()
