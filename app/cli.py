"""The `clv` command."""

import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app import cloud_commands, rights_cli
from app.backtest_cli import backtest
from app.budget_cli import budget, simulate
from app.console import Console
from app.dashboard_cli import dashboard
from app.disk_full import disk_full
from app.driver_cli import drivers
from app.experiment_cli import experiment
from app.options import (
    DEFAULTS,
    AsJson,
    AsOf,
    Debug,
    ExtractedAt,
    File,
    HorizonDays,
    LakeOption,
    MigrationLimit,
    NewestAsOf,
    QuarantineLimit,
    Quiet,
    Replace,
    Seed,
    TrainOption,
    on_disk,
)
from app.plan_cli import plan
from app.validate_cli import card, validate
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings
from clv.timeline import parse_as_of

INTERRUPTED = 130
"""What typer returns for a Ctrl-C."""

cli = typer.Typer(
    name="clv",
    help="Weekly customer-lifetime-value forecasts: net revenue in EUR of the next 12 months, per customer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
importing = typer.Typer(help="Turn a file of yours into the raw tables of a lake.", no_args_is_help=True)
cli.add_typer(importing, name="import")
cli.add_typer(experiment, name="experiment")


@cli.command()
def world(
    lake: LakeOption,
    customers: Annotated[int, typer.Option("--customers", min=1, help="How many customers.")] = 20_000,
    seed: Seed = 1,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a synthetic European marketplace whose true expected values are known.

    Example: `clv world --lake build/lake --customers 20000 --seed 1`
    """
    from app.commands import write_marketplace

    write_marketplace(on_disk(lake), customers, seed, Console(quiet, as_json), replace=replace)


@importing.command("online-retail")
def online_retail(
    file: File,
    lake: LakeOption,
    currency: Annotated[
        str, typer.Option(help="GBP converts at ECB rates, EUR takes amounts as they are.")
    ] = "GBP",
    extracted_at: ExtractedAt = None,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Import UCI Online Retail II (xlsx, CSV or Parquet).

    Example: `clv import online-retail online_retail_II.xlsx --lake build/retail`
    """
    from app.commands import import_file

    import_file(
        "online-retail",
        file,
        on_disk(lake),
        currency,
        extracted_at,
        Console(quiet, as_json),
        replace=replace,
    )


@importing.command("transactions")
def transactions(
    file: File,
    lake: LakeOption,
    currency: Annotated[str, typer.Option(help="ISO 4217 code of the amounts, unless a row has its own.")],
    extracted_at: ExtractedAt = None,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Import a plain transaction log: customer_id, ts, amount, and what else it has.

    Example: `clv import transactions log.csv --currency EUR --lake build/own`
    """
    from app.commands import import_file

    import_file(
        "transactions", file, on_disk(lake), currency, extracted_at, Console(quiet, as_json), replace=replace
    )


@cli.command()
def run(
    lake: LakeOption,
    as_of: AsOf,
    horizon_days: HorizonDays = DEFAULTS.horizon_days,
    train: TrainOption = "auto",
    quarantine_limit: QuarantineLimit = DEFAULTS.quarantine_limit,
    migration_limit: MigrationLimit = DEFAULTS.decile_migration_limit,
    seed: Seed = DEFAULTS.seed,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Run the weekly cycle: check the input, build ledger and features, train, score, publish, report.

    It executes the state machine that deploys to AWS, on a lake in a local folder. What is committed for this
    t₀ is not done again; --replace scores it anew, --train always trains it anew.

    Example: `clv run --lake build/lake --as-of 2026-07-01`
    """
    from app.commands import run_week

    settings = Settings(
        horizon_days=horizon_days,
        quarantine_limit=quarantine_limit,
        decile_migration_limit=migration_limit,
        seed=seed,
    )
    run_week(Lake.at(lake), parse_as_of(as_of), settings, Console(quiet, as_json), train, replace=replace)


@cli.command()
def report(
    lake: LakeOption,
    as_of: NewestAsOf = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the report: one HTML file that needs nothing else.

    Example: `clv report --lake build/lake`
    """
    from app.commands import make_report

    make_report(on_disk(lake), None if as_of is None else parse_as_of(as_of), Console(quiet, as_json))


@cli.command()
def demo(
    lake: LakeOption = "build/demo",
    customers: Annotated[int, typer.Option("--customers", min=1, help="How many customers.")] = 20_000,
    seed: Seed = 1,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show it all: a marketplace, the weekly run on it, the backtest and the report."""
    from app.demo import show_demo

    show_demo(on_disk(lake), customers, seed, Console(quiet))


for command in (
    backtest,
    dashboard,
    drivers,
    budget,
    simulate,
    plan,
    validate,
    card,
    cloud_commands.train,
    cloud_commands.rates,
    cloud_commands.scores,
    cloud_commands.cost,
    rights_cli.approve,
    rights_cli.rollback,
    rights_cli.erase,
):
    cli.command()(command)
cli.command(name="aws-rehearsal")(cloud_commands.aws_rehearsal)


@cli.command(hidden=True)
def docs(folder: Annotated[Path, typer.Argument()] = Path("docs")) -> None:
    """Render the pages that come from the code."""
    from app.render_docs import write_docs

    for page in write_docs(folder):
        typer.echo(page)


def main() -> NoReturn:
    """Run the command line; an error is one line on standard error and exit code 2."""
    try:
        code = cli(standalone_mode=False, prog_name="clv")
    except UserError as error:
        _fail(str(error))
    except typer.Abort:
        _fail("interrupted")
    except typer.exceptions.TyperException as error:
        _fail(getattr(error, "format_message", error.__str__)())
    except Exception as error:  # noqa: BLE001 - the last edge: reported in one line, never swallowed
        _fail(disk_full(error) or f"internal error: {type(error).__name__}: {error}; --debug shows where")
    if code == INTERRUPTED:
        _fail("interrupted; what is committed stays, the same command goes on from there")
    sys.exit(code or 0)


def _fail(message: str) -> NoReturn:
    if "--debug" in sys.argv:
        traceback.print_exc()
    typer.echo("clv: " + " ".join(message.split()), err=True)
    sys.exit(2)
