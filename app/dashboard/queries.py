"""Frames of the published scores: aggregates for charts, and the rows of one customer."""

import pandas as pd

from app.dashboard.base import base
from app.dashboard.store import Week, ask
from clv.base_tables import BASE_CONCENTRATION, BASE_DECILES, BASE_GROUPS, BASE_STAGES, BASE_TOTALS

HAS_SCORE = "clv_eur IS NOT NULL"
WORTH = "SELECT count(clv_eur) AS customers, sum(clv_eur) AS clv_eur, avg(clv_eur) AS mean_eur FROM scores"
SMALLEST_GROUP = 30


def totals(week: Week) -> "pd.Series[float]":
    """Return the row of `base_totals`."""
    return base(week, BASE_TOTALS).iloc[0]


def deciles(week: Week) -> pd.DataFrame:
    """Return `base_deciles`, the lowest first."""
    return base(week, BASE_DECILES)


def concentration(week: Week) -> pd.DataFrame:
    """Return `base_concentration`, from no customer to all."""
    return base(week, BASE_CONCENTRATION)


def stages(week: Week) -> pd.DataFrame:
    """Return `base_stages`, the one with the most revenue first."""
    return base(week, BASE_STAGES)


def found(week: Week, text: str, limit: int = 20) -> list[str]:
    """Return ids that begin with a text, of the highest forecasts; those of the base without one."""
    sql = """
        SELECT customer_id FROM scores WHERE starts_with(lower(customer_id), lower(?))
        ORDER BY clv_eur DESC NULLS LAST, customer_id LIMIT ?"""
    return [str(one) for one in ask(week, sql, text.strip(), limit).customer_id]


def customer(week: Week, customer_id: str) -> "pd.Series[float] | None":
    """Return the row of one customer with its `place` among `of_all`, which a lead lacks; None without it."""
    rows = ask(week, "SELECT * FROM scores WHERE customer_id = ?", customer_id)
    if rows.empty:
        return None
    clv_eur = rows.clv_eur.iloc[0]
    above = "SELECT 1 + count(*) FILTER (clv_eur > ?) AS place, count(clv_eur) AS of_all FROM scores"
    among = ask(week, above, clv_eur).iloc[0]
    place = among.place if pd.notna(clv_eur) else float("nan")
    row: pd.Series[float] = pd.concat([rows.iloc[0], pd.Series({"place": place, "of_all": among.of_all})])
    return row


def groups(week: Week, stages: tuple[str, ...]) -> pd.DataFrame:
    """Return per country and channel customers, sum and mean of the forecast in EUR, without small groups."""
    rows = base(week, BASE_GROUPS)
    keys = ["country", "channel"]
    found = rows[rows.segment.isin(stages)].groupby(keys, as_index=False)[["customers", "clv_eur"]].sum()
    large = found[found.customers >= SMALLEST_GROUP].reset_index(drop=True)
    return large.assign(mean_eur=large.clv_eur / large.customers)
