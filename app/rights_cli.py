"""The commands that take something back: `clv rollback`."""

from typing import Annotated, Literal

import typer

from app.console import Console
from app.options import AsJson, Debug, Quiet
from clv.lake import Lake

AnyLake = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder or s3:// address of the lake.")]
Database = Annotated[str, typer.Option("--database", help="Of the Glue catalogue, for a lake on S3.")]


def rollback(
    lake: AnyLake,
    to: Annotated[
        Literal["week", "model"],
        typer.Option("--to", help="week: the scores before the newest; model: before the newest training."),
    ],
    segment: Annotated[
        str, typer.Option("--segment", help="Models of early or established alone; default: both.")
    ] = "",
    database: Database = "clv",
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Go back to the scores of the week before, or to the models before the newest training.

    Example: `clv rollback --lake build/lake --to week`
    """
    from app.rollback import roll_back

    roll_back(Lake.at(lake), to, segment, database, Console(quiet, as_json))
