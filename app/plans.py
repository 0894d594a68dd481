"""What `clv plan` does and shows."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from app.console import Console, grid
from app.scores import WRITERS, write
from clv.contracts import HOLDOUT, TREATMENT_PURPOSES
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import plan_at
from clv.timeline import t0
from decisions.exploration import TOP_CLV, Budget
from decisions.plan_campaign import contacted, deliver_treatments, plan_campaign
from decisions.standing_holdout import RULE


@dataclass(frozen=True)
class Files:
    """What to write of a plan.

    out : whom to contact, CSV or Parquet
    treatments : the plan as rows of `raw/treatments`, sent at `sent_at` (naive UTC), t₀ by default
    """

    out: Path | None
    treatments: Path | None
    sent_at: datetime | None

    def __post_init__(self) -> None:
        if self.out is not None and self.out.suffix not in WRITERS:
            raise UserError(f"--out {self.out}: end the name in {' or '.join(sorted(WRITERS))}")
        if self.treatments is not None and self.treatments.suffix != ".parquet":
            raise UserError(f"--treatments {self.treatments}: end the name in .parquet")

    def write(self, plan: pd.DataFrame, as_of: date) -> None:
        """Write those that were asked for."""
        if self.out is not None:
            write(contacted(plan), self.out)
        if self.treatments is not None:
            deliver_treatments(plan, self.sent_at or t0(as_of), self.treatments)


def make_plan(  # noqa: PLR0913 - what a campaign is, and where it goes
    lake: Lake,
    as_of: date,
    campaign: str,
    budget: Budget,
    seed: int,
    files: Files,
    console: Console,
    *,
    replace: bool,
) -> None:
    """Commit a plan, show it by purpose and decile, and write the files asked for.

    UserError as `plan_campaign`.
    """
    plan = plan_campaign(lake, as_of, campaign, budget, seed, replace=replace)
    files.write(plan, as_of)
    told = summary(plan, budget)
    console.show(told, purposes_table(told), deciles_table(plan))
    standing = int((plan["rule"] == RULE).sum())
    if standing:
        console.tell(f"holdout: {standing:,} of them are left alone by the lake's standing holdout")
    console.tell(f"plan of {len(plan):,} customers: {lake.url(plan_at(campaign, as_of))}")
    for warning in told["warnings"]:
        console.tell(warning)


def summary(plan: pd.DataFrame, budget: Budget) -> dict[str, Any]:
    """Return customers, spend and probabilities by purpose, and what the plan cannot teach."""
    spent = float(plan["cost_eur"].sum())
    return {
        "campaign": plan["campaign"].iloc[0],
        "as_of": str(plan["as_of"].iloc[0]),
        "budget_eur": budget.budget_eur,
        "spent_eur": round(spent, 2),
        "purposes": [_of_purpose(plan, purpose) for purpose in TREATMENT_PURPOSES],
        "warnings": _warnings(plan, budget),
    }


def purposes_table(told: dict[str, Any]) -> Table:
    """Return how many customers are in for each purpose, at what cost and probability."""
    rows = [
        [
            each["purpose"],
            f"{each['customers']:,}",
            f"{each['cost_eur']:,.2f}",
            "–" if each["mean_clv_eur"] is None else f"{each['mean_clv_eur']:,.2f}",
            "–" if each["propensity_min"] is None else _range(each),
        ]
        for each in told["purposes"]
    ]
    spent = f"EUR {told['spent_eur']:,.2f} of {told['budget_eur']:,.2f}"
    title = f"Campaign {told['campaign']}, t₀ {told['as_of']}: {spent}"
    return grid(title, ["purpose", "customers", "cost EUR", "mean CLV EUR", "P(contacted)"], rows)


def deciles_table(plan: pd.DataFrame) -> Table:
    """Return how many customers of each decile are in for each purpose."""
    counted = pd.crosstab(plan["decile"], plan["purpose"])
    counted = counted.reindex(columns=list(TREATMENT_PURPOSES), fill_value=0)
    rows = [
        [str(decile), *(f"{count:,}" for count in counts)]
        for decile, counts in counted.sort_index(ascending=False).iterrows()
    ]
    return grid("Customers by decile", ["decile", *TREATMENT_PURPOSES], rows)


def _of_purpose(plan: pd.DataFrame, purpose: str) -> dict[str, Any]:
    own = plan[plan["purpose"] == purpose]
    drawn = own[own["rule"] != RULE]
    figures = {
        "mean_clv_eur": own["clv_eur"].mean(),
        "propensity_min": drawn["propensity"].min(),
        "propensity_max": drawn["propensity"].max(),
    }
    return {
        "purpose": purpose,
        "customers": len(own),
        "cost_eur": round(float(own["cost_eur"].sum()), 2),
        **{name: None if pd.isna(value) else float(value) for name, value in figures.items()},
    }


def _range(each: dict[str, Any]) -> str:
    low, high = (f"{each[f'propensity_{end}']:.4f}" for end in ("min", "max"))
    return low if low == high else f"{low} to {high}"


def _warnings(plan: pd.DataFrame, budget: Budget) -> list[str]:
    found = []
    if budget.exploration_share == 0:
        found.append("nobody is contacted by lot: what the others would bring is not learned")
    if not (plan.loc[plan["rule"].isin([TOP_CLV, RULE]), "purpose"] == HOLDOUT).any():
        found.append("none of the best is held out: what contacting them adds cannot be told")
    return found
