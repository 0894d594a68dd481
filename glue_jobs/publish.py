"""Verb: collect the forecasts of one t₀ into the published scores."""

from datetime import date

import pandas as pd

from clv.errors import UserError
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import features_at, forecasts_at, scores_at
from clv.tables import SCORES
from clv.timeline import Horizon
from glue_jobs.collect import TAKEN_OVER, collect


def published_horizon(lake: Lake, as_of: date) -> int | None:
    """Return the horizon of the scores committed for this t₀, None where there are none."""
    if lake.current(scores_at(as_of)) is None:
        return None
    return int(read_frame(lake.files(scores_at(as_of)), ["horizon_days"]).horizon_days.iloc[0])


def publish(lake: Lake, as_of: date, horizon: Horizon, run_id: str) -> pd.DataFrame:
    """Write `scores/as_of=D` from the committed features and forecasts and return the scores."""
    features = read_frame(lake.files(features_at(as_of)), list(TAKEN_OVER))
    scores = collect(features, read_frame(lake.files(forecasts_at(as_of, horizon))), horizon)
    with lake.commit(scores_at(as_of), run_id) as draft:
        write_frame(scores, SCORES, draft.folder)
    return scores


def check_horizon(lake: Lake, as_of: date, horizon: Horizon, *, replace: bool) -> None:
    """Raise UserError where scores of another horizon stand for this t₀ and may not be replaced."""
    standing = published_horizon(lake, as_of)
    if standing not in {None, horizon.days} and not replace:
        raise UserError(
            f"{lake.url(scores_at(as_of))}: holds scores of {standing} days; say --replace to put "
            f"{horizon.days} days in their place"
        )
