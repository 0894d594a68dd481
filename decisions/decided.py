"""Verb: read what the weekly run decided on the scores of one t₀, as far as it still stands."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from clv.decision_tables import CONTACTABLE
from clv.erased import ERASED
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import decided_at, features_at, scores_at
from clv.schema import Table

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Decided:
    """What was decided on the scores that are committed.

    told : the summary: `made_of`, `plan` (None without one), `notes`
    """

    lake: Lake
    as_of: date
    told: dict[str, Any]

    @property
    def consents_stand(self) -> bool:
        """Whether no later ledger may know of a consent that was withdrawn."""
        made_of, now = self.told["made_of"], made_of_now(self.lake, self.as_of)
        # Old features are removed; the consents of that t₀ do not change by it.
        known = now if now["features"] is not None else {**now, "features": made_of["features"]}
        return {name: made_of[name] for name in known} == known

    def has(self, table: Table) -> bool:
        """Return whether the table was written."""
        return bool(self.lake.files(decided_at(self.as_of), f"{table.name}/"))

    def table(self, table: Table) -> pd.DataFrame:
        """Return one of the tables."""
        return read_frame(self.lake.files(decided_at(self.as_of), f"{table.name}/"))

    def contactable(self) -> pd.DataFrame | None:
        """Return who may be contacted; None where that has to be looked up anew, or nobody was."""
        rows = self.table(CONTACTABLE) if self.consents_stand else None
        return None if rows is None or rows.empty else rows


def decided(lake: Lake, as_of: date) -> Decided | None:
    """Return what was decided on the committed scores of one t₀, None where nothing was."""
    text = lake.committed_text(decided_at(as_of), SUMMARY)
    if text is None:
        return None
    found = Decided(lake, as_of, json.loads(text))
    stands = found.told["made_of"]["scores"] == made_of_now(lake, as_of)["scores"]
    return found if stands else None


def made_of_now(lake: Lake, as_of: date) -> dict[str, str | None]:
    """Return the committed runs of scores, features and ledger; an erasure does not make them others."""
    parts = {"scores": scores_at(as_of), "features": features_at(as_of), "ledger": "ledger"}
    commits = {name: lake.current(partition) for name, partition in parts.items()}
    return {
        name: None if commit is None else commit.run_id.partition(ERASED)[0]
        for name, commit in commits.items()
    }
