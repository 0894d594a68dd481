"""The champion: the model in force, as the channels of a training job hand it over."""

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clv.errors import UserError
from clv.models.catalogue import load_model
from clv.models.forecast import Model
from clv.models.without_labels import WithoutLabels
from clv.timeline import Horizon
from training.leaderboard import CHAMPION
from training.out_of_time import OutOfTime
from training.promotion import Contest, Estimate

ARCHIVE = "model.tar.gz"
CARD = "card.json"
EVALUATION = "evaluation.json"


@dataclass(frozen=True)
class Champion:
    """A model in force; horizons that had closed by `trained_as_of` taught it."""

    model: Model
    trained_as_of: date

    def has_not_seen(self, as_of: date, horizon: Horizon) -> bool:
        """Say whether the label of `as_of` had not closed when it was trained."""
        return self.trained_as_of < horizon.end(as_of)


def open_champion(channel: Path, horizon: Horizon) -> Champion:
    """Return the champion in a folder that holds its `model.tar.gz`, or the files of it.

    UserError if there is none, or it forecasts another horizon.
    """
    if not (channel / ARCHIVE).exists():
        return _read(channel, horizon)
    with TemporaryDirectory(prefix="champion-") as folder:
        with tarfile.open(channel / ARCHIVE) as archive:
            archive.extractall(folder, filter="data")
        return _read(Path(folder), horizon)


def read_leaderboard(channel: Path) -> dict[str, Any]:
    """Return the `evaluation.json` in a folder; UserError if there is none."""
    file = channel / EVALUATION
    if not file.exists():
        raise UserError(f"{file}: no such file; leave the channel out where there is no champion")
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


@dataclass(frozen=True)
class Meeting:
    """How new models compare with the champion: on the same customers, by its record, or not at all.

    `record` is the normalised Gini of the champion's own evaluation at the same t₀; `note` says how they
    were compared, or why not.
    """

    champion: Model
    note: str
    same_customers: bool = False
    record: float | None = None

    def contest(self, row: Mapping[str, Any] | None) -> Contest:
        """Return the contest of the model that a leaderboard's row is about, None where none was judged."""
        label_free = isinstance(self.champion, WithoutLabels)
        return Contest(self.champion.version, label_free, self._difference(row), self.note)

    def _difference(self, row: Mapping[str, Any] | None) -> Estimate | None:
        if row is None:
            return None
        if self.same_customers:
            name = f"gini_normalised_vs_{CHAMPION}"
            return Estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])
        if self.record is None or row["gini_normalised"] is None:
            return None
        return Estimate(row["gini_normalised"] - self.record)


def meet(
    judged: OutOfTime | None, champion: Champion | None, last: dict[str, Any] | None
) -> tuple[OutOfTime | None, Meeting | None]:
    """Let the champion forecast what the new models were judged on, where that is fair.

    It is unless the label of that t₀ had closed when the champion was trained; then the champion's own
    evaluation (`last`) is compared, if it is of the same t₀. Returns the evaluation, with the champion in it
    where it took part, and the meeting; None where there is no champion.
    """
    if champion is None:
        return judged, None
    if judged is None or judged.unjudged:
        return judged, Meeting(champion.model, "nothing was judged")
    if not champion.has_not_seen(judged.as_of, Horizon(judged.horizon_days)):
        return judged, _by_record(judged, champion, last)
    try:
        both = judged.beside(champion.model)
    except UserError as error:
        return judged, Meeting(champion.model, f"it cannot read today's features ({error})")
    return both, Meeting(champion.model, _fairness(champion, judged.as_of), same_customers=True)


def _by_record(judged: OutOfTime, champion: Champion, last: dict[str, Any] | None) -> Meeting:
    seen = f"it was trained at {champion.trained_as_of}, when the label of {judged.as_of} had closed"
    if last is None or last.get("evaluation_as_of") != judged.as_of.isoformat():
        return Meeting(champion.model, f"{seen}, and its last evaluation is of another t₀")
    [record] = [row["gini_normalised"] for row in last["rows"] if row["model"] == last["headline"]] or [None]
    if record is None:
        return Meeting(champion.model, f"{seen}, and its ranking figure is undefined")
    note = f"by its own evaluation at {judged.as_of}, without an interval"
    return Meeting(champion.model, note, record=record)


def _fairness(champion: Champion, as_of: date) -> str:
    if champion.trained_as_of <= as_of:
        return f"on the same customers of {as_of}"
    return (
        f"on the same customers of {as_of} (the champion, trained at {champion.trained_as_of}, had learned "
        "from earlier snapshots whose horizons reach into this one)"
    )


def _read(folder: Path, horizon: Horizon) -> Champion:
    model = load_model(folder, horizon.days)
    file = folder / CARD
    if not file.exists():
        raise UserError(f"{file}: the champion has no card that says when it was trained; train it again")
    card = json.loads(file.read_text(encoding="utf-8"))
    return Champion(model, date.fromisoformat(card["trained_as_of"]))
