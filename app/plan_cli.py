"""The command `clv plan`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console import Console
from app.options import DEFAULTS, AsJson, AsOf, Debug, LakeOption, Quiet, Replace, Seed
from clv.lake import Lake
from clv.timeline import parse_as_of


def plan(
    lake: LakeOption,
    as_of: AsOf,
    campaign: Annotated[str, typer.Option("--campaign", metavar="NAME", help="Name of the campaign.")],
    budget_eur: Annotated[float, typer.Option("--budget-eur", metavar="EUR", help="What may be spent.")],
    cost_eur: Annotated[float, typer.Option("--cost-eur", metavar="EUR", help="What one contact costs.")],
    exploration_share: Annotated[
        float, typer.Option("--exploration-share", help="Of the spend, for customers drawn by lot.")
    ] = 0.1,
    holdout_share: Annotated[
        float, typer.Option("--holdout-share", help="Of the best customers, left alone by lot.")
    ] = 0.05,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Whom to contact: .csv or .parquet.")
    ] = None,
    treatments: Annotated[
        Path | None,
        typer.Option("--treatments", metavar="FILE", help="Parquet file for raw/treatments, once sent."),
    ] = None,
    sent_at: Annotated[
        datetime | None, typer.Option("--sent-at", help="When it was sent (UTC); default: t₀.")
    ] = None,
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
    from app.plans import make_plan
    from decisions.exploration import Budget

    make_plan(
        Lake.at(lake),
        parse_as_of(as_of),
        campaign,
        Budget(budget_eur, cost_eur, exploration_share, holdout_share),
        seed,
        Console(quiet, as_json),
        out=out,
        treatments=treatments,
        sent_at=sent_at,
        replace=replace,
    )
