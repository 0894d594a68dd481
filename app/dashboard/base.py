"""The customer base summed up: as the weekly run did, else computed from the scores of the week."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from app.dashboard.store import FRESH_SECONDS, KEPT_ANSWERS, KEPT_WEEKS, Week
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import decided_at, scores_at
from clv.schema import Table
from decisions.base_figures import COLUMNS, base_figures
from decisions.decided import Decided, decided


def base(week: Week, table: Table) -> pd.DataFrame:
    """Return one of the tables of `clv.base_tables`."""
    run_id = decided_run(week)
    if run_id is None:
        return _computed(week.root, week.as_of, week.run_id)[table.name]
    return _kept(week.root, week.as_of, run_id, table.name)


def decided_of(week: Week) -> Decided | None:
    """Return what the weekly run decided on these scores, None where it has not."""
    return _decided(week.root, week.as_of, week.run_id)[0]


def decided_run(week: Week) -> str | None:
    """Return the run that decided on these scores, None where none has: all figures are computed then."""
    return _decided(week.root, week.as_of, week.run_id)[1]


@st.cache_resource(ttl=FRESH_SECONDS, show_spinner=False)
def _decided(root: str, as_of: date, run_id: str) -> tuple[Decided | None, str | None]:  # noqa: ARG001 - a part of the key
    found = decided(Lake.at(root), as_of)
    commit = Lake.at(root).current(decided_at(as_of)) if found else None
    return found, None if commit is None else commit.run_id


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _kept(root: str, as_of: date, run_id: str, name: str) -> pd.DataFrame:  # noqa: ARG001 - a part of the key
    return read_frame(Lake.at(root).files(decided_at(as_of), f"{name}/"))


@st.cache_data(max_entries=KEPT_WEEKS, show_spinner="Summing up the scores …")
def _computed(root: str, as_of: date, run_id: str) -> Mapping[str, pd.DataFrame]:  # noqa: ARG001 - a part of the key
    scores = read_frame(Lake.at(root).files(scores_at(as_of)), list(COLUMNS))
    return {table.name: frame for table, frame in base_figures(scores, as_of).items()}
