"""Verb: search a lake for people, in every file that there is."""

import base64
import json
from typing import Any

from clv.lake import Lake
from glue_jobs.erasure import formats
from glue_jobs.erasure.people import People
from glue_jobs.erasure.places import on_disk

UNDELIVERED = "delivery-errors/"
"""Events that no file of a raw table could be made of: a JSON object per line, the event in base64."""


def search(lake: Lake, people: People) -> tuple[int, tuple[str, ...]]:
    """Return how many files there are, and those in which one of these people has a row or is named."""
    entries = lake.entries("")
    return len(entries), tuple(entry.name for entry in entries if rows_in(lake, entry.name, people))


def rows_in(lake: Lake, name: str, people: People) -> int:
    """Return how many rows of a file are theirs; of a text how many lines name one, of JSON texts."""
    with on_disk(lake, name) as file:
        if formats.has_rows(name):
            return formats.count(file, name, people)
        text = file.read_bytes().decode("utf-8", "replace")
    if name.startswith(UNDELIVERED):
        return sum(names_in_event(line, people) for line in text.splitlines())
    if name.endswith(".json"):
        return sum(people.is_in(told) for told in _texts(json.loads(text or "null")))
    return sum(people.is_in(line) for line in text.splitlines())


def names_in_event(line: str, people: People) -> bool:
    """Say whether an event that was not delivered names one of them."""
    try:
        told = json.loads(line)
        event = base64.b64decode(told["rawData"]).decode("utf-8", "replace")
    except (ValueError, KeyError, TypeError):
        event = ""
    return people.is_in(line) or people.is_in(event)


def _texts(told: Any) -> list[str]:
    """Return the texts of a JSON value; numbers are no names."""
    if isinstance(told, dict):
        return [text for key, value in told.items() for text in (key, *_texts(value))]
    if isinstance(told, list):
        return [text for value in told for text in _texts(value)]
    return [told] if isinstance(told, str) else []
