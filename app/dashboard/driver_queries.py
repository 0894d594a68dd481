"""Frames of published drivers. Of each customer the three largest are named; the rest is one amount."""

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd

from app.dashboard.store import Week, ask, glance, run_of

BY = {
    "country": "country",
    "acquisition channel": "acquisition_channel",
    "device": "device",
    "decile": "CAST(decile AS VARCHAR)",
    "CLV band": "CASE WHEN decile > 8 THEN 'high' WHEN decile > 5 THEN 'medium' ELSE 'low' END",
}
"""What groups are told apart by, and how a query says it."""

Asks = Callable[..., pd.DataFrame]
WEEKS = 26
"""Looked through for another model: half a year."""

REST = "all else together"
SMALLEST_GROUP = 30
_LONG = """
    SELECT customer_id, unnest([driver_1, driver_2, driver_3]) AS driver,
           unnest([driver_1_eur, driver_2_eur, driver_3_eur]) AS eur
    FROM scores WHERE segment = ? AND driver_start_eur IS NOT NULL"""


def explained(week: Week) -> list[str]:
    """Return the segments whose forecasts have drivers."""
    sql = "SELECT DISTINCT segment FROM scores WHERE driver_1 IS NOT NULL ORDER BY segment"
    return [str(one) for one in ask(week, sql).segment]


def spread(week: Week, segment: str, by: Asks = ask) -> pd.DataFrame:
    """Return a row per driver, the largest mean first.

    `customers` whom it is one of the three largest of; `up` and `down`, EUR per customer of the segment; and
    of those customers the quantiles `p5`, `p25`, `p50`, `p75`, `p95` in EUR.
    """
    quantiles = ", ".join(f"quantile_cont(eur, {p / 100}) AS p{p}" for p in (5, 25, 50, 75, 95))
    sql = f"""
        WITH long AS ({_LONG}), n AS (SELECT count(DISTINCT customer_id) AS n FROM long)
        SELECT driver, count(*) AS customers, sum(greatest(eur, 0)) / any_value(n) AS up,
               sum(least(eur, 0)) / any_value(n) AS down, {quantiles}
        FROM long, n WHERE driver IS NOT NULL GROUP BY driver ORDER BY up - down DESC, driver"""  # noqa: S608
    return by(week, sql, segment)


def by_model(week: Week, days: Sequence[date], segment: str) -> pd.DataFrame:
    """Return the drivers of the newest week of each model up to this one, with their place.

    `as_of`, `week` (the same as text), `model`, `driver`, `eur` (mean absolute), `place` (1 = largest).
    """
    found: dict[str, pd.DataFrame] = {}
    for day in [one for one in days if one <= week.as_of][:WEEKS]:
        one = Week(week.root, day, run_of(week.root, day))
        model = glance(
            one, "SELECT mode(model_version) AS model FROM scores WHERE segment = ?", segment
        ).model[0]
        if model is None or str(model) in found:
            continue
        rows = spread(one, segment, glance)
        found[str(model)] = pd.DataFrame(
            {
                "as_of": day,
                "week": str(day),
                "model": str(model),
                "driver": rows.driver,
                "eur": rows.up - rows.down,
                "place": range(1, len(rows) + 1),
            }
        )
    return pd.concat(found.values(), ignore_index=True)


def values(week: Week, segment: str, by: str) -> list[str]:
    """Return the groups of at least 30 customers, those with the highest mean forecast first."""
    sql = f"""
        SELECT {BY[by]} AS name FROM scores WHERE segment = ? AND driver_start_eur IS NOT NULL
        GROUP BY 1 HAVING count(*) >= {SMALLEST_GROUP} AND name IS NOT NULL
        ORDER BY avg(clv_eur) DESC, 1"""  # noqa: S608
    return [str(one) for one in ask(week, sql, segment).name]


def difference(
    week: Week, segment: str, by: str, groups: tuple[str, str]
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Return what makes two groups differ, and the mean forecast of each in EUR.

    The rows are `driver` and `eur`, mean of the first group less that of the second, the largest first, then
    the rest; they add up to the difference of the means.
    """
    sql = f"""
        WITH people AS (SELECT customer_id, clv_eur, {BY[by]} AS name FROM scores
                        WHERE segment = ? AND driver_start_eur IS NOT NULL),
        long AS ({_LONG})
        SELECT name, driver, sum(eur) / (SELECT count(*) FROM people WHERE people.name = joined.name) AS eur
        FROM (SELECT * FROM long JOIN people USING (customer_id)) AS joined
        WHERE driver IS NOT NULL AND name IN (?, ?) GROUP BY name, driver"""  # noqa: S608
    long = ask(week, sql, segment, segment, *groups)
    means = [_mean(week, segment, by, group) for group in groups]
    wide = long.pivot_table(index="driver", columns="name", values="eur", fill_value=0.0)
    one, other = (wide[group] if group in wide else 0.0 * wide.sum(axis=1) for group in groups)
    gap = one - other
    ordered = gap.loc[gap.abs().sort_values(ascending=False, kind="stable").index]
    rest = (means[0] - means[1]) - float(ordered.sum())
    named = pd.DataFrame({"driver": ordered.index, "eur": ordered.to_numpy()})
    return _with_rest(named, rest), (means[0], means[1])


def _mean(week: Week, segment: str, by: str, group: str) -> float:
    sql = f"""
        SELECT avg(clv_eur) AS mean FROM scores
        WHERE segment = ? AND driver_start_eur IS NOT NULL AND {BY[by]} = ?"""  # noqa: S608
    return float(ask(week, sql, segment, group)["mean"].iloc[0])


KEPT_DRIVERS = 8


def _with_rest(rows: pd.DataFrame, rest: float) -> pd.DataFrame:
    """Return the largest rows, and one for all others with what no driver names."""
    kept = rows.head(KEPT_DRIVERS)
    left = rest + float(rows.eur.iloc[KEPT_DRIVERS:].sum())
    return pd.concat([kept, pd.DataFrame([(REST, left)], columns=["driver", "eur"])], ignore_index=True)
