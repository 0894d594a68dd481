"""The choice: which of the judged candidates is registered, and what became of those before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clv.models.forecast import Model
from clv.models.without_labels import WithoutLabels
from clv.timeline import Horizon
from training.champion import Meeting
from training.leaderboard import BTYD, LAST_YEAR, OURS, to_records
from training.out_of_time import OutOfTime
from training.promotion import APPROVED, Duel, Estimate, Evidence, Group, verdict

STAGE = "stage"
"""A model's own stage is all of its customers: they count once."""


@dataclass(frozen=True)
class Choice:
    """The candidate to register, by its name in the leaderboard, and the verdicts on those passed over."""

    name: str
    refused: tuple[dict[str, Any], ...] = ()

    @property
    def in_words(self) -> str:
        """Say why it is not the recipe's own choice; empty where it is."""
        return "; ".join(
            f"{one['candidate']} ({one['model']}) passed over: {one['reason']}" for one in self.refused
        )


def choose(judged: OutOfTime, meeting: Meeting | None) -> Choice:
    """Return the first candidate that the rules approve, or the recipe's own where they approve none.

    Candidates come in the order of `OutOfTime.candidates`, from the one that learned most to those that learn
    from no label. One that learned is approved only if it beats what comes after it; so the first that passes
    is the best that passes.
    """
    refused: list[dict[str, Any]] = []
    for name, model in judged.candidates.items():
        found = verdict(evidence(judged, meeting, name, model, Horizon(judged.horizon_days)))
        if found["status"] == APPROVED:
            return Choice(name, tuple(refused))
        refused.append({"candidate": name, "model": model.version, **found})
    return Choice(OURS, tuple(refused[1:]))


def evidence(
    judged: OutOfTime | None, meeting: Meeting | None, name: str, model: Model, horizon: Horizon
) -> Evidence:
    """Return what the rules look at for a candidate and the `model` to be registered in its name."""
    label_free = isinstance(model, WithoutLabels)
    why = unjudged(judged, horizon)
    if judged is None or why:
        contest = meeting.contest(None) if meeting else None
        return Evidence(label_free, 0, why, same_kind=False, versus_champion=contest)
    row = judged.row(name)
    return Evidence(
        label_free,
        len(judged.test),
        "",
        caveat=judged.caveat,
        same_kind=isinstance(judged.candidates[name], WithoutLabels) == label_free,
        versus_last_year=duel(row, LAST_YEAR, LAST_YEAR),
        versus_btyd=duel(row, BTYD, row["btyd_reference"]),
        versus_champion=meeting.contest(row) if meeting else None,
        level=interval(row, "calibration_ratio"),
        groups=material_groups(judged.groups(name)),
    )


def unjudged(judged: OutOfTime | None, horizon: Horizon) -> str:
    """Say why nothing could be judged; empty where something was."""
    return f"no snapshot has closed a horizon of {horizon.days} days" if judged is None else judged.unjudged


def interval(row: Mapping[str, Any], metric: str) -> Estimate:
    """Return a figure of a leaderboard's row with its interval."""
    return Estimate(row[metric], row[f"{metric}_low"], row[f"{metric}_high"])


def duel(row: Mapping[str, Any], short: str, reference: str | None) -> Duel | None:
    """Return a row's differences to 12m or to the best buy-till-you-die model; None without such a model."""
    if reference is None:
        return None
    ranking, rmse = (interval(row, f"{metric}_vs_{short}") for metric in ("gini_normalised", "rmse"))
    return Duel(reference, ranking, rmse)


def material_groups(groups: pd.DataFrame) -> tuple[Group, ...]:
    """Return the material segments of `clv.group_calibration.group_calibration`; not those that hold all."""
    part = groups["share_of_customers"] < 1
    kept = groups[groups["material"].astype(bool) & part & (groups["dimension"] != STAGE)]
    return tuple(
        Group(
            f"{row['dimension']} {row['value']}",
            Estimate(row["relative"], row["relative_low"], row["relative_high"]),
        )
        for row in to_records(kept)
    )
