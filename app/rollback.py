"""`clv rollback`: back to the scores of the week before, or to the models before the newest training."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

from app.console import Console, grid
from app.registry import PREFIX, registry
from app.runs import one_run, record
from clv.catalogue import drop_removed
from clv.errors import UserError
from clv.lake import Lake
from clv.segments import SCORED
from glue_jobs.publish import newest_published, published_horizon
from glue_jobs.withdraw import plan_withdrawal, withdraw
from step_functions.handlers.registry import groups
from step_functions.rollback import reject_newest

Back = Literal["week", "model"]


def roll_back(lake: Lake, to: Back, segment: str, database: str, console: Console) -> None:
    """Go back, show what stands now and how to go on; what was done is on record below `runs/`."""
    if to == "week":
        to_week(lake, database, console)
    else:
        to_model(lake, segment, console)


def to_week(lake: Lake, database: str, console: Console) -> None:
    """Take the newest scores back; UserError where no earlier ones would stand."""
    with one_run(lake, newest_published(lake), "rollback") as run_id:
        planned = plan_withdrawal(lake)
        told = {"to": "week", **asdict(planned)}
        record(lake, run_id, told)  # first: the commit it holds could be put back by hand
        withdraw(lake, planned)
        if not lake.is_local and database:
            import boto3  # noqa: PLC0415 - only for a lake on S3

            told["catalogue_dropped"] = drop_removed(boto3.client("glue"), database, lake, ["scores"])
        record(lake, run_id, told)
    console.show(told)
    console.tell(f"scores of {planned.as_of} are taken back: readers see those of {planned.before}")
    console.tell(f"once the cause is mended, run {planned.as_of} again")


def to_model(lake: Lake, segment: str, console: Console) -> None:
    """Reject the packages of the newest training; UserError where a segment had no approved one before."""
    as_of = newest_published(lake)
    days = published_horizon(lake, as_of)
    assert days is not None
    chosen = _chosen(groups(PREFIX, days), segment)
    with one_run(lake, as_of, "rollback") as run_id:
        models = _rejected(lake, chosen, run_id)
        told = {"to": "model", "models": models}
        record(lake, run_id, told)
    rows = [[line["segment"], line["rejected"], line["in_force"]] for line in models]
    console.show(told, grid("Models", ["segment", "rejected", "in force"], rows))
    console.tell(f"scores are as they were: score anew with --replace --train never, as of {as_of}")


def _rejected(lake: Lake, chosen: Mapping[str, str], run_id: str) -> list[dict[str, str]]:
    with registry(lake, chosen.values()) as client:
        return reject_newest(client, chosen, run_id)


def _chosen(named: Mapping[str, str], segment: str) -> dict[str, str]:
    if segment and segment not in SCORED:
        raise UserError(f"--segment {segment}: expected one of {', '.join(SCORED)}")
    return {name: group for name, group in named.items() if segment in {"", name}}
