"""Frames of the published scores: aggregates for charts, and the rows of one customer."""

import pandas as pd

from app.dashboard.store import Week, ask

HAS_SCORE = "clv_eur IS NOT NULL"
WORTH = "SELECT count(clv_eur) AS customers, sum(clv_eur) AS clv_eur, avg(clv_eur) AS mean_eur FROM scores"
SMALLEST_GROUP = 30


def totals(week: Week) -> "pd.Series[float]":
    """Return one row: customers with a score, leads, sums and means in EUR, horizon in days."""
    sql = f"""
        SELECT count(*) FILTER ({HAS_SCORE}) AS customers, count(*) FILTER (clv_eur IS NULL) AS leads,
               sum(clv_eur) AS clv_eur, sum(baseline_last_year_eur) FILTER ({HAS_SCORE}) AS last_year_eur,
               sum(monetary_365d_eur) FILTER ({HAS_SCORE}) AS year_eur, avg(clv_eur) AS mean_eur,
               median(clv_eur) AS median_eur, avg(p_active) FILTER ({HAS_SCORE}) AS p_active,
               sum(clv_low_eur) AS low_eur, max(horizon_days) AS horizon_days
        FROM scores"""  # noqa: S608
    return ask(week, sql).iloc[0]


def deciles(week: Week) -> pd.DataFrame:
    """Return per decile customers, and the mean and the sum of forecast and of last year's revenue in EUR."""
    return ask(
        week,
        """
        SELECT decile, count(*) AS customers, avg(clv_eur) AS mean_eur, sum(clv_eur) AS clv_eur,
               avg(baseline_last_year_eur) AS last_year_mean_eur, avg(p_active) AS p_active,
               sum(clv_eur) / sum(sum(clv_eur)) OVER () AS share
        FROM scores WHERE decile IS NOT NULL GROUP BY decile ORDER BY decile""",
    )


def concentration(week: Week) -> pd.DataFrame:
    """Return `customers` and `revenue`, cumulative shares from the highest forecast down, in 100 steps."""
    sql = f"""
        WITH ranked AS (
            SELECT clv_eur, row_number() OVER (ORDER BY clv_eur DESC, customer_id) AS place,
                   count(*) OVER () AS n
            FROM scores WHERE {HAS_SCORE}),
        steps AS (
            SELECT ceil(100.0 * place / n) / 100 AS customers, sum(clv_eur) AS eur FROM ranked GROUP BY 1)
        SELECT customers, sum(eur) OVER (ORDER BY customers) / sum(eur) OVER () AS revenue
        FROM steps ORDER BY customers"""  # noqa: S608
    return pd.concat(
        [pd.DataFrame({"customers": [0.0], "revenue": [0.0]}), ask(week, sql)], ignore_index=True
    )


def stages(week: Week) -> pd.DataFrame:
    """Return per segment customers, sums and means in EUR, and the model that scored most of them."""
    return ask(
        week,
        """
        SELECT segment, count(*) AS customers, sum(clv_eur) AS clv_eur, avg(clv_eur) AS mean_eur,
               sum(baseline_last_year_eur) AS last_year_eur, avg(p_active) AS p_active,
               mode(model_version) AS model_version
        FROM scores GROUP BY segment ORDER BY clv_eur DESC NULLS LAST""",
    )


def found(week: Week, text: str, limit: int = 20) -> list[str]:
    """Return ids that begin with a text, of the highest forecasts; those of the base without one."""
    sql = """
        SELECT customer_id FROM scores WHERE starts_with(lower(customer_id), lower(?))
        ORDER BY clv_eur DESC NULLS LAST, customer_id LIMIT ?"""
    return [str(one) for one in ask(week, sql, text.strip(), limit).customer_id]


def customer(week: Week, customer_id: str) -> "pd.Series[float] | None":
    """Return the row of one customer with its rank and the place among all, None where there is none."""
    sql = f"""
        WITH ranked AS (
            SELECT *, CASE WHEN {HAS_SCORE} THEN rank() OVER (ORDER BY clv_eur DESC NULLS LAST) END AS place,
                   count(clv_eur) OVER () AS of_all
            FROM scores)
        SELECT * FROM ranked WHERE customer_id = ?"""  # noqa: S608
    rows = ask(week, sql, customer_id)
    return None if rows.empty else rows.iloc[0]


def groups(week: Week, stages: tuple[str, ...]) -> pd.DataFrame:
    """Return per country and channel customers, sum and mean of the forecast in EUR, without small groups."""
    named = ", ".join("?" for _ in stages)
    sql = f"""
        SELECT coalesce(country, 'not given') AS country,
               coalesce(acquisition_channel, 'not given') AS channel,
               count(*) AS customers, sum(clv_eur) AS clv_eur, avg(clv_eur) AS mean_eur
        FROM scores WHERE {HAS_SCORE} AND segment IN ({named})
        GROUP BY 1, 2 HAVING count(*) >= {SMALLEST_GROUP} ORDER BY 1, 2"""  # noqa: S608
    return ask(week, sql, *stages)
