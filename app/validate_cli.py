"""The commands that govern a model: `clv validate` and `clv card`."""

from typing import Annotated

import typer

from app.console import Console
from app.options import (
    DEFAULTS,
    FAILED,
    AsJson,
    AsOf,
    Debug,
    EveryMonths,
    HorizonDays,
    LakeOption,
    QuarantineLimit,
    Quiet,
    Seed,
    on_disk,
)
from app.rights_cli import AnyLake
from clv.lake import Lake
from clv.settings import Settings
from clv.timeline import parse_as_of


def validate(
    lake: LakeOption,
    as_of: AsOf,
    horizon_days: HorizonDays = DEFAULTS.horizon_days,
    retrainings: Annotated[
        int, typer.Option("--retrainings", min=0, help="On customers drawn anew; 0 leaves stability out.")
    ] = 3,
    walk: Annotated[int, typer.Option("--walk", min=1, help="t₀s to judge, --as-of being the last.")] = 3,
    every_months: EveryMonths = 3,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if a check fails.")] = False,
    quarantine_limit: QuarantineLimit = DEFAULTS.quarantine_limit,
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Validate the recipe at a past t₀: errors, ranking, years, kinds of customers, retrainings.

    Each check has a limit with its source. The horizon of the t₀ must have ended.

    Example: `clv validate --lake build/lake --as-of 2025-07-01`
    """
    from app.validation_commands import run_validation

    settings = Settings(horizon_days=horizon_days, quarantine_limit=quarantine_limit, seed=seed)
    verdict = run_validation(
        on_disk(lake),
        parse_as_of(as_of),
        settings,
        Console(quiet, as_json),
        retrainings=retrainings,
        walk=walk,
        every_months=every_months,
    )
    if strict and verdict == "fail":
        raise typer.Exit(FAILED)


def card(
    lake: AnyLake,
    package: Annotated[
        str, typer.Option("--package", metavar="GROUP/NUMBER", help="Default: the models in force.")
    ] = "",
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the governance file of a model, HTML and JSON, with what the registry says of it today.

    Example: `clv card --lake build/lake --package clv-early-365/1`
    """
    from app.cards import show_cards

    show_cards(Lake.at(lake), package, Console(quiet, as_json))
