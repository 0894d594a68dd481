"""Spend a budget: the best plan, and with a share of the money customers drawn by lot from everyone else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.contracts import EXPLOIT, EXPLORE
from clv.errors import UserError
from decisions.exploration import systematic
from decisions.optimiser import best_plan
from decisions.programme import NOTHING, Choice, MinimumSpend, Plan, Programme
from decisions.returns import Returns, bounds

GROUPS = {"country": "country", "stage": "segment"}
"""What a minimum spend may be asked for, with its column."""


@dataclass(frozen=True)
class AtLeast:
    """At least so many EUR for the customers of a country or stage."""

    group: str
    value: str
    least_eur: float

    def __post_init__(self) -> None:
        if self.group not in GROUPS or not 0 <= self.least_eur < np.inf:
            raise UserError(
                f"minimum spend {self.group}={self.value}:{self.least_eur}: "
                "write country=DE:500 or stage=early:500"
            )

    @classmethod
    def from_text(cls, text: str, asked_by: str) -> "AtLeast":
        """Return `country=DE:500` or `stage=early:500`; UserError, naming who asked, for anything else."""
        group, _, rest = text.partition("=")
        value, _, euros = rest.rpartition(":")
        try:
            return cls(group, value, float(euros))
        except ValueError:
            raise UserError(f"{asked_by} {text}: write country=DE:500 or stage=early:500") from None


@dataclass(frozen=True)
class Wishes:
    """What may be spent, and how.

    exploration_share : of the budget, for customers drawn by lot; minimum spends are kept by the others
    """

    budget_eur: float
    exploration_share: float = 0.1
    minimums: Sequence[AtLeast] = ()

    def __post_init__(self) -> None:
        if not 0 < self.budget_eur < np.inf:
            raise UserError(f"budget_eur is {self.budget_eur}: give an amount above 0")
        if not 0 <= self.exploration_share < 1:
            raise UserError(
                f"exploration_share is {self.exploration_share}: give a share of at least 0 and below 1"
            )

    @property
    def chosen_eur(self) -> float:
        """What is spent where it returns most."""
        return self.budget_eur * (1 - self.exploration_share)


@dataclass(frozen=True)
class Spent:
    """A plan, and who is in it by lot.

    plan : the best plan of the money that is not for the lot
    drawn : shape (customers,), column of the action or `NOTHING`
    chance : P(drawn) of each, 0 for those whom the lot cannot reach
    """

    plan: Plan
    drawn: Choice
    chance: npt.NDArray[np.float64]

    @property
    def choice(self) -> Choice:
        """Return the action of everybody."""
        return np.where(self.drawn == NOTHING, self.plan.choice, self.drawn)


def programme(returns: Returns, budget_eur: float, minimums: Sequence[AtLeast] = ()) -> Programme:
    """Return the budget problem of some returns; UserError for groups without customers."""
    customers = returns.customers
    most = [np.inf if one.most is None else float(one.most) for one in returns.assumptions.actions]
    floors = [
        MinimumSpend(
            f"{m.group} {m.value}", customers[GROUPS[m.group]].eq(m.value).to_numpy(np.bool_), m.least_eur
        )
        for m in minimums
    ]
    return Programme(returns.return_eur, returns.cost_eur, budget_eur, np.array(most), floors)


def spend(returns: Returns, wishes: Wishes, seed: int) -> Spent:
    """Return how a budget is spent; returns are in the order of customer_id. UserError as `best_plan`."""
    problem = programme(returns, wishes.chosen_eur, wishes.minimums)
    plan = best_plan(problem)
    left = wishes.budget_eur - wishes.chosen_eur
    return Spent(plan, *_by_lot(returns, problem, plan.choice, left, np.random.default_rng(seed)))


def returns_table(returns: Returns) -> pd.DataFrame:
    """Return one row per customer and action that is for them: gain, cost, return and its uncertainty."""
    rows, actions = np.nonzero(returns.possible)
    return _told(returns, rows, actions)


def audience(returns: Returns, spent: Spent) -> pd.DataFrame:
    """Return one row per contact: customer, action, purpose, probability, return and its uncertainty."""
    choice = spent.choice
    rows = np.flatnonzero(choice != NOTHING)
    by_lot = spent.drawn[rows] != NOTHING
    told = _told(returns, rows, choice[rows]).drop(columns="customer_id")
    chosen = returns.customers.iloc[rows].reset_index(drop=True)
    return pd.concat([chosen, told], axis=1).assign(
        purpose=np.where(by_lot, EXPLORE, EXPLOIT),
        propensity=np.where(by_lot, spent.chance[rows], 1.0),
    )


def _told(returns: Returns, rows: Choice, actions: Choice) -> pd.DataFrame:
    line = returns.uplifts.lines.iloc[returns.uplifts.of[rows, actions]].reset_index(drop=True)
    mean, sd = returns.return_eur[rows, actions], returns.sd_eur[rows, actions]
    low, high = bounds(mean, sd)
    return pd.DataFrame(
        {
            "customer_id": returns.customers["customer_id"].to_numpy()[rows],
            "action": line["action"],
            "stratum": line["stratum"],
            "uplift": returns.uplifts.spread("uplift")[rows, actions],
            "uplift_source": line["source"],
            "gain_eur": returns.gain_eur[rows, actions],
            "cost_eur": returns.cost_eur[rows, actions],
            "return_eur": mean,
            "return_sd_eur": sd,
            "return_low_eur": low,
            "return_high_eur": high,
        }
    )


def _by_lot(
    returns: Returns, problem: Programme, choice: Choice, money_eur: float, rng: np.random.Generator
) -> tuple[Choice, npt.NDArray[np.float64]]:
    """Return who is drawn for which action, and the chances.

    Everyone left is put on the list of one action that is for them, by lot. Each list gets an equal part of
    the money, and a systematic sample by decile and stage as large as it surely pays for.
    """
    drawn = np.full(len(choice), NOTHING, np.int64)
    chance = np.zeros(len(choice))
    free = problem.most - problem.counts(choice)
    open_to = returns.possible & (choice == NOTHING)[:, None] & (free > 0)
    lot = np.where(open_to, rng.random(open_to.shape), -1.0)
    listed = np.where(lot.max(axis=1) >= 0, lot.argmax(axis=1), NOTHING)
    actions = [place for place in range(len(free)) if (listed == place).any()]
    for place in actions:
        on_list = np.flatnonzero(listed == place)
        dearest = float(returns.cost_eur[on_list, place].max())
        paid = np.floor(money_eur / len(actions) / dearest + 1e-9) if dearest > 0 else np.inf
        size = int(min(paid, free[place], len(on_list)))
        order = _ordered(returns.customers.iloc[on_list], rng)
        taken = on_list[order][systematic(len(on_list), size, int(rng.integers(len(on_list))))]
        drawn[taken] = place
        chance[on_list] = size / len(on_list)
    return drawn, chance


def _ordered(customers: pd.DataFrame, rng: np.random.Generator) -> Choice:
    lot = rng.random(len(customers))
    stage = pd.factorize(customers["segment"], sort=True)[0]
    return np.asarray(np.lexsort((lot, stage, customers["decile"].to_numpy())), np.int64)
