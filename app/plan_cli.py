"""The command `clv plan`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console import Console
from app.options import DEFAULTS, AsJson, AsOf, Debug, LakeOption, Quiet, Replace, Seed
from clv.lake import Lake
from clv.timeline import parse_as_of

Campaign = Annotated[str, typer.Option("--campaign", metavar="NAME", help="Name of the campaign.")]
BudgetEur = Annotated[float, typer.Option("--budget-eur", metavar="EUR", help="What may be spent.")]
CostEur = Annotated[float, typer.Option("--cost-eur", metavar="EUR", help="What one contact costs.")]
ExplorationShare = Annotated[
    float, typer.Option("--exploration-share", help="Of the spend, for customers drawn by lot.")
]
HoldoutShare = Annotated[
    float, typer.Option("--holdout-share", help="Of the best customers, left alone by lot.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Whom to contact: .csv or .parquet.")]
Treatments = Annotated[
    Path | None,
    typer.Option("--treatments", metavar="FILE", help="Parquet file for raw/treatments, once sent."),
]
SentAt = Annotated[datetime | None, typer.Option("--sent-at", help="When it was sent (UTC); default: t₀.")]


def plan(
    lake: LakeOption,
    as_of: AsOf,
    campaign: Campaign,
    budget_eur: BudgetEur,
    cost_eur: CostEur,
    exploration_share: ExplorationShare = 0.1,
    holdout_share: HoldoutShare = 0.05,
    out: Out = None,
    treatments: Treatments = None,
    sent_at: SentAt = None,
    seed: Seed = DEFAULTS.seed,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Plan a campaign: whom to contact for their value, whom by lot, whom to hold out, with what probability.

    Only customers with marketing consent are in it. The same options give the same plan.

    Example: `clv plan --lake build/lake --as-of 2026-07-01 --campaign summer --budget-eur 500 --cost-eur 0.8`
    """
    from app.plans import Files, make_plan
    from decisions.exploration import Budget

    budget = Budget(budget_eur, cost_eur, exploration_share, holdout_share)
    files, console = Files(out, treatments, sent_at), Console(quiet, as_json)
    make_plan(Lake.at(lake), parse_as_of(as_of), campaign, budget, seed, files, console, replace=replace)
