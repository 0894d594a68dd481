"""Verb: spend a budget on the scores of one t₀, and simulate what that may bring."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import pandas as pd

from clv.contracts import HOLDOUT
from clv.decision_tables import (
    AUDIENCE,
    CONTACTABLE,
    FRONTIER,
    HELD_OUT,
    RETURNS,
)
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.monitoring_tables import SEGMENT_REPORT
from clv.partitions import budget_at, monitoring_at, scores_at, simulation_at
from clv.schema import Table
from clv.segment_figures import UNKNOWN, clv_band
from clv.segments import LEAD
from decisions.actions import Assumptions
from decisions.experiment import STRATA
from decisions.frontier import frontier
from decisions.known_uplifts import KnownUplifts, known_uplifts
from decisions.outlook import outlook
from decisions.plan_campaign import NobodyToContactError, held_out_at, people_at
from decisions.returns import Returns, returns
from decisions.risk import Draws, Exposure, draw, exposure, figures, level_sd, outcomes
from decisions.roi import money
from decisions.spend import Spent, Wishes, audience, returns_table, spend

DRAWS = 4_000
SUMMARY = "summary.json"
OF_SCORES = tuple(name for name in CONTACTABLE.names if name != "value_band")
"""Columns of the scores that returns are computed of."""
DIGITS = 12


@dataclass(frozen=True)
class Budgeted:
    """A budget spent: the returns it was spent on, who is in it, its figures, and the draws of its risk."""

    returns: Returns
    spent: Spent
    audience: pd.DataFrame
    told: dict[str, Any]
    draws: Draws


def plan_budget(lake: Lake, as_of: date, wishes: Wishes, assumptions: Assumptions, seed: int) -> Budgeted:
    """Return how a budget is best spent, and commit returns, audience, standing holdout and summary.

    UserError where scores, consents or an experiment are missing, nobody may be contacted, or minimum spends
    cannot be kept.
    """
    found = budgeted(lake, as_of, contactable_at(lake, as_of), wishes, assumptions, seed)
    tables = {RETURNS: returns_table(found.returns), AUDIENCE: found.audience}
    held = held_out_rows(lake, as_of)
    if not held.empty:
        tables[HELD_OUT] = held
        found = replace(found, told=found.told | {"held_out": len(held)})
    _commit(lake, budget_at(as_of), as_of, tables, found.told)
    return found


def simulate_budget(
    lake: Lake, as_of: date, wishes: Wishes, assumptions: Assumptions, seed: int
) -> tuple[dict[Table, pd.DataFrame], dict[str, Any]]:
    """Return spend curve, frontier, sensitivity and draws of a budget with its figures, and commit them."""
    found = budgeted(lake, as_of, contactable_at(lake, as_of), wishes, assumptions, seed)
    tables = outlook(found.returns, found.spent.choice, wishes, found.draws)
    tables[FRONTIER] = frontier(found.returns, wishes.budget_eur, wishes.minimums, found.draws)
    _commit(lake, simulation_at(as_of), as_of, tables, found.told)
    return tables, found.told


def budgeted(
    lake: Lake, as_of: date, customers: pd.DataFrame, wishes: Wishes, assumptions: Assumptions, seed: int
) -> Budgeted:
    """Return how a budget is best spent on `contactable_at`; nothing is written. UserError as above."""
    found, known = returns_of(lake, as_of, customers, assumptions)
    spent = spend(found, wishes, seed)
    chosen = audience(found, spent)
    sd = level_at(lake, as_of, assumptions)
    plan = exposure(found, spent.choice)
    draws = draw(found.uplifts.lines, sd, DRAWS, seed)
    risk = figures(outcomes(plan, draws))
    told = {"as_of": str(as_of), "budget_eur": wishes.budget_eur, "level_sd": sd, "notes": known.notes}
    told |= _figures(found, spent, plan) | {"risk": risk, "method": spent.plan.method}
    told["by_action"] = _by_action(chosen)
    told["uplift_models"] = {name: one.judgement.told() for name, one in known.fitted.items()}
    told["uplift_sources"] = chosen["uplift_source"].value_counts().sort_index().to_dict()
    return Budgeted(found, spent, chosen, told, draws)


def returns_at(
    lake: Lake, as_of: date, assumptions: Assumptions, known: KnownUplifts | None = None
) -> tuple[Returns, KnownUplifts]:
    """Return what each action returns with each contactable customer, and what is known of their uplifts.

    known : read already, else read here; UserError as above
    """
    return returns_of(lake, as_of, contactable_at(lake, as_of), assumptions, known)


def returns_of(
    lake: Lake,
    as_of: date,
    customers: pd.DataFrame,
    assumptions: Assumptions,
    known: KnownUplifts | None = None,
) -> tuple[Returns, KnownUplifts]:
    """Return the same of `contactable_at`, where that is at hand."""
    known = known or known_uplifts(lake, as_of, assumptions)
    return returns(customers, assumptions, known.lines(customers, assumptions)), known


def contactable_at(lake: Lake, as_of: date) -> pd.DataFrame:
    """Return the customers of the scores of t₀ who may be contacted: the table `contactable`, by customer_id.

    UserError where scores or consents are missing; `NobodyToContactError` where nobody may be.
    """
    scores = read_frame(lake.files(scores_at(as_of)), list(OF_SCORES))
    scores = scores[scores["segment"] != LEAD]
    if scores.empty:
        raise NobodyToContactError("nobody may be contacted: no customer has a forecast")
    scores = scores.assign(value_band=clv_band(scores))
    scores[list(STRATA)] = scores[list(STRATA)].astype(object).fillna(UNKNOWN)
    people = people_at(lake, as_of, scores)[["customer_id"]]
    if people.empty:
        raise NobodyToContactError(
            "nobody may be contacted: no scored customer has marketing_consent in raw/customers"
        )
    found = people.merge(scores, on="customer_id", validate="one_to_one")
    return found.sort_values("customer_id", ignore_index=True)[list(CONTACTABLE.names)]


def held_out_rows(lake: Lake, as_of: date) -> pd.DataFrame:
    """Return the table `held_out`: who might be contacted but for the standing holdout."""
    return held_out_at(lake, as_of).assign(as_of=as_of, purpose=HOLDOUT)[list(HELD_OUT.names)]


def level_at(lake: Lake, as_of: date, assumptions: Assumptions) -> float:
    """Return `level_sd` by what monitoring told of t₀, as assumed where it has not."""
    watched = lake.current(monitoring_at(as_of)) is not None
    files = lake.files(monitoring_at(as_of), f"{SEGMENT_REPORT.name}/") if watched else []
    return level_sd(read_frame(files) if files else None, assumptions.level_sd)


def _figures(found: Returns, spent: Spent, plan: Exposure) -> dict[str, Any]:
    """Return spend, gain, profit and ROI of all contacts; gap and marginal ROI are of the best plan."""
    best = money(found, spent.plan)
    by_lot = int((spent.drawn >= 0).sum())
    profit, cost = plan.expected_eur, plan.cost_eur
    return {
        "contactable": len(found.customers),
        "contacts": best["contacts"] + by_lot,
        "by_lot": by_lot,
        "spent_eur": cost,
        "gain_eur": profit + cost,
        "profit_eur": profit,
        "roi": profit / cost if cost > 0 else None,
        "marginal_roi": best["marginal_roi"],
        "profit_chosen_eur": best["profit_eur"],
        "gap": best["gap"],
    }


def _by_action(chosen: pd.DataFrame) -> list[dict[str, Any]]:
    sums = chosen.groupby(["action", "purpose"], sort=True).agg(
        customers=("customer_id", "size"),
        cost_eur=("cost_eur", "sum"),
        gain_eur=("gain_eur", "sum"),
        return_eur=("return_eur", "sum"),
        mean_clv_eur=("clv_eur", "mean"),
        uplift_sources=("uplift_source", lambda names: sorted(names.unique())),
    )
    return [
        {str(name): value for name, value in row.items()} for row in sums.reset_index().to_dict("records")
    ]


def _commit(
    lake: Lake, partition: str, as_of: date, tables: Mapping[Table, pd.DataFrame], told: dict[str, Any]
) -> None:
    """Commit tables under the digest of what they tell; the same again changes nothing."""
    text = json.dumps(told, indent=1)
    rows = b"".join(
        pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes() for frame in tables.values()
    )
    run_id = "budget-" + sha256(text.encode() + rows).hexdigest()[:DIGITS]
    standing = lake.current(partition)
    if standing is not None and standing.run_id == run_id:
        return
    with lake.commit(partition, run_id) as draft:
        for table, frame in tables.items():
            folder = draft.folder / table.name
            folder.mkdir(parents=True)
            write_frame(frame.assign(as_of=as_of), table, folder)
        (draft.folder / SUMMARY).write_text(text, encoding="utf-8")
