"""The validation of a model: all checks, and what they say together."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clv.settings import Settings
from training.validation.accuracy import accuracy
from training.validation.checks import FAIL, NOT_JUDGED, PASSED, WARN, Outcome, judged
from training.validation.fairness import fairness
from training.validation.stability import Rerun, stability
from training.validation.temporal import temporal


def validation(
    customers: pd.DataFrame, t0s: Sequence[Mapping[str, Any]], reruns: Sequence[Rerun], settings: Settings
) -> dict[str, Any]:
    """Return `verdict`, `sentence`, `customers`, `t0s`, `reruns` and `checks`; JSON-ready.

    Parameters
    ----------
    customers
        Of the judged t₀, at least one with revenue: as `training.validation.fairness.fairness`.
    t0s
        Of `training.validation.temporal.temporal`, the judged one among them.
    reruns
        Of `training.validation.stability.rerun`, on the same customers.
    """
    found = (
        *accuracy(customers, settings),
        *fairness(customers, settings),
        *temporal(t0s),
        *stability(reruns),
    )
    rows = judged(found)
    return {
        "verdict": _worst(rows),
        "sentence": sentence(rows),
        "customers": len(customers),
        "t0s": [one["as_of"] for one in t0s],
        "reruns": [one.to_dict() for one in reruns],
        "checks": rows,
    }


def not_validated(why: str) -> dict[str, Any]:
    """Return the same where nothing can be judged."""
    rows = judged(())
    return {
        "verdict": NOT_JUDGED,
        "sentence": why,
        "customers": 0,
        "t0s": [],
        "reruns": [],
        "checks": rows,
    }


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many checks ended how, and the names of those that fail or warn."""
    parts = [f"{_count(rows, PASSED)} checks pass"]
    for outcome in (WARN, FAIL):
        names = [row["check"] for row in rows if row["verdict"] == outcome]
        parts.append(f"{len(names)} {outcome}" + (f" ({', '.join(names)})" if names else ""))
    return f"{'; '.join(parts)}; {_count(rows, NOT_JUDGED)} could not be judged"


def _count(rows: Sequence[Mapping[str, Any]], outcome: Outcome) -> int:
    return sum(row["verdict"] == outcome for row in rows)


def _worst(rows: Sequence[Mapping[str, Any]]) -> Outcome:
    found = {row["verdict"] for row in rows}
    return next((outcome for outcome in (FAIL, WARN, PASSED) if outcome in found), NOT_JUDGED)
