"""Verb: publish all drivers of the sampled customers, once they add up to the scores."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clv.explanation_tables import EXPLANATIONS
from clv.frames import write_frame
from clv.lake import Lake
from clv.models.forecast import ALL_DRIVERS
from clv.parquet import read_table, schema_of
from clv.partitions import explanations_at, inputs_at
from clv.timeline import Horizon
from glue_jobs.build_inputs import segments_of
from glue_jobs.due import due
from glue_jobs.explanations import explanations
from glue_jobs.inputs import COLUMNS
from glue_jobs.outputs import answer_to


def build_explanations(
    lake: Lake, scores: pd.DataFrame, as_of: date, horizon: Horizon, run_id: str, transform: str
) -> int:
    """Write `explanations/as_of=D` from the answers below the address `transform`; return the customers.

    A model served by older code tells the largest drivers alone: its segment has no rows.
    UserError where the drivers do not add up to these scores, and nothing is written.
    """
    found = [
        sampled
        for segment, part in _parts(lake, as_of, horizon)
        if (sampled := _sampled(part, answer_to(lake, transform, segment, part))) is not None
    ]
    rows = pd.DataFrame(columns=list(EXPLANATIONS.names))
    if found:
        told, given = (pa.concat_tables(tables).to_pandas() for tables in zip(*found, strict=True))
        rows = explanations(scores, told, given)
    if due(lake, explanations_at(as_of), run_id, replace=True):
        with lake.commit(explanations_at(as_of), run_id) as draft:
            write_frame(rows, EXPLANATIONS, draft.folder)
    return int(rows.customer_id.nunique())


def _parts(lake: Lake, as_of: date, horizon: Horizon) -> list[tuple[str, str]]:
    """Return the files that the models were given, with their segment."""
    return [
        (segment, part)
        for segment, told in segments_of(lake, as_of, horizon).items()
        if told["customers"]
        for part in lake.files(inputs_at(as_of, horizon), f"segment={segment}/")
    ]


def _sampled(part: str, answer: str) -> tuple[pa.Table, pa.Table] | None:
    """Return what was said and what was given of the sampled customers of a part, None by older code."""
    if ALL_DRIVERS not in schema_of(answer).names:
        return None
    said = read_table(answer, ["customer_id", ALL_DRIVERS])
    told = said.filter(pc.is_valid(said[ALL_DRIVERS]))
    given = read_table(part, list(COLUMNS))
    mine = pc.is_in(given["customer_id"], value_set=told["customer_id"].combine_chunks())
    return told, given.filter(mine)
