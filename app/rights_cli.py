"""The commands that let models in and take things back: `clv approve`, `clv rollback` and `clv erase`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.console import Console
from app.options import AsJson, Debug, Quiet
from clv.lake import Lake
from clv.timeline import parse_as_of

AnyLake = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder or s3:// address of the lake.")]
Database = Annotated[str, typer.Option("--database", help="Of the Glue catalogue, for a lake on S3.")]


def approve(
    lake: AnyLake,
    package: Annotated[str, typer.Option("--package", metavar="GROUP/NUMBER", help="The registered model.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the model's card.")],
    reject: Annotated[bool, typer.Option("--reject", help="Reject the model instead.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Approve a model that waits for a person, or reject one; `clv card` shows who decided, when and why.

    Example: `clv approve --lake build/lake --package clv-early-365/2 --by CRM --why "read its card"`
    """
    from app import approvals

    approvals.approve(Lake.at(lake), package, by, why, Console(quiet, as_json), approved=not reject)


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


def erase(
    lake: AnyLake,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", metavar="ID", help="Whom; may be said several times.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Whom: a customer id per line.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Day on the receipt; default: today.")
    ] = None,
    database: Database = "clv",
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Erase people from every table, past weeks and old versions included; leave a receipt without names.

    Erase them in the source first: what it delivers again is here again. A killed erasure is started again.

    Example: `clv erase --lake build/lake --customer c0000042`
    """
    from app.erasure import erase_people

    day = parse_as_of(on) if on else datetime.now(UTC).date()  # noqa: TID251 - the day it is done
    erase_people(Lake.at(lake), customer or [], file, day, database, Console(quiet, as_json))
