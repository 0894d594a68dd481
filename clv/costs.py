"""What runs cost: work done becomes billed quantities, and quantities become money, by service.

AWS bills Glue by the second from one minute on, SageMaker by the second; quantities add up, so that a month
is its runs and what stands all the time. Nothing here reads or knows where figures come from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from clv.prices import Prices

Quantities: TypeAlias = Mapping[str, float]
"""Billed units by the name of their price in `clv/prices.json`."""

HOUR_SECONDS, MONTH_HOURS = 3_600, 730
GIGABYTE, TERABYTE = 1e9, 1e12
WEEKS_A_MONTH, DAYS_A_MONTH = 52 / 12, 365 / 12
DAILY_RUNS_A_MONTH = DAYS_A_MONTH * 6 / 7
"""The daily schedule leaves Mondays to the weekly run."""

GLUE_MINIMUM_SECONDS = 60
GLUE_START_SECONDS = 60
"""Billed before the script: wheels are installed and Spark starts; finding machines is not billed."""

SAGEMAKER_START_SECONDS = 240
"""Billed beside the work: the image of 1 GB and the data are fetched, results put; Batch Transform waits for
its server too."""

TRAINING_DISK_GB = 30
FUNCTION_SECONDS, FUNCTION_GB = 3, 0.5
"""Of a Lambda call, its cold start included; measured calls take under a second."""

GETS_A_JOB, PUTS_A_JOB = 3_000, 600
"""S3 requests of a Glue job beside those for delivered event files: a generous guess."""

KMS_REQUESTS_A_JOB = 200
"""Bucket keys bring them down to about one a minute and worker."""

LOG_GB_A_GLUE_JOB, LOG_GB_A_MODEL_JOB = 0.01, 0.001
"""Spark says much: driver and executors write some megabytes a job."""

LOG_MONTHS = 3
EVENT_GB = 5_000 / GIGABYTE
"""Firehose counts an event as the next multiple of 5 KB; ours have some hundred bytes."""

DELIVERIES_A_MONTH = 2 * 96 * DAYS_A_MONTH
"""Files of two event tables, one each quarter of an hour."""

GETS_AN_EVENT_FILE = 4
"""The ledger job and the features job each read footer and columns of every file of events."""

MERGE_SECONDS_A_FILE = 0.05
"""Of the ledger job, once for each delivered file: it is read in one request, and written with others."""

FRESHNESS_CALLS_A_MONTH = 2 * DAYS_A_MONTH
EMAILS_A_MONTH = 30


@dataclass(frozen=True)
class GlueJob:
    """Seconds that the script of a Glue job was at work, on workers of 1 DPU each."""

    verb: str
    seconds: float
    workers: int
    flex: bool = False


@dataclass(frozen=True)
class ModelJob:
    """Seconds that a SageMaker job was at work; `kind` is training or transform."""

    kind: str
    seconds: float
    instance: str


@dataclass(frozen=True)
class RunUsage:
    """What one run did: its jobs, states entered, Lambda calls, metrics put."""

    glue: tuple[GlueJob, ...] = ()
    models: tuple[ModelJob, ...] = ()
    transitions: int = 0
    calls: int = 0
    metrics: int = 0


@dataclass(frozen=True)
class MonthUsage:
    """What a month holds: runs of three kinds, and what stands or comes in all the time.

    weekly : a weekly run without training; training : what one training adds; daily : a run that ends after
    the features
    stored_bytes, scanned_bytes : kept in the lake, read by queries
    """

    weekly: RunUsage
    training: RunUsage
    daily: RunUsage
    trainings: float
    stored_bytes: float
    scanned_bytes: float
    events: float
    event_files: float
    alarms: int
    partitions: float = 0
    dashboards: int = 1
    keys: int = 1


@dataclass(frozen=True)
class Line:
    """One billed thing: units, their price in EUR, and how much of it the free tier takes off."""

    service: str
    name: str
    units: float
    unit: str
    eur: float
    free_eur: float


def run_quantities(run: RunUsage) -> Quantities:
    """Return what one run is billed for."""
    glue, models = len(run.glue), len(run.models)
    trained = sum(_billed(job) for job in run.models if job.kind == "training")
    return added(
        *({_dpu(job): _glue_hours(job)} for job in run.glue),
        *({job.instance: _billed(job) / HOUR_SECONDS} for job in run.models),
        {
            "sagemaker_gb_months": trained / HOUR_SECONDS / MONTH_HOURS * TRAINING_DISK_GB,
            "s3_gets": glue * GETS_A_JOB,
            "s3_puts": glue * PUTS_A_JOB,
            "kms_requests": (glue + models) * KMS_REQUESTS_A_JOB,
            "log_gb": glue * LOG_GB_A_GLUE_JOB + models * LOG_GB_A_MODEL_JOB,
            "transitions": run.transitions,
            "traces": 1,
            **_calls(run.calls),
            "metric_months": run.metrics / MONTH_HOURS,  # each is put in one hour of the month
        },
    )


def month_quantities(month: MonthUsage) -> Quantities:
    """Return what a month is billed for."""
    runs = added(
        _times(run_quantities(month.weekly), WEEKS_A_MONTH),
        _times(run_quantities(month.training), month.trainings),
        _times(run_quantities(month.daily), DAILY_RUNS_A_MONTH),
    )
    return added(runs, _standing(month), _merging(month), {"log_gb_months": runs["log_gb"] * LOG_MONTHS})


def _standing(month: MonthUsage) -> Quantities:
    """Return what is billed whether a run takes place or not, and what depends on deliveries."""
    reads = WEEKS_A_MONTH + DAILY_RUNS_A_MONTH
    return {
        "s3_gb_months": month.stored_bytes / GIGABYTE,
        "s3_puts": DELIVERIES_A_MONTH if month.events else 0,
        "s3_gets": month.event_files * GETS_AN_EVENT_FILE * reads,
        "firehose_gb": month.events * EVENT_GB,
        "firehose_converted_gb": month.events * EVENT_GB,
        "athena_tb": month.scanned_bytes / TERABYTE,
        "alarms": month.alarms,
        "dashboards": month.dashboards,
        "kms_keys": month.keys,
        "metric_months": FRESHNESS_CALLS_A_MONTH / MONTH_HOURS,
        "metric_requests": WEEKS_A_MONTH + FRESHNESS_CALLS_A_MONTH,
        "glue_catalogue_objects": month.partitions,
        "schedule_starts": reads + FRESHNESS_CALLS_A_MONTH,
        "queue_requests": 0,
        "emails": EMAILS_A_MONTH,
        **_calls(FRESHNESS_CALLS_A_MONTH),
    }


def _merging(month: MonthUsage) -> Quantities:
    """Return what the ledger job takes beside its own work to merge the files delivered in a month."""
    if not month.events:
        return {}
    seconds = DELIVERIES_A_MONTH * MERGE_SECONDS_A_FILE
    hours = [
        {_dpu(job): seconds * job.workers / HOUR_SECONDS} for job in month.daily.glue if job.verb == "ledger"
    ]
    return added({"s3_gets": DELIVERIES_A_MONTH}, *hours)


def priced(quantities: Quantities, prices: Prices) -> list[Line]:
    """Return the lines of a bill, most expensive first, those of nothing left out; UserError without price.

    Free tiers are those of a month and of an account in which nothing else uses them.
    """
    lines = []
    for name, units in quantities.items():
        price = prices.of(name)
        eur_per_unit = price.usd_per_unit / prices.usd_per_eur
        free = min(units, price.free_per_month)
        lines.append(Line(price.service, name, units, price.unit, units * eur_per_unit, free * eur_per_unit))
    return sorted((line for line in lines if line.units), key=lambda line: (-line.eur, line.name))


def total_eur(lines: Iterable[Line]) -> float:
    """Return the sum of a bill without free tiers, EUR."""
    return sum(line.eur for line in lines)


def free_eur(lines: Iterable[Line]) -> float:
    """Return what the free tiers take off, EUR."""
    return sum(line.free_eur for line in lines)


def added(*quantities: Quantities) -> dict[str, float]:
    """Return the sum of several quantities, by name."""
    found: dict[str, float] = {}
    for each in quantities:
        for name, units in each.items():
            found[name] = found.get(name, 0.0) + units
    return found


def _times(quantities: Quantities, count: float) -> Quantities:
    return {name: units * count for name, units in quantities.items()}


def _glue_hours(job: GlueJob) -> float:
    billed = max(job.seconds + GLUE_START_SECONDS, GLUE_MINIMUM_SECONDS)
    return billed * job.workers / HOUR_SECONDS


def _dpu(job: GlueJob) -> str:
    return "glue_flex_dpu_hours" if job.flex else "glue_dpu_hours"


def _billed(job: ModelJob) -> float:
    return job.seconds + SAGEMAKER_START_SECONDS


def _calls(calls: float) -> Quantities:
    return {"lambda_requests": calls, "lambda_gb_seconds": calls * FUNCTION_SECONDS * FUNCTION_GB}
