"""Verb: the plan of a weekly run, as settings and `settings/assumptions.json` want it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from clv.decision_tables import AUDIENCE, CONTACTABLE, HELD_OUT
from clv.lake import Lake
from clv.partitions import ASSUMPTIONS
from clv.schema import Table
from clv.settings import Settings
from decisions.actions import EXAMPLE, Assumptions
from decisions.assumptions_file import read_assumptions
from decisions.labels import labels
from decisions.outlook import outlook
from decisions.plan_budget import budgeted, contactable_at, held_out_rows
from decisions.plan_campaign import NobodyToContactError
from decisions.spend import AtLeast, Wishes

NO_MINIMUM = "none"


@dataclass(frozen=True)
class WeeklyPlan:
    """A plan, whom it could choose among, and the standing holdout; without rows where there is none.

    outlook : tables of what the plan may bring, none without a plan
    told : its figures as `clv budget` tells them, None without a plan
    """

    contactable: pd.DataFrame
    audience: pd.DataFrame
    held_out: pd.DataFrame
    told: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    outlook: Mapping[Table, pd.DataFrame] = field(default_factory=dict)


def weekly_plan(lake: Lake, as_of: date, settings: Settings, assumptions: Assumptions) -> WeeklyPlan:
    """Return what the budget of the settings is best spent on.

    There is no plan where the budget is 0 or nobody may be contacted: the notes say so. UserError where
    scores or an experiment are missing, or minimum spends cannot be kept.
    """
    nobody, held = pd.DataFrame(columns=list(AUDIENCE.names)), pd.DataFrame(columns=list(HELD_OUT.names))
    try:
        customers = contactable_at(lake, as_of)
    except NobodyToContactError as error:
        nowhere = pd.DataFrame(columns=list(CONTACTABLE.names))
        return WeeklyPlan(nowhere, nobody, held, notes=[f"no plan: {error}"])
    held = held_out_rows(lake, as_of)
    if settings.plan_budget_eur == 0:
        return WeeklyPlan(customers, nobody, held, notes=["no plan: the setting plan_budget_eur is 0"])
    wishes = wishes_of(settings)
    found = budgeted(lake, as_of, customers, wishes, assumptions, settings.seed)
    said = [*labels(found.told["uplift_sources"], assumptions, ASSUMPTIONS), *found.told["notes"]]
    told = found.told | {"notes": said, "held_out": len(held)}
    brings = outlook(found.returns, found.spent.choice, wishes, found.draws)
    return WeeklyPlan(customers, found.audience, held, told, found.told["notes"], brings)


def wishes_of(settings: Settings) -> Wishes:
    """Return what the weekly plan may spend; UserError for a setting that says no such thing."""
    asked = settings.plan_at_least
    texts = [] if asked == NO_MINIMUM else [text.strip() for text in asked.split(",")]
    minimums = tuple(AtLeast.from_text(text, "setting plan_at_least") for text in texts)
    return Wishes(settings.plan_budget_eur, settings.plan_exploration_share, minimums)


def weekly_assumptions(lake: Lake) -> Assumptions:
    """Return the assumptions that the lake brings, the example without any; UserError for faulty ones."""
    text = lake.read_text(ASSUMPTIONS)
    return EXAMPLE if text is None else read_assumptions(text, lake.url(ASSUMPTIONS))
