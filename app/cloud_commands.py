"""Commands about the deployed pipeline: its exchange rates, its scores, its costs."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import Console
from app.options import AsJson, Debug, NewestAsOf, Quiet
from clv.errors import UserError
from clv.lake import Lake
from clv.timeline import parse_as_of


def rates(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Parquet file to write.")],
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="The ECB's eurofxref-hist.zip; default: as installed."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the table of exchange rates for a lake on S3; a local run brings its own.

    Example: `clv rates --from eurofxref-hist.zip --out part-000.parquet`
    """
    from app.commands import write_rates

    write_rates(source, out, Console(quiet, as_json))


def scores(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="A lake on disk.")] = "",
    athena: Annotated[bool, typer.Option("--athena", help="Ask Athena for those of the account.")] = False,
    database: Annotated[str, typer.Option("--database", help="Of the Glue catalogue.")] = "clv",
    workgroup: Annotated[str, typer.Option("--workgroup", help="Of Athena.")] = "clv",
    as_of: NewestAsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write them: .csv or .parquet.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show published scores by segment and write them to a file.

    Example: `clv scores --lake build/lake --out scores.csv`, or `clv scores --athena --out scores.parquet`
    """
    from app.scores import Athena, show_scores

    if athena == bool(lake):
        raise UserError("clv scores: say --lake DIR or --athena, one of them")
    source = Athena(database, workgroup) if athena else Lake.at(lake)
    show_scores(source, None if as_of is None else parse_as_of(as_of), out, Console(quiet, as_json))


def cost(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder or s3:// address of the lake.")],
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="Which run; default: the newest published.")
    ] = None,
    customers: Annotated[
        int | None, typer.Option("--customers", min=1, help="Scale to so many; default: those of the run.")
    ] = None,
    stage: Annotated[str, typer.Option("--stage", help="Whose workers and instances: prod or dev.")] = "prod",
    months: Annotated[
        int, typer.Option("--months", min=0, help="Which month after the start: the lake grows.")
    ] = 6,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Estimate what one run and one month cost on AWS, by service, from what a run measured.

    Example: `clv cost --lake build/lake --customers 300000`
    """
    from app.costs import show_costs

    show_costs(Lake.at(lake), run_id, customers, stage, months, Console(quiet, as_json))
