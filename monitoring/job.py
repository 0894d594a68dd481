"""The Glue script of monitoring: `--verb watch`."""

import json
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from platform import python_version
from time import perf_counter

from clv.catalogue import switch
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import monitoring_at
from monitoring.metrics import Metric
from monitoring.options import Options, parse
from monitoring.put import put_metrics
from monitoring.watch import watch

LIBRARIES = ("pandas", "pyarrow", "boto3")


def log(line: str) -> None:
    """Write a line to the job's log at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str], say: Callable[[str], None] = log) -> None:
    """Watch one run: write its metrics to the lake and, where a namespace is given, to CloudWatch.

    UserError or AWS's own error where it cannot; the record of the job is `runs/<run id>/watch.json`.
    """
    began = perf_counter()
    say(f"python {python_version()}, {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}")
    told = parse(argv)
    lake = Lake.at(told.lake)
    notes: list[str] = []

    def note(line: str) -> None:
        notes.append(line)
        say(line)

    _record_sagemaker(lake, told)
    metrics = watch(lake, told, note)
    requests = _put(told, metrics) if told.namespace else 0
    moved = _list(lake, told) if told.catalogue else 0
    record = {
        "run_id": told.run_id,
        "verb": "watch",
        "as_of": str(told.as_of),
        "horizon_days": told.settings.horizon_days,
        "notes": notes,
        "seconds": round(perf_counter() - began, 3),
        "rows": len(metrics),
        "requests": requests,
        "catalogue_moved": moved,
    }
    lake.write_text(f"runs/{told.run_id}/watch.json", json.dumps(record, indent=1))


def _record_sagemaker(lake: Lake, told: Options) -> None:
    """Write how long SageMaker's jobs took: they write no record of their own."""
    jobs = [{"kind": kind, **job} for kind, done in told.sagemaker.items() for job in done]
    record = {
        "run_id": told.run_id,
        "verb": "sagemaker",
        "seconds": sum(job["seconds"] for job in jobs),
        "jobs": jobs,
    }
    if jobs:
        lake.write_text(f"runs/{told.run_id}/sagemaker.json", json.dumps(record, indent=1))


def _put(told: Options, metrics: Sequence[Metric]) -> int:
    import boto3  # noqa: PLC0415 - the laptop puts nothing

    return put_metrics(boto3.client("cloudwatch"), told.namespace, metrics)


def _list(lake: Lake, told: Options) -> int:
    import boto3  # noqa: PLC0415 - the laptop has no catalogue

    return switch(boto3.client("glue"), told.catalogue, lake, [monitoring_at(told.as_of)])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"clv watch failed: {error}")
