"""What one customer did and was said to be worth, from the ledger and from earlier scores."""

from collections.abc import Sequence
from datetime import date

import duckdb
import pandas as pd
import streamlit as st

from app.dashboard import queries
from app.dashboard.store import Week, glance, run_of, source_of

SHOWN_WEEKS = 12


@st.cache_data(max_entries=128, ttl=600, show_spinner=False)
def _months(root: str, as_of: date, run_id: str, customer_id: str) -> pd.DataFrame:
    with duckdb.connect(":memory:") as database:
        source = source_of(database, Week(root, as_of, run_id).lake.files("ledger", "entries/"))
        sql = f"""
            SELECT date_trunc('month', entry_ts) AS month, sum(amount_eur_cents)::BIGINT / 100 AS eur,
                   count(*) FILTER (kind = 'sale') AS sales
            FROM {source}
            WHERE customer_id = ? AND entry_ts < ? AND known_ts < ?
            GROUP BY 1 ORDER BY 1"""  # noqa: S608 - our own file names
        found: pd.DataFrame = database.execute(sql, [customer_id, as_of, as_of]).df()
    return found


def months(week: Week, customer_id: str) -> pd.DataFrame:
    """Return `month`, net `eur` and the number of `sales` that were known at t₀."""
    return _months(week.root, week.as_of, week.run_id, customer_id)


def earlier_scores(week: Week, days: Sequence[date], customer_id: str) -> pd.DataFrame:
    """Return `as_of` and `clv_eur` of the newest weeks up to this one in which the customer has a score."""
    sql = f"SELECT as_of, clv_eur FROM scores WHERE customer_id = ? AND {queries.HAS_SCORE}"  # noqa: S608
    chosen = [day for day in days if day <= week.as_of][:SHOWN_WEEKS]
    weeks = [Week(week.root, day, run_of(week.root, day)) for day in chosen]
    return pd.concat([glance(one, sql, customer_id) for one in weeks]).sort_values("as_of", ignore_index=True)
