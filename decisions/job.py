"""The Glue script of decisions: `--verb decide`."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from platform import python_version
from time import perf_counter

from clv.catalogue import switch
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import decided_at
from decisions.decide import decide
from decisions.options import Options, parse

LIBRARIES = ("pandas", "numpy", "pyarrow", "scipy", "highspy")
CAMPAIGNS = "plans"


def log(line: str) -> None:
    """Write a line to the job's log at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str], say: Callable[[str], None] = log) -> None:
    """Decide on the scores of one t₀; the record of the job is `runs/<run id>/decide.json`.

    UserError or AWS's own error where it cannot.
    """
    began = perf_counter()
    say(f"python {python_version()}, {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}")
    options = parse(argv)
    lake = Lake.at(options.lake)
    told = decide(lake, options, say)
    plan = told["plan"] or {}
    for line in (*told["notes"], *plan.get("notes", [])):
        say(line)
    record = {
        "run_id": options.run_id,
        "verb": "decide",
        "as_of": str(options.as_of),
        "horizon_days": options.settings.horizon_days,
        "notes": told["notes"],
        "plan": {name: plan.get(name) for name in ("budget_eur", "contacts", "spent_eur", "profit_eur")},
        "catalogue_moved": _list(lake, options) if options.catalogue else 0,
        "seconds": round(perf_counter() - began, 3),
    }
    lake.write_text(f"runs/{options.run_id}/decide.json", json.dumps(record, indent=1))


def _list(lake: Lake, options: Options) -> int:
    import boto3  # noqa: PLC0415 - the laptop has no catalogue

    partitions = [decided_at(options.as_of), *_plans_of_campaigns(lake)]
    return switch(boto3.client("glue"), options.catalogue, lake, partitions)


def _plans_of_campaigns(lake: Lake) -> Iterator[str]:
    """Yield the plans that `clv plan` has committed: nothing on AWS writes them."""
    for campaign in lake.storage.folders(CAMPAIGNS):
        for day in lake.partitions(f"{CAMPAIGNS}/{campaign}", "as_of"):
            yield f"{CAMPAIGNS}/{campaign}/as_of={day}"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"clv decide failed: {error}")
