"""What a Glue job is told: its arguments as typed values."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clv.errors import UserError
from clv.job_arguments import json_object
from clv.settings import Settings
from clv.timeline import Horizon, parse_as_of

VERBS = ("ledger", "features", "snapshots", "publish")
ENGINES = ("spark", "duckdb")


@dataclass(frozen=True)
class Options:
    """Arguments of one job run.

    lake : a folder or an `s3://` address
    transform : where the forecasts of this run lie (publish only)
    packages : by segment the model package that made them: its `arn` and `version` (publish only)
    catalogue : Glue database whose partitions are switched; empty for none (publish only)
    """

    verb: str
    lake: str
    as_of: date
    run_id: str
    settings: Settings
    replace: bool
    engine: str
    transform: str
    packages: Mapping[str, Mapping[str, str]]
    catalogue: str

    @property
    def horizon(self) -> Horizon:
        """Return the forecast's length."""
        return Horizon(self.settings.horizon_days)


def parse(argv: Sequence[str]) -> Options:
    """Return the options; what Glue adds of its own is left aside, UserError where one of ours is missing."""
    told, _ = _parser().parse_known_args(list(argv))
    missing = [
        f"--{name.replace('_', '-')}" for name in ("lake", "as_of", "run_id") if not getattr(told, name)
    ]
    if missing:
        raise UserError(f"job arguments: {', '.join(missing)} missing")
    return Options(
        verb=_one_of("--verb", told.verb, VERBS),
        lake=told.lake,
        as_of=parse_as_of(told.as_of),
        run_id=told.run_id,
        settings=Settings.from_json(told.settings),
        replace=_one_of("--replace", told.replace, ("true", "false")) == "true",
        engine=_one_of("--engine", told.engine, ENGINES),
        transform=told.transform,
        packages=json_object("--packages", told.packages),
        catalogue=told.catalogue,
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(allow_abbrev=False, add_help=False)
    for name in ("verb", "lake", "as-of", "run-id", "transform", "catalogue"):
        parser.add_argument(f"--{name}", default="")
    for name, default in {"settings": "{}", "packages": "{}", "replace": "false", "engine": "spark"}.items():
        parser.add_argument(f"--{name}", default=default)
    return parser


def _one_of(name: str, said: str, known: Sequence[str]) -> str:
    if said not in known:
        raise UserError(f"{name} {said!r}: must be one of {', '.join(known)}")
    return said
