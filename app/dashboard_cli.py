"""The command that opens the dashboard."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from app.budget_cli import AssumptionsFile, Logged, Measured, UpliftFrom
from app.options import Debug
from app.rights_cli import AnyLake
from clv.errors import UserError
from clv.lake import Lake
from clv.timeline import parse_as_of

SERVER = (sys.executable, "-m", "app.dashboard.serve")


def dashboard(
    lake: AnyLake,
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="Where the page answers.")] = 8501,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; the default is this machine alone.")
    ] = "localhost",
    today: Annotated[
        str | None,
        typer.Option(
            "--today", metavar="YYYY-MM-DD", help="By which scores are stale; default: the clock's."
        ),
    ] = None,
    assumptions: AssumptionsFile = None,
    experiment: Measured = None,
    campaign: Logged = None,
    uplift: UpliftFrom = None,
    debug: Debug = False,
) -> None:
    """Open the dashboard: what customers are worth, why, and what to do about it, in a browser.

    It reads published tables alone and writes nothing. Ctrl-C ends it.

    Example: `clv dashboard --lake build/demo`
    """
    if find_spec("streamlit") is None:
        raise UserError("clv dashboard needs Streamlit: `make .venv/.dashboard` installs it")
    asked = _asked(today, assumptions, experiment or [], campaign or [], uplift)
    typer.echo(f"dashboard: http://{host}:{port}")
    start = [*SERVER, host, str(port), Lake.at(lake).root, *asked]
    os.execv(sys.executable, start)  # noqa: S606 - the server takes over this process, and its signals


def _asked(
    today: str | None,
    assumptions: Path | None,
    experiments: list[str],
    campaigns: list[str],
    uplift: str | None,
) -> list[str]:
    """Return what the script is told; UserError for what no page could work with."""
    from app.budgets import told_assumptions

    told_assumptions(assumptions, experiments, campaigns, uplift)
    asked = [] if today is None else ["--today", str(parse_as_of(today))]
    asked += [] if assumptions is None else ["--assumptions", str(assumptions.resolve())]
    asked += [] if uplift is None else ["--uplift", uplift]
    asked += [word for one in campaigns for word in ("--campaign", one)]
    return asked + [word for one in experiments for word in ("--experiment", one)]
