"""Who is contacted for the value, who by lot, who is held out, and with what probability.

Always contacting the best makes a model confirm itself: nobody learns what the others would have brought.
So a share of the spend goes to customers drawn by lot from everyone below the cut, and a share of those above
it is held out by lot. Both draws are systematic samples with a random start (Madow and Madow 1944) of a list
ordered by decile and stage: their size is fixed, every stratum gets its share within one customer, and the
probability of each customer is known exactly.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.contracts import EXPLOIT, EXPLORE, HOLDOUT
from clv.errors import UserError

TOP_CLV, RANDOM = "top_clv", "random"
"""The rules: the best by forecast, and the lot among everyone else."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Budget:
    """What a campaign may spend, what one contact costs, and the shares for learning.

    exploration_share : of the spend, for customers drawn by lot
    holdout_share : of the customers who would be contacted for their value, left alone by lot, rounded up
    """

    budget_eur: float
    cost_eur: float
    exploration_share: float = 0.1
    holdout_share: float = 0.05

    def __post_init__(self) -> None:
        for name in ("budget_eur", "cost_eur"):
            if not 0 < getattr(self, name) < np.inf:
                raise UserError(f"{name} is {getattr(self, name)}: give an amount above 0")
        for name in ("exploration_share", "holdout_share"):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}: give a share of at least 0 and below 1")

    def sizes(self, people: int) -> tuple[int, int, int]:
        """Return how many are candidates for their value, how many of them are contacted, how many are drawn.

        Where the money would reach more than the people that the holdout leaves, it is not all spent.
        UserError where it does not pay for one contact by lot that was asked for.
        """
        reach = _whole(Decimal(people) * (1 - _exact(self.holdout_share)))
        contacts = min(_whole(_exact(self.budget_eur) / _exact(self.cost_eur)), reach)
        drawn = _whole(contacts * _exact(self.exploration_share))
        if contacts == 0 or (drawn == 0 and self.exploration_share > 0):
            raise UserError(
                f"EUR {self.budget_eur:g} at EUR {self.cost_eur:g} a contact reach {contacts} of {people} "
                f"customers, {drawn} of them by lot: give a larger budget, or --exploration-share 0"
            )
        valued, spare = contacts - drawn, people - contacts
        held_out = ceil(valued * _exact(self.holdout_share) / (1 - _exact(self.holdout_share)))
        # One is left for the lot to pass over, so that nobody below the cut is contacted for certain.
        return valued + max(min(held_out, spare - (drawn > 0)), 0), valued, drawn


def assigned(people: pd.DataFrame, budget: Budget, campaign: str, as_of: date, seed: int) -> pd.DataFrame:
    """Return `people` with `rule`, `purpose`, `propensity` and `cost_eur`, by customer_id.

    Parameters
    ----------
    people
        Contactable customers: `customer_id`, `segment`, `decile`, `clv_eur`, each once.
    campaign, as_of, seed
        What the draw follows from; the order of the rows plays no part.

    Returns
    -------
    pandas.DataFrame
        Everyone whom the draw could contact, contacted or not. `propensity` is the probability of being
        contacted: contacted / candidates above the cut, drawn / rest below it. Without exploration those
        below it, who could not be contacted, are left out.

    Raises
    ------
    UserError
        Where nobody is contactable, or the budget does not do.
    """
    if people.empty:
        raise UserError("nobody may be contacted: no scored customer has marketing_consent in raw/customers")
    candidates, valued, drawn = budget.sizes(len(people))
    rng = np.random.default_rng([seed, crc32(campaign.encode()), as_of.toordinal()])
    ranked = people.sort_values(["clv_eur", "customer_id"], ascending=[False, True], ignore_index=True)
    top = _drawn(ranked.iloc[:candidates], valued, TOP_CLV, EXPLOIT, rng)
    rest = _drawn(ranked.iloc[candidates:], drawn, RANDOM, EXPLORE, rng)
    everyone = pd.concat([top, rest] if drawn else [top])
    everyone["cost_eur"] = np.where(everyone["purpose"] == HOLDOUT, 0.0, budget.cost_eur)
    return everyone.sort_values("customer_id", ignore_index=True)


def systematic(size: int, drawn: int, start: int) -> Mask:
    """Return which of `size` places a systematic sample of `drawn` takes, `start` being in [0, size).

    Over all starts each place is taken `drawn` times of `size`; whole numbers keep that exact.
    """
    steps = (np.arange(size + 1, dtype=np.int64) * drawn + start) // max(size, 1)
    return np.asarray(np.diff(steps) == 1)


def _drawn(
    people: pd.DataFrame, wanted: int, rule: str, purpose: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return people with `wanted` of them contacted for a purpose, the others held out."""
    if people.empty:
        return people.assign(rule=rule, purpose=purpose, propensity=1.0)
    by_id = people.sort_values("customer_id")
    listed = by_id.assign(lot=rng.random(len(by_id))).sort_values(["decile", "segment", "lot"])
    taken = systematic(len(listed), wanted, int(rng.integers(len(listed))))
    return listed.drop(columns="lot").assign(
        rule=rule, purpose=np.where(taken, purpose, HOLDOUT), propensity=wanted / len(listed)
    )


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _whole(value: Decimal) -> int:
    return int(value)
