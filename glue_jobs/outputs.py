"""Verb: read what Batch Transform returned, file by file beside what it was given."""

import pandas as pd
import pyarrow as pa

from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from glue_jobs.reconcile import FORECAST

SUFFIX = ".out"
"""Batch Transform names the answer to `part-000.parquet` `part-000.parquet.out`."""

RETURNED = ["customer_id", *FORECAST, "model_version"]


def read_outputs(lake: Lake, place: str, parts: list[str]) -> pd.DataFrame:
    """Return the rows of `<place>/<part>.out` for every input part, columns `RETURNED`.

    UserError where an answer is missing, not whole or has another number of rows than its part was given, or
    where a file answers nothing that was asked.
    """
    entries = [entry.name for entry in lake.entries(place)]
    found = {_last(name).removesuffix(SUFFIX): name for name in entries}
    wanted = {_last(part): part for part in parts}
    if set(found) != set(wanted) or len(found) != len(entries):
        raise UserError(
            f"{lake.url(place)}: the {len(entries)} answers are not those to the {len(wanted)} input files "
            f"({', '.join(sorted(set(found) ^ set(wanted))) or 'some twice'})"
        )
    if not parts:
        return pd.DataFrame(columns=RETURNED)
    return pd.concat([_answer(lake.url(found[name]), part) for name, part in sorted(wanted.items())])


def answer_to(lake: Lake, transform: str, segment: str, part: str) -> str:
    """Return the address of the answer to an input part of a segment, below the address `transform`."""
    return lake.url(f"{below(lake, transform)}/segment={segment}/{_last(part)}{SUFFIX}")


def below(lake: Lake, url: str) -> str:
    """Return the place below the root of an address of the lake; UserError for any other address."""
    root = lake.url("").rstrip("/") + "/"
    if not url.startswith(root):
        raise UserError(f"--transform {url!r}: must be an address below the lake {root}")
    return url.removeprefix(root).rstrip("/")


def _answer(url: str, part: str) -> pd.DataFrame:
    given = len(read_frame([part], RETURNED[:1]))
    try:
        rows = read_frame([url]).reindex(columns=RETURNED)  # a model trained by older code says less
    except pa.ArrowInvalid as error:
        raise UserError(f"{url}: no whole Parquet file ({error}); run the scoring again") from None
    if len(rows) != given:
        raise UserError(f"{url}: {len(rows)} forecasts for {given} customers given")
    return rows


def _last(name: str) -> str:
    return name.rpartition("/")[2]
