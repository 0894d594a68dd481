"""`clv drivers`."""

from typing import Annotated

import typer

from app.console import Console
from app.options import AsJson, Debug, NewestAsOf, Quiet
from app.rights_cli import AnyLake
from clv.errors import UserError
from clv.lake import Lake
from clv.timeline import parse_as_of


def drivers(
    lake: AnyLake,
    as_of: NewestAsOf = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="Compare groups: country, acquisition channel, device, decile, CLV band or stage."
        ),
    ] = None,
    of: Annotated[
        tuple[str, str] | None, typer.Option("--of", metavar="ONE OTHER", help="The two groups.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Drivers to show.")] = 10,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what moves forecasts most, or why one group is worth more than another.

    Figures of the customers drawn by lot whose drivers are all published, with 95 % intervals.

    Example: `clv drivers --lake build/lake --by country --of DE FR`
    """
    from app.drivers.command import show_drivers
    from app.drivers.sample import BY, STAGE

    if (by is None) != (of is None):
        raise UserError("clv drivers: --by and --of go together, such as --by country --of DE FR")
    if by is not None and by not in {*BY, STAGE}:
        raise UserError(f"--by {by!r}: must be one of {', '.join([*BY, STAGE])}")
    day = None if as_of is None else parse_as_of(as_of)
    show_drivers(Lake.at(lake), day, by or "", of, top, Console(quiet, as_json))
