"""Which t₀s are learned from, and from when on anything can be forecast at all."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Self

from clv.errors import UserError
from clv.settings import Settings
from clv.timeline import Horizon

MINIMUM_REPEAT_CUSTOMERS = 50
"""With fewer customers who came back, the parameters of a purchase model are hardly determined."""


@dataclass(frozen=True)
class SnapshotPlan:
    """Which snapshots a training needs.

    `training_as_ofs` teach the model that scores. The same recipe, taught by `evaluation_training_as_ofs`,
    all closed by `evaluation_as_of`, is judged there; None where no horizon has closed.
    """

    training_as_ofs: tuple[date, ...]
    evaluation_as_of: date | None
    evaluation_training_as_ofs: tuple[date, ...]

    @property
    def labelled_as_ofs(self) -> tuple[date, ...]:
        """Return every snapshot that needs features, priors and labels, oldest first."""
        return tuple(sorted({*self.training_as_ofs, *self.evaluation_training_as_ofs}))

    def to_json(self) -> str:
        """Return the text of `plan.json`."""
        return json.dumps(asdict(self), indent=1, default=date.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Restore what `to_json` returned."""
        told = json.loads(text)
        judged = told["evaluation_as_of"]
        return cls(
            _days(told["training_as_ofs"]),
            None if judged is None else date.fromisoformat(judged),
            _days(told["evaluation_training_as_ofs"]),
        )


def plan(first_entry: date, as_of: date, horizon: Horizon, settings: Settings) -> SnapshotPlan:
    """Return the snapshots to train on at `as_of`, and those to judge the recipe with, out of time.

    Judged is the newest closed snapshot: of all outcomes that are known it is the one nearest to today.
    """
    training = training_as_ofs(first_entry, as_of, horizon, settings)
    if not training:
        return SnapshotPlan((), None, ())
    judged = training[-1]
    return SnapshotPlan(
        tuple(training), judged, tuple(training_as_ofs(first_entry, judged, horizon, settings))
    )


def training_as_ofs(first_entry: date, as_of: date, horizon: Horizon, settings: Settings) -> list[date]:
    """Return the firsts of months to train on, oldest first: the newest closed ones with enough history.

    Empty where none has closed: then only a label-free forecast is possible.
    """
    earliest = first_entry + timedelta(days=settings.minimum_history_days)
    found: list[date] = []
    month = as_of.replace(day=1)
    while month >= earliest and len(found) < settings.training_snapshots:
        if horizon.closed(month, as_of):
            found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found[::-1]


def first_trainable_as_of(first_entry: date, horizon: Horizon, settings: Settings) -> date:
    """Return the first t₀ at which a training snapshot has closed."""
    earliest = first_entry + timedelta(days=settings.minimum_history_days)
    month = earliest.replace(day=1)
    if month < earliest:
        month = (month + timedelta(days=31)).replace(day=1)
    return horizon.end(month)


def require_history(
    first_entry: date, second_order_days: Sequence[date], as_of: date, settings: Settings
) -> None:
    """Do nothing if the label-free forecast is possible at `as_of`.

    Parameters
    ----------
    first_entry
        Day of the first entry of the ledger.
    second_order_days
        For each customer with two or more order days the second of them, the ones after `as_of` too, in any
        order.

    Raises
    ------
    UserError
        If there are fewer than `minimum_history_days` days or 50 returning customers before t₀; it names the
        first as_of that would work, or says that none does.
    """
    earliest = first_entry + timedelta(days=settings.minimum_history_days)
    returned = sorted(second_order_days)
    if len(returned) < MINIMUM_REPEAT_CUSTOMERS:
        raise UserError(
            f"only {len(returned)} customers ever ordered on two days, a forecast needs "
            f"{MINIMUM_REPEAT_CUSTOMERS}: no as_of or horizon would work, bring more data"
        )
    works = max(earliest, returned[MINIMUM_REPEAT_CUSTOMERS - 1] + timedelta(days=1))
    if as_of < works:
        days, before = max((as_of - first_entry).days, 0), sum(day < as_of for day in returned)
        raise UserError(
            f"as_of {as_of}: {days} days of history and {before} returning customers before it; a forecast "
            f"needs {settings.minimum_history_days} and {MINIMUM_REPEAT_CUSTOMERS}, whatever the horizon: "
            f"take --as-of {works} or later"
        )


def _days(texts: Sequence[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)
