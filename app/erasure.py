"""`clv erase`: what an erasure is asked for, and the receipt that it leaves."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from app.console import Console, grid
from app.runs import one_run, record
from clv.catalogue import WHOLE, list_run, switch
from clv.errors import UserError
from clv.lake import Lake
from glue_jobs.erasure.erase import Receipt, erase
from glue_jobs.erasure.people import people
from glue_jobs.erasure.places import partitions


def erase_people(
    lake: Lake, customers: list[str], file: Path | None, on: date, database: str, console: Console
) -> None:
    """Erase people, write the receipt below `runs/` and show it; UserError where one is still found."""
    who = people([*customers, *_listed(file)])
    with one_run(lake, on, "erase") as run_id:
        receipt = erase(lake, who, run_id, console.say)
        told: dict[str, Any] = {"on": str(on), **asdict(receipt)}
        if not lake.is_local and database:
            told["catalogue_moved"] = _switch(lake, database)
        record(lake, run_id, told)
    rows = [[name, f"{count:,}"] for name, count in receipt.rows.items()]
    console.show(told, grid(f"Erased from {lake.root}", ["table", "rows"], rows))
    console.tell(_in_words(receipt, run_id))
    if receipt.left:
        raise UserError(
            f"{len(receipt.left)} files still name one of them, such as {receipt.left[0]}: these are of no "
            "table; look at them, remove them or correct them, and erase again"
        )


def _listed(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--file {file}: cannot be read ({error}); give one customer id per line") from None


def _in_words(receipt: Receipt, run_id: str) -> str:
    found = sum(receipt.rows.values())
    if not found and not receipt.versions:
        return f"nothing of them was there; {receipt.searched:,} files searched; receipt runs/{run_id}.json"
    return (
        f"{receipt.people} people erased: {found:,} rows, {receipt.files} pages and results, "
        f"{receipt.versions} old versions; {receipt.searched:,} files searched afterwards; "
        f"receipt runs/{run_id}.json"
    )


def _switch(lake: Lake, database: str) -> int:
    """Point the catalogue at what is committed now; return the partitions that moved."""
    import boto3  # noqa: PLC0415 - only for a lake on S3

    glue = boto3.client("glue")
    cut = [name for name in partitions(lake) if "=" in name and not name.startswith("reports/")]
    return switch(glue, database, lake, cut) + sum(list_run(glue, database, lake, name) for name in WHOLE)
