"""Verb: take the newest published scores back, so that readers see those of the week before."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.lake import CURRENT, Lake
from clv.partitions import scores_at


@dataclass(frozen=True)
class Withdrawal:
    """The t₀ to be taken back, the one that readers see then, and the commit that is removed."""

    as_of: date
    before: date
    commit: dict[str, Any]


def plan_withdrawal(lake: Lake) -> Withdrawal:
    """Return what taking back the newest scores means; UserError where no earlier ones would stand."""
    days = lake.partitions("scores", "as_of")
    if len(days) < 2:
        raise UserError(
            f"{lake.url('scores')}: {len(days)} weeks are published, no earlier one is there to go back to"
        )
    before, newest = (date.fromisoformat(day) for day in days[-2:])
    commit = lake.current(scores_at(newest))
    assert commit is not None
    return Withdrawal(newest, before, asdict(commit))


def withdraw(lake: Lake, planned: Withdrawal) -> None:
    """Remove the commit of the scores; their files stay until that week is published again."""
    lake.storage.delete([f"{scores_at(planned.as_of)}/{CURRENT}"])
