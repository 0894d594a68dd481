"""Verb: take over what the models returned, once inputs, outputs and customers are the same people."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from clv.errors import UserError
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import features_at, forecasts_at, inputs_at
from clv.tables import FORECASTS
from clv.timeline import Horizon
from glue_jobs.build_inputs import segments_of
from glue_jobs.due import due
from glue_jobs.outputs import RETURNED, below, read_outputs
from glue_jobs.reconcile import reconcile, require_values

Packages = Mapping[str, Mapping[str, str]]
"""By segment the model package that scored it: its `arn` and `version`, such as `clv-early-365/3`."""


def build_forecasts(
    lake: Lake, as_of: date, horizon: Horizon, run_id: str, transform: str, packages: Packages
) -> dict[str, int]:
    """Write `forecasts/horizon_days=H/as_of=D` from the answers below the address `transform`.

    Every row's model_version ends in `@` and its package's version. Return the customers by segment.
    UserError where inputs, outputs and non-lead customers of a segment differ, and nothing is written.
    """
    features = read_frame(lake.files(features_at(as_of)), ["customer_id", "segment"])
    place = below(lake, transform)
    counts, frames = {}, []
    for segment, told in segments_of(lake, as_of, horizon).items():
        given = lake.files(inputs_at(as_of, horizon), f"segment={segment}/") if told["customers"] else []
        said = read_outputs(lake, f"{place}/segment={segment}", given)
        asked = read_frame(given, RETURNED[:1]).customer_id if given else ()
        counts[segment] = reconcile(
            segment, asked, said.customer_id, features.customer_id[features.segment == segment]
        )
        frames.append(_versioned(said, segment, packages) if given else said)
    rows = pd.concat([frame for frame in frames if len(frame)]).sort_values("customer_id", ignore_index=True)
    require_values(rows)
    _write(lake, rows.assign(as_of=as_of, horizon_days=horizon.days), as_of, horizon, run_id)
    return counts


def _write(lake: Lake, rows: pd.DataFrame, as_of: date, horizon: Horizon, run_id: str) -> None:
    partition = forecasts_at(as_of, horizon)
    if due(lake, partition, run_id, replace=True):
        with lake.commit(partition, run_id) as draft:
            write_frame(rows, FORECASTS, draft.folder)


def _versioned(said: pd.DataFrame, segment: str, packages: Packages) -> pd.DataFrame:
    version = packages.get(segment, {}).get("version")
    if not version:
        raise UserError(f"--packages: names no version for segment {segment}, which has forecasts")
    return said.assign(model_version=said.model_version + f"@{version}")
