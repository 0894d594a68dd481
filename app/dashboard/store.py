"""What the pages read of a lake: published weeks, their scores in DuckDB, small tables and records.

Everything that belongs to one run of one week never changes and is kept by its run's id.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.parquet import dataset
from clv.partitions import monitoring_at, scores_at
from clv.s3 import is_s3
from clv.tables import SCORES
from clv.timeline import parse_as_of

FRESH_SECONDS = 60
"""For how long a listing of the lake is believed."""

KEPT_WEEKS = 4
"""Weeks of scores held in memory: 300,000 customers take about 60 MB."""

KEPT_ANSWERS = 512


@dataclass(frozen=True)
class Week:
    """The scores of one t₀ in one lake, and the run that published them."""

    root: str
    as_of: date
    run_id: str

    @property
    def lake(self) -> Lake:
        """The lake that holds them."""
        return Lake.at(self.root)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def scored_days(root: str) -> list[date]:
    """Return the t₀s with published scores, the newest first; UserError where there are none."""
    days = sorted(Lake.at(root).partitions(SCORES.name, "as_of"), reverse=True)
    if not days:
        raise UserError(
            f"{root}: no scores are published here. Run `clv run --lake {root} --as-of YYYY-MM-DD`, "
            "or `make demo` to see a lake that has some"
        )
    return [parse_as_of(day) for day in days]


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def run_of(root: str, as_of: date) -> str:
    """Return the run that published the scores of one t₀; UserError where nothing is committed."""
    commit = Lake.at(root).current(scores_at(as_of))
    if commit is None:
        raise UserError(f"{root}: the scores of {as_of} are gone; choose another week")
    return commit.run_id


def ledger_run(week: Week) -> str:
    """Return the run of the committed ledger, empty without one: a later one may know other consents."""
    return _ledger_run(week.root)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _ledger_run(root: str) -> str:
    commit = Lake.at(root).current("ledger")
    return "" if commit is None else commit.run_id


def ask(week: Week, sql: str, *parameters: object) -> pd.DataFrame:
    """Return what a query of the table `scores` of one week says."""
    return _answer(week.root, week.as_of, week.run_id, sql, parameters)


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _answer(root: str, as_of: date, run_id: str, sql: str, parameters: tuple[object, ...]) -> pd.DataFrame:
    found: pd.DataFrame = _scores(root, as_of, run_id).cursor().execute(sql, list(parameters)).df()
    return found


@st.cache_resource(max_entries=KEPT_WEEKS, show_spinner="Reading the scores …")
def _scores(root: str, as_of: date, run_id: str) -> Any:  # noqa: ARG001 - a part of the key
    """Return a database with the scores of one week in the table `scores`."""
    database = duckdb.connect(":memory:")
    source = source_of(database, Lake.at(root).files(scores_at(as_of)))
    database.execute(f"CREATE TABLE scores AS SELECT * FROM {source}")  # noqa: S608 - our own file names
    return database


def glance(week: Week, sql: str, *parameters: object) -> pd.DataFrame:
    """Return what a query of a few columns says, read from the files: of weeks that are not on the page."""
    return _glanced(week.root, week.as_of, week.run_id, sql, parameters)


@st.cache_data(max_entries=KEPT_ANSWERS, show_spinner=False)
def _glanced(root: str, as_of: date, run_id: str, sql: str, parameters: tuple[object, ...]) -> pd.DataFrame:
    with duckdb.connect(":memory:") as database:
        source = source_of(database, Week(root, as_of, run_id).lake.files(scores_at(as_of)))
        database.execute(f"CREATE VIEW scores AS SELECT * FROM {source}")  # noqa: S608 - our own file names
        found: pd.DataFrame = database.execute(sql, list(parameters)).df()
    return found


def source_of(database: Any, files: list[str]) -> str:
    """Return Parquet files as what stands behind FROM in a query of this database."""
    if not is_s3(files[0]):
        named = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        return f"read_parquet([{named}], hive_partitioning = false)"
    database.register("delivered", dataset(files))
    return "delivered"


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def monitored(root: str, as_of: date, table: str) -> pd.DataFrame | None:
    """Return a table that monitoring wrote about one t₀, None where it has not."""
    lake = Lake.at(root)
    if lake.current(monitoring_at(as_of)) is None:
        return None
    files = lake.files(monitoring_at(as_of), f"{table}/")
    return read_frame(files) if files else None


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def told(root: str, name: str) -> Any:
    """Return a JSON file anywhere in the lake, None where there is none."""
    text = Lake.at(root).read_text(name)
    return None if text is None else json.loads(text)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def names_below(root: str, folder: str) -> list[str]:
    """Return the files below a folder of the lake, sorted."""
    return [entry.name for entry in Lake.at(root).entries(folder)]
