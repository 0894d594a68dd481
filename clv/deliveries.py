"""How files of events are named in raw tables: those of the delivery streams, and what is merged of them."""

import re

EVENT_TABLES = ("web_events", "email_events")
PREFIX = "clv"

DAY_EXPRESSION = "!{timestamp:yyyy-MM-dd}-"
"""What Firehose puts before its own names: the day (UTC) on which the first event of the file came in."""

MERGED = "merged"


def stream_name(table: str) -> str:
    """Return the name of the stream that delivers an event table."""
    return f"{PREFIX}-{table.replace('_', '-')}"


def delivered_month(table: str, file: str) -> str | None:
    """Return the month, as YYYY-MM, in which a stream delivered a file; None for a file of anybody else.

    Firehose calls it by day, stream, the stream's version, second and a random text.
    """
    second = r"[0-9]{4}(?:-[0-9]{2}){5}"
    form = rf"([0-9]{{4}}-[0-9]{{2}})-[0-9]{{2}}-{stream_name(table)}-[0-9]+-{second}-[0-9A-Za-z-]+\.parquet"
    said = re.fullmatch(form, file)
    return None if said is None else said[1]


def deliveries_of(table: str) -> str:
    """Return a pattern of the files that a stream delivers, in the words of IAM."""
    return f"raw/{table}/*-{stream_name(table)}-*.parquet"


def merges_of(table: str) -> str:
    """Return a pattern of the files that are merged of them, in the words of IAM."""
    return f"raw/{table}/*-{MERGED}-*.parquet"


def merged_name(month: str, digest: str) -> str:
    """Return the name of a file that holds the events of a month; the digest is that of the files merged."""
    return f"{month}-{MERGED}-{digest}.parquet"


def is_merged(file: str, month: str) -> bool:
    """Return whether a file holds merged events of a month."""
    return re.fullmatch(rf"{month}-{MERGED}-[0-9a-f]+\.parquet", file) is not None
