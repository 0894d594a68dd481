"""The budget problem: which customers get which action, at most one each, for the largest total return.

maximise   Σ value_ia x_ia                       a multiple-choice knapsack problem
subject to Σ_a x_ia ≤ 1                          each customer i          with side constraints
           Σ cost_ia x_ia ≤ budget
           Σ_i x_ia ≤ most_a                     each action a
           Σ_{i in group} cost_ia x_ia ≥ least   each minimum spend,      x_ia in {0, 1}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

from clv.errors import UserError

NOTHING = -1
"""The choice of no action."""

Floats = npt.NDArray[np.float64]
Choice = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MinimumSpend:
    """At least so many EUR for a group of customers; `members` has shape (customers,)."""

    label: str
    members: Mask
    least_eur: float


@dataclass(frozen=True)
class Programme:
    """One problem. Rows are customers in an order that decides ties, columns actions.

    value_eur : shape (customers, actions), −∞ where an action is not for the customer
    cost_eur : same shape, above 0 unless the action is free
    most : contacts at most, shape (actions,), ∞ for no cap
    """

    value_eur: Floats
    cost_eur: Floats
    budget_eur: float
    most: Floats
    minimums: Sequence[MinimumSpend] = ()

    def __post_init__(self) -> None:
        if not (isfinite(self.budget_eur) and self.budget_eur >= 0):
            raise UserError(f"budget is {self.budget_eur}: give 0 EUR or more")
        for one in self.minimums:
            reach = np.where(self.value_eur > -np.inf, self.cost_eur, 0.0).max(axis=1, initial=0.0)[
                one.members
            ]
            if one.least_eur > min(self.budget_eur, reach.sum()):
                raise UserError(
                    f"minimum spend of EUR {one.least_eur:,.2f} for {one.label}: the budget is EUR "
                    f"{self.budget_eur:,.2f}, and at most EUR {reach.sum():,.2f} can be spent there; lower it"
                )

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.value_eur)

    def of(self, choice: Choice, values: Floats) -> Floats:
        """Return a number of each customer's choice from an array of all, 0 for nothing."""
        chosen = values[np.arange(len(choice)), np.maximum(choice, 0)]
        return np.where(choice == NOTHING, 0.0, chosen)

    def spent_eur(self, choice: Choice) -> Floats:
        """Return what each customer's choice costs."""
        return self.of(choice, self.cost_eur)

    def counts(self, choice: Choice) -> Floats:
        """Return how often each action is chosen."""
        return np.bincount(choice[choice != NOTHING], minlength=len(self.most)).astype(np.float64)

    def use(self, choice: Choice) -> Floats:
        """Return what a choice uses of each constraint, in the order of `limits`."""
        spent = self.spent_eur(choice)
        floors = [spent[one.members].sum() for one in self.minimums]
        return np.array([spent.sum(), *self.counts(choice), *floors])

    def limits(self) -> tuple[Floats, Floats]:
        """Return the least and the most that may be used: of the budget, of actions, of minimum spends."""
        floors = [one.least_eur for one in self.minimums]
        caps = len(self.most) + 1
        low = np.array([0.0] * caps + floors)
        return low, np.array([self.budget_eur, *self.most, *([np.inf] * len(floors))])


@dataclass(frozen=True)
class Plan:
    """A choice of actions and how good it is.

    choice : shape (customers,), column of the action or `NOTHING`
    value_eur : what it is worth
    bound_eur : no choice is worth more
    marginal : what one EUR more of budget would add, in EUR
    method : greedy or HiGHS
    """

    choice: Choice
    value_eur: float
    bound_eur: float
    marginal: float
    method: str

    @property
    def gap(self) -> float:
        """The duality gap: (bound − value) / bound, 0 where the bound is reached."""
        missing = max(self.bound_eur - self.value_eur, 0.0)
        return missing / abs(self.bound_eur) if missing > 0 and self.bound_eur != 0 else 0.0
