"""What the job of decisions is told: its arguments as typed values."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clv.errors import UserError
from clv.settings import Settings
from clv.timeline import parse_as_of

VERB = "decide"
REQUIRED = ("lake", "as_of", "run_id")


@dataclass(frozen=True)
class Options:
    """Arguments of one job run.

    lake : a folder or an `s3://` address
    replace : whether to decide anew what is decided
    catalogue : Glue database that lists the plans; empty for none
    """

    lake: str
    as_of: date
    run_id: str
    settings: Settings
    replace: bool
    catalogue: str


def parse(argv: Sequence[str]) -> Options:
    """Return the options; what Glue adds of its own is left aside, UserError where one of ours is wrong."""
    parser = ArgumentParser(allow_abbrev=False, add_help=False)
    for name in ("verb", "lake", "as-of", "run-id", "catalogue"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--settings", default="{}")
    parser.add_argument("--replace", default="false")
    told, _ = parser.parse_known_args(list(argv))
    missing = [f"--{name.replace('_', '-')}" for name in REQUIRED if not getattr(told, name)]
    if missing:
        raise UserError(f"job arguments: {', '.join(missing)} missing")
    if told.verb != VERB:
        raise UserError(f"--verb {told.verb!r}: this job knows only {VERB}")
    if told.replace not in {"true", "false"}:
        raise UserError(f"--replace {told.replace!r}: must be true or false")
    return Options(
        lake=told.lake,
        as_of=parse_as_of(told.as_of),
        run_id=told.run_id,
        settings=Settings.from_json(told.settings),
        replace=told.replace == "true",
        catalogue=told.catalogue,
    )
