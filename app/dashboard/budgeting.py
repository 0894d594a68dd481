"""A budget spent while the reader moves sliders: the functions of `clv budget`, and nothing is written."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.dashboard.base import decided_of
from app.dashboard.store import Week, ledger_run, monitored
from clv.decision_tables import AUDIENCE
from clv.monitoring_tables import SEGMENT_REPORT
from clv.settings import Settings
from decisions.actions import Assumptions
from decisions.known_uplifts import KnownUplifts
from decisions.plan_budget import DRAWS, contactable_at, returns_of
from decisions.returns import Returns, bounds, returns
from decisions.risk import draw, exposure, figures, level_sd, outcomes
from decisions.roi import money
from decisions.spend import Wishes, audience, spend

SEED = Settings().seed
"""That of `clv budget` where none is given: the same budget gives the same audience."""

KEPT = 32
LARGEST_STEP = 20
"""The dearest budget is cut into about so many steps."""


@dataclass(frozen=True)
class Chosen:
    """An audience, as the table `audience` declares it, with its figures in EUR and their risk."""

    audience: pd.DataFrame
    money: dict[str, float]
    profit_eur: float
    spent_eur: float
    contactable: int
    risk: dict[str, float]


def with_choices(assumptions: Assumptions, margin: float, actions: tuple[str, ...]) -> Assumptions:
    """Return the assumptions at another margin and with some of the actions; UserError without any."""
    return replace(
        assumptions,
        margin=margin,
        actions=tuple(one for one in assumptions.actions if one.name in actions),
        uplifts=tuple(line for line in assumptions.uplifts if line.action in actions),
    )


def chosen(
    week: Week, whole: Assumptions, varied: Assumptions, budget_eur: float, exploration_share: float
) -> Chosen:
    """Return what a budget is best spent on; UserError where nobody may be contacted.

    varied : `with_choices` of the `whole`, whose customers are read once
    """
    return _chosen(week, ledger_run(week), whole, varied, budget_eur, exploration_share)


@st.cache_resource(max_entries=KEPT, show_spinner="Choosing the audience …")
def _chosen(
    week: Week,
    ledger: str,
    whole: Assumptions,
    varied: Assumptions,
    budget_eur: float,
    exploration_share: float,
) -> Chosen:
    found, known = _returns(week, ledger, whole)
    if varied != whole:
        found = returns(found.customers, varied, known.lines(found.customers, varied))
    spent = spend(found, Wishes(budget_eur, exploration_share), SEED)
    sd = level_sd(monitored(week.root, week.as_of, SEGMENT_REPORT.name), varied.level_sd)
    plan = exposure(found, spent.choice)
    profit = outcomes(plan, draw(found.uplifts.lines, sd, DRAWS, SEED))
    rows = audience(found, spent).assign(as_of=week.as_of)[list(AUDIENCE.names)]
    best = money(found, spent.plan)
    return Chosen(rows, best, plan.expected_eur, plan.cost_eur, len(found.customers), figures(profit))


@st.cache_resource(max_entries=4, show_spinner="Computing what each action returns …")
def _returns(
    week: Week,
    ledger: str,  # noqa: ARG001 - a part of the key
    assumptions: Assumptions,
) -> tuple[Returns, KnownUplifts]:
    """Return the returns of whom the weekly run found contactable, or of whom is found to be."""
    found = decided_of(week)
    kept = None if found is None else found.contactable()
    customers = contactable_at(week.lake, week.as_of) if kept is None else kept
    return returns_of(week.lake, week.as_of, customers, assumptions)


def returns_now(week: Week, assumptions: Assumptions) -> tuple[Returns, KnownUplifts]:
    """Return what each action returns with each contactable customer, and what is known of uplifts.

    UserError where nobody is contactable.
    """
    return _returns(week, ledger_run(week), assumptions)


def notes(week: Week, assumptions: Assumptions) -> list[str]:
    """Return what there is to know of the models and experiments that uplifts rest on."""
    return returns_now(week, assumptions)[1].notes


def budgets(week: Week, assumptions: Assumptions) -> tuple[int, int]:
    """Return a step, and in steps the largest budget of use: it pays each customer's best action."""
    found, _ = returns_now(week, assumptions)
    best = found.return_eur.argmax(axis=1)
    rows = np.arange(len(best))
    pays = found.return_eur[rows, best] > 0
    most = float(found.cost_eur[rows, best][pays].sum())
    step = nice(most / LARGEST_STEP)
    return step, max(-(-int(most) // step) * step, 2 * step)


def of_customer(week: Week, assumptions: Assumptions, customer_id: str) -> pd.DataFrame:
    """Return what each action that is for a customer costs and returns; empty where no consent is known.

    `action`, `source` of its uplift, `cost_eur`, `gain_eur`, `return_eur`, and its 80 % interval `low`,
    `high`; best first.
    """
    found, _ = returns_now(week, assumptions)
    at = np.flatnonzero(found.customers["customer_id"].to_numpy() == customer_id)
    if not len(at):
        return pd.DataFrame()
    mean, sd = found.return_eur[at[0]], found.sd_eur[at[0]]
    low, high = bounds(mean, sd)
    rows = pd.DataFrame(
        {
            "action": [one.name for one in found.assumptions.actions],
            "cost_eur": found.cost_eur[at[0]],
            "gain_eur": found.gain_eur[at[0]],
            "return_eur": mean,
            "low": low,
            "high": high,
        }
    )
    possible = found.possible[at[0]]
    lines = found.uplifts.lines["source"].to_numpy()[found.uplifts.of[at[0]][possible]]
    kept: pd.DataFrame = rows[possible].assign(source=lines)
    return kept.sort_values("return_eur", ascending=False, ignore_index=True)


def nice(value: float) -> int:
    """Return 1, 2 or 5 times a power of ten, the next one up; 1 at least."""
    power: int = 10 ** int(np.floor(np.log10(max(value, 1.0))))
    return next((power * of for of in (1, 2, 5) if power * of >= value), 10 * power)


def by_decile(rows: pd.DataFrame) -> pd.DataFrame:
    """Return per decile and action the customers, cost and expected return in EUR."""
    groups = rows.groupby(["decile", "action"], as_index=False)
    sums: Any = groups.agg(
        customers=("customer_id", "size"), cost_eur=("cost_eur", "sum"), return_eur=("return_eur", "sum")
    )
    return pd.DataFrame(sums)
