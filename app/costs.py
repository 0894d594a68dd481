"""What a run and a month cost on AWS, from the records and sizes of a lake."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.console import Console
from app.cost_tables import lines_table, services_table, table_title
from clv.costs import (
    DAILY_RUNS_A_MONTH,
    DAYS_A_MONTH,
    DELIVERIES_A_MONTH,
    GLUE_START_SECONDS,
    SAGEMAKER_START_SECONDS,
    WEEKS_A_MONTH,
    Line,
    MonthUsage,
    free_eur,
    month_quantities,
    priced,
    run_quantities,
    total_eur,
)
from clv.errors import UserError
from clv.indicators import QUEUE, STATE_MACHINE, alarms
from clv.lake import DERIVED, Lake
from clv.measured import (
    BUSY_SHARE,
    SPARK_FACTOR,
    WORKER_CORES,
    Records,
    daily_of,
    scaled,
    training_of,
    usage_of,
    weekly_of,
)
from clv.prices import Prices, read_prices
from clv.settings import Settings
from clv.sizes import Sizes, sizes_of

KEPT = tuple(name for name in ("raw", *DERIVED) if name not in {"reports", "truth"})
"""Tables of the lake that are on S3 too."""

EVENTS = ("web_events", "email_events")
QUERIES_A_MONTH = 200
QUERY_BYTES = 10_000_000
"""Athena bills at least this much a query; a week of scores is of that size."""

OLD_VERSION_DAYS = 30
"""S3 keeps what was replaced or removed for so long; every daily run rebuilds the ledger of new data."""

SMALL_FILE_MONTHS = 17 / DAYS_A_MONTH
"""Of event files on average: a month's are merged two days after it, so those of 2 to 32 days are there."""

SNAPSHOTS_A_TRAINING = 1
"""Snapshots close once a month; the first run of a lake builds them all."""

PARTITIONS_A_RUN = 5
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Measured:
    """A run on record: what its jobs wrote, the customers it saw, bytes of the lake by table."""

    run_id: str
    records: Records
    customers: int
    bytes: dict[str, int]

    @property
    def history_days(self) -> int:
        """Return how many days the raw tables span."""
        told = self.records["ledger"]
        return (date.fromisoformat(told["last_entry"]) - date.fromisoformat(told["first_entry"])).days + 1


def show_costs(
    lake: Lake, run_id: str | None, customers: int | None, stage: str, months: int, console: Console
) -> None:
    """Show what one run and one month cost, with what was assumed."""
    measured, sizes, prices = read_run(lake, run_id), sizes_of(stage), read_prices()
    wanted = customers or measured.customers
    run, month = bills(measured, sizes, prices, wanted, months)
    notes = assumptions(measured, sizes, prices, wanted, months)
    told = {
        "run_id": measured.run_id,
        "customers": wanted,
        "stage": stage,
        "run": _told(run),
        "month": _told(month),
        "bytes": measured.bytes,
        "assumptions": notes,
    }
    console.show(told, services_table(table_title(wanted, prices), run, month), lines_table(month))
    for note in notes:
        console.tell(f"- {note}")


def read_run(lake: Lake, run_id: str | None) -> Measured:
    """Return a run's records, the newest published run's by default; UserError where there is none."""
    folders: dict[str, list[str]] = {}
    for entry in lake.entries("runs"):
        _, run, *rest = entry.name.split("/")
        if rest and entry.name.endswith(".json"):
            folders.setdefault(run, []).append(entry.name)
    published = [run for run, names in folders.items() if f"runs/{run}/publish.json" in names]
    if run_id is None and not published:
        raise UserError(f"{lake.root}: no run has published here; run `clv run` first")
    found = run_id or max(published, key=lambda run: _as_of(lake, run))
    if found not in folders:
        raise UserError(f"{lake.root}: no records of run {found}; known are {', '.join(sorted(folders))}")
    told = [json.loads(lake.read_text(name) or "{}") for name in folders[found]]
    records = {record["verb"]: record for record in told}
    missing = {"ledger", "features"} - set(records)
    if missing:
        raise UserError(f"{lake.root}: run {found} has no record of {', '.join(sorted(missing))}")
    return Measured(found, records, _customers(records), _bytes(lake))


def bills(
    measured: Measured, sizes: Sizes, prices: Prices, customers: int, months: int
) -> tuple[list[Line], list[Line]]:
    """Return the bill of the run and that of a month, scaled to a number of customers."""
    sampled = Settings().training_rows_per_snapshot
    run = scaled(usage_of(measured.records, sizes), measured.customers, customers, sampled)
    month = month_of(measured, sizes, customers, months)
    return priced(run_quantities(run), prices), priced(month_quantities(month), prices)


def month_of(measured: Measured, sizes: Sizes, customers: int, months: int) -> MonthUsage:
    """Return what a month holds, so many months after the start."""
    records, settings = measured.records, Settings()
    grown = (measured.customers, customers, settings.training_rows_per_snapshot)
    share = customers / measured.customers
    accounts = records["ledger"]["accounts"]
    events = sum(line["rows"] for line in accounts if line["table"] in EVENTS)
    values = dict.fromkeys((STATE_MACHINE, QUEUE), "")
    return MonthUsage(
        weekly=scaled(weekly_of(records, sizes), *grown),
        training=scaled(training_of(records, sizes, SNAPSHOTS_A_TRAINING), *grown),
        daily=scaled(daily_of(records, sizes), *grown),
        trainings=DAYS_A_MONTH / settings.train_max_age_days,
        stored_bytes=stored_bytes(measured, months) * share,
        scanned_bytes=QUERIES_A_MONTH * QUERY_BYTES * max(1.0, customers / 300_000),
        events=events / measured.history_days * DAYS_A_MONTH * share,
        event_files=event_files(months) if events else 0,
        alarms=len(alarms(settings.horizon_days, values)),
        partitions=PARTITIONS_A_RUN * DAYS_A_MONTH * months,
        keys=1 + min(2, months // 12),
    )


def stored_bytes(measured: Measured, months: int) -> float:
    """Return what the lake holds so many months after the run.

    It keeps every week's scores and the features of every month's first; those of other days go after
    `keep_days`, and their old versions, as the ledger's, when S3 lets them go.
    """
    daily = _partition_bytes(measured.records, "features")
    published = _partition_bytes(measured.records, "publish")
    ledger = _partition_bytes(measured.records, "ledger")
    raw_a_month = measured.bytes.get("raw", 0) / measured.history_days * DAYS_A_MONTH
    aged_days = min(months * DAYS_A_MONTH, Settings().keep_days + OLD_VERSION_DAYS)
    growth = (published * WEEKS_A_MONTH + daily + raw_a_month) * months
    return sum(measured.bytes.values()) + ledger * OLD_VERSION_DAYS + daily * aged_days + growth


def event_files(months: int) -> float:
    """Return the files of events so many months after the start: of this month small ones, then merged."""
    return DELIVERIES_A_MONTH * min(months, SMALL_FILE_MONTHS) + len(EVENTS) * months


def assumptions(measured: Measured, sizes: Sizes, prices: Prices, customers: int, months: int) -> list[str]:
    """Return what the figures rest on, in sentences."""
    told = measured.records
    seconds = ", ".join(f"{verb} {record['seconds']:.0f} s" for verb, record in told.items())
    workers = ", ".join(f"{count} {verb}" for verb, count in sizes.workers.items())
    trainings = DAYS_A_MONTH / Settings().train_max_age_days
    runs = f"{WEEKS_A_MONTH:.2f} weekly and {DAILY_RUNS_A_MONTH:.1f} daily runs, {trainings:.1f} trainings"
    notes = [
        f"measured: run {measured.run_id} of {measured.customers:,} customers, {seconds}",
        f"month: {runs}, {months} months after the start",
        f"start: {GLUE_START_SECONDS} s of a Glue job, {SAGEMAKER_START_SECONDS} s of a SageMaker job",
        f"Glue bills all workers throughout: {workers}",
        f"prices in USD at {prices.usd_per_eur} USD per EUR ({prices.rate_of})",
    ]
    if told["ledger"].get("engine") == "duckdb":
        notes.append(_spark_for_duckdb(told))
    if customers != measured.customers:
        notes.append(
            "scaled in proportion to customers; training only up to the "
            f"{Settings().training_rows_per_snapshot:,} customers that it draws of a snapshot"
        )
    if measured.run_id not in str(told["ledger"]["partitions"]["ledger"]["run_id"]):
        notes.append("the ledger stood and was not rebuilt: month and run are too low; take --run of its run")
    if "snapshots" not in told:
        notes.append("this run did not train: the month has no training; take --run of one that did")
    return notes


def _spark_for_duckdb(records: Records) -> str:
    worked = ", ".join(
        f"{verb} {record['processor_seconds']:.0f} s"
        for verb, record in records.items()
        if "processor_seconds" in record
    )
    return (
        f"measured on DuckDB, processor time {worked}: Spark needs {SPARK_FACTOR:g} times that, on "
        f"{BUSY_SHARE:.0%} of the {WORKER_CORES} cores of each worker but the one that leads"
    )


def _as_of(lake: Lake, run: str) -> tuple[str, str]:
    told = json.loads(lake.read_text(f"runs/{run}/publish.json") or "{}")
    return str(told["as_of"]), run


def _customers(records: Records) -> int:
    features = [v for name, v in records["features"]["partitions"].items() if name.startswith("features/")]
    return int(features[0]["rows"])


def _bytes(lake: Lake) -> dict[str, int]:
    return {table: sum(entry.size for entry in lake.entries(table)) for table in KEPT}


def _partition_bytes(records: Records, verb: str) -> int:
    return sum(int(size["bytes"]) for size in records.get(verb, {}).get("partitions", {}).values())


def _told(lines: list[Line]) -> dict[str, Any]:
    return {
        "eur": total_eur(lines),
        "free_eur": free_eur(lines),
        "lines": [asdict(line) for line in lines],
    }
