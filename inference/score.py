"""Verb: the forecasts of one t₀ by the committed models."""

from datetime import date

import pandas as pd

from clv.errors import UserError
from clv.frames import write_frame
from clv.lake import Lake
from clv.models.catalogue import load_model
from clv.partitions import forecasts_at, model_at
from clv.segments import SCORED
from clv.snapshots import snapshot
from clv.tables import FORECASTS
from clv.timeline import Horizon
from inference.forecast import forecast_frame


def score(lake: Lake, as_of: date, horizon: Horizon, run_id: str) -> None:
    """Write `forecasts/horizon_days=H/as_of=D`: every non-lead customer by the model of its segment.

    UserError where a segment has no model of this horizon.
    """
    frame = snapshot(lake, as_of, horizon, labelled=False)
    parts = []
    for segment in SCORED:
        commit = lake.current(model_at(segment, horizon))
        if commit is None:
            raise UserError(
                f"{lake.url(model_at(segment, horizon))}: no model of {horizon.days} days; train first"
            )
        folder = lake.path(model_at(segment, horizon)) / f"run={commit.run_id}"
        model = load_model(folder, horizon.days)
        rows = frame[frame.segment == segment]
        if len(rows):
            parts.append(forecast_frame(model, rows))
    said = pd.concat(parts, ignore_index=True).assign(as_of=as_of, horizon_days=horizon.days)
    with lake.commit(forecasts_at(as_of, horizon), run_id) as draft:
        write_frame(said, FORECASTS, draft.folder)
