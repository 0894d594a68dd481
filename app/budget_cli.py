"""The commands `clv budget` and `clv simulate`."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import Console
from app.options import DEFAULTS, AsJson, AsOf, Debug, LakeOption, Quiet, Seed
from clv.lake import Lake
from clv.timeline import parse_as_of

BudgetEur = Annotated[float, typer.Option("--budget-eur", metavar="EUR", help="What may be spent.")]
AssumptionsFile = Annotated[
    Path | None,
    typer.Option(
        "--assumptions", metavar="FILE", help="JSON: actions, margin, uplifts; default: an example of ours."
    ),
]
Measured = Annotated[
    list[str] | None,
    typer.Option(
        "--experiment", metavar="ACTION=NAME", help="An experiment that measured an action's uplift."
    ),
]
Logged = Annotated[
    list[str] | None,
    typer.Option(
        "--campaign", metavar="ACTION=NAME", help="A campaign of treatments that teaches an action's uplift."
    ),
]
UpliftFrom = Annotated[
    str | None,
    typer.Option(
        "--uplift",
        metavar="SOURCE",
        help="auto: a fitted model where treatments carry one, else the experiment, else assumed; or one of "
        "model, experiment, assumption.",
    ),
]
AtLeastOption = Annotated[
    list[str] | None,
    typer.Option(
        "--at-least", metavar="GROUP=VALUE:EUR", help="country=DE:500 or stage=early:500, repeatable."
    ),
]
ExplorationShare = Annotated[
    float, typer.Option("--exploration-share", help="Of the budget, for customers drawn by lot.")
]


def budget(
    lake: LakeOption,
    as_of: AsOf,
    budget_eur: BudgetEur,
    assumptions: AssumptionsFile = None,
    experiment: Measured = None,
    campaign: Logged = None,
    uplift: UpliftFrom = None,
    at_least: AtLeastOption = None,
    exploration_share: ExplorationShare = 0.1,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="The audience as a CSV file.")
    ] = None,
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Spend a budget where it returns most: which customer gets which action, and what to expect of it.

    Only customers with marketing consent are in it, each with one action at most. Uplifts come of models
    fitted on treatments where these carry one, of experiments where these have ended, else of assumptions;
    the result says which.

    Example: `clv budget --lake build/lake --as-of 2026-07-01 --budget-eur 5000 --csv audience.csv`
    """
    from app.budgets import show_budget, told_assumptions, wishes_of

    show_budget(
        Lake.at(lake),
        parse_as_of(as_of),
        wishes_of(budget_eur, exploration_share, at_least or []),
        told_assumptions(assumptions, experiment or [], campaign or [], uplift),
        seed,
        csv,
        Console(quiet, as_json),
    )


def simulate(
    lake: LakeOption,
    as_of: AsOf,
    budget_eur: BudgetEur,
    assumptions: AssumptionsFile = None,
    experiment: Measured = None,
    campaign: Logged = None,
    uplift: UpliftFrom = None,
    at_least: AtLeastOption = None,
    exploration_share: ExplorationShare = 0.1,
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Simulate a budget: spend curve, efficient frontier, what profit depends on, and how it may turn out.

    Example: `clv simulate --lake build/lake --as-of 2026-07-01 --budget-eur 5000`
    """
    from app.budgets import show_simulation, told_assumptions, wishes_of

    show_simulation(
        Lake.at(lake),
        parse_as_of(as_of),
        wishes_of(budget_eur, exploration_share, at_least or []),
        told_assumptions(assumptions, experiment or [], campaign or [], uplift),
        seed,
        Console(quiet, as_json),
    )
