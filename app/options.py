"""Options that several commands take, and what they stand for."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings

LakeOption = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
AsOf = Annotated[str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="t₀ is this day at 00:00 UTC.")]
NewestAsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Which scores; default: the newest.")
]
HorizonDays = Annotated[int, typer.Option("--horizon-days", min=1, help="Length of the forecast.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Replace what stands there, and all that came of it.")
]
Seed = Annotated[int, typer.Option("--seed", help="Every random draw follows from it.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="Parquet, CSV or xlsx.")]
ExtractedAt = Annotated[
    datetime | None,
    typer.Option("--extracted-at", help="When the file was extracted (UTC); default: its largest timestamp."),
]
TrainOption = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--train", help="auto: where no approved model is young enough."),
]
QuarantineLimit = Annotated[
    float,
    typer.Option("--quarantine-limit", min=0, max=1, help="Share of bad rows or money that stops a run."),
]
MigrationLimit = Annotated[
    float,
    typer.Option(
        "--migration-limit",
        min=0,
        max=1,
        help="Share of customers moved by more than two deciles that stops publishing; 1 lets all through.",
    ),
]
Walk = Annotated[
    int | None,
    typer.Option("--walk", min=1, metavar="N", help="Judge N t₀s, --as-of being the last of them."),
]
FirstAsOf = Annotated[
    str | None,
    typer.Option("--from", metavar="YYYY-MM-DD", help="Judge every t₀ from this day to --as-of."),
]
EveryMonths = Annotated[
    int, typer.Option("--every-months", min=1, help="Months between the t₀s of a walk: 1, or 3 for quarters.")
]
Contenders = Annotated[
    bool, typer.Option("--contenders", help="Judge also what could have been chosen and was not.")
]

DEFAULTS = Settings()
FAILED = 1
"""Exit code of a command that did its work and found that something is not as it should be."""


def on_disk(lake: str) -> Lake:
    """Return a lake of this machine; UserError for one on S3."""
    found = Lake.at(lake)
    if not found.is_local:
        raise UserError(f"{lake}: this needs a lake on disk; give a local folder")
    return found
