"""From the records of a run to what it is billed for: seconds, sizes, and how both grow with customers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from clv.costs import GlueJob, ModelJob, RunUsage
from clv.sizes import Sizes

Records: TypeAlias = Mapping[str, Mapping[str, Any]]
"""What the jobs of a run wrote to `runs/<run id>/<verb>.json`, by verb."""

SPARK_FACTOR = 10.0
"""Processor seconds of Spark for one of DuckDB. Measured on the features of 300,000 customers, both on two
cores of a shared machine, start and compilation included: about 240 for 27, which is 9."""

WORKER_CORES, BUSY_SHARE = 4, 0.6
"""Cores of a worker, and the share of them that is kept busy; one worker leads and does no work."""

TRAINING, TRANSFORM = "training", "transform"
DAILY = ("ledger", "features")
WEEKLY = ("ledger", "features", "publish", "watch", "decide")
DAILY_STATES, WEEKLY_STATES, TRAINING_STATES = 8, 23, 10
"""States entered by a run of each kind, and those that a training adds, its models approved; a test walks
the machine."""

DAILY_CALLS, WEEKLY_CALLS, TRAINING_CALLS = 3, 4, 3
"""Lambda calls among them."""


def usage_of(records: Records, sizes: Sizes) -> RunUsage:
    """Return what a run is billed for: all of its jobs that are on record."""
    weekly = "publish" in records or "watch" in records
    parts = [weekly_of(records, sizes) if weekly else daily_of(records, sizes)]
    if "snapshots" in records:
        parts.append(training_of(records, sizes, snapshots=None))
    return together(*parts)


def daily_of(records: Records, sizes: Sizes) -> RunUsage:
    """Return what a run ending after the features is billed for."""
    jobs = _glue(records, sizes, DAILY)
    return RunUsage(glue=jobs, transitions=DAILY_STATES, calls=DAILY_CALLS)


def weekly_of(records: Records, sizes: Sizes) -> RunUsage:
    """Return what a weekly run without training is billed for."""
    return RunUsage(
        glue=_glue(records, sizes, WEEKLY),
        models=_models(records, TRANSFORM, sizes.transform_instance),
        transitions=WEEKLY_STATES,
        calls=WEEKLY_CALLS,
        metrics=records.get("watch", {}).get("rows", 0),
    )


def training_of(records: Records, sizes: Sizes, snapshots: int | None) -> RunUsage:
    """Return what a training adds to a run, as if it had built so many snapshots; None: those it built."""
    glue = _glue(records, sizes, ("snapshots",))
    built = records.get("snapshots", {}).get("snapshots_written", 0)
    if snapshots is not None and built > snapshots:
        glue = tuple(replace(job, seconds=job.seconds * snapshots / built) for job in glue)
    models = _models(records, TRAINING, sizes.training_instance)
    return RunUsage(glue=glue, models=models, transitions=TRAINING_STATES, calls=TRAINING_CALLS)


def scaled(run: RunUsage, customers: int, wanted: int, sampled: int) -> RunUsage:
    """Return the usage for another number of customers.

    Glue and Batch Transform grow in proportion, but the watch job, whose tables do not grow with customers.
    Training grows until a snapshot holds the `sampled` customers that it is drawn down to.
    """
    rows = wanted / customers
    drawn = min(wanted, sampled) / min(customers, sampled)
    glue = [replace(j, seconds=j.seconds * (1.0 if j.verb == "watch" else rows)) for j in run.glue]
    models = [replace(j, seconds=j.seconds * (drawn if j.kind == TRAINING else rows)) for j in run.models]
    return replace(run, glue=tuple(glue), models=tuple(models))


def together(*runs: RunUsage) -> RunUsage:
    """Return several usages as one."""
    return RunUsage(
        glue=tuple(job for run in runs for job in run.glue),
        models=tuple(job for run in runs for job in run.models),
        transitions=sum(run.transitions for run in runs),
        calls=sum(run.calls for run in runs),
        metrics=sum(run.metrics for run in runs),
    )


def _glue(records: Records, sizes: Sizes, verbs: tuple[str, ...]) -> tuple[GlueJob, ...]:
    return tuple(
        GlueJob(verb, _on_glue(records[verb], sizes.workers[verb]), sizes.workers[verb], sizes.flex)
        for verb in verbs
        if verb in records
    )


def _on_glue(record: Mapping[str, Any], workers: int) -> float:
    """Return the seconds a job takes on Glue: its own, or from the work that DuckDB had with it."""
    if record.get("engine") != "duckdb":
        return float(record["seconds"])
    busy_cores = (workers - 1) * WORKER_CORES * BUSY_SHARE
    return float(record["processor_seconds"]) * SPARK_FACTOR / busy_cores


def _models(records: Records, kind: str, instance: str) -> tuple[ModelJob, ...]:
    jobs = records.get("sagemaker", {}).get("jobs", [])
    return tuple(ModelJob(kind, float(job["seconds"]), instance) for job in jobs if job["kind"] == kind)
