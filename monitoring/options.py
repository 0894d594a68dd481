"""What the monitoring job is told: its arguments as typed values."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.job_arguments import json_object
from clv.settings import Settings
from clv.timeline import parse_as_of

VERB = "watch"
REQUIRED = ("lake", "as_of", "run_id")


@dataclass(frozen=True)
class Options:
    """Arguments of one job run.

    lake : a folder or an `s3://` address
    evaluations : by segment the address of the evaluation of the model in force, null for none
    packages : by segment the package of that model: its `arn` and `version`
    namespace : of the CloudWatch metrics; empty to put none
    stage : whose sizes the jobs have, for the cost estimate
    sagemaker : by kind, training or transform, the jobs that ran: segment and seconds
    catalogue : Glue database that lists the metrics; empty for none
    """

    lake: str
    as_of: date
    run_id: str
    settings: Settings
    evaluations: Mapping[str, str | None]
    packages: Mapping[str, Mapping[str, str]]
    namespace: str
    stage: str
    sagemaker: Mapping[str, Sequence[Mapping[str, Any]]]
    catalogue: str


def parse(argv: Sequence[str]) -> Options:
    """Return the options; what Glue adds of its own is left aside, UserError where one of ours is wrong."""
    parser = ArgumentParser(allow_abbrev=False, add_help=False)
    for name in ("verb", "lake", "as-of", "run-id", "namespace", "catalogue"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--stage", default="prod")
    for name in ("settings", "evaluations", "packages", "sagemaker"):
        parser.add_argument(f"--{name}", default="{}")
    told, _ = parser.parse_known_args(list(argv))
    missing = [f"--{name.replace('_', '-')}" for name in REQUIRED if not getattr(told, name)]
    if missing:
        raise UserError(f"job arguments: {', '.join(missing)} missing")
    if told.verb != VERB:
        raise UserError(f"--verb {told.verb!r}: this job knows only {VERB}")
    return Options(
        lake=told.lake,
        as_of=parse_as_of(told.as_of),
        run_id=told.run_id,
        settings=Settings.from_json(told.settings),
        evaluations=json_object("--evaluations", told.evaluations),
        packages=json_object("--packages", told.packages),
        namespace=told.namespace,
        stage=told.stage,
        sagemaker=json_object("--sagemaker", told.sagemaker),
        catalogue=told.catalogue,
    )
