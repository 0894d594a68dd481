"""What the customer base of one t₀ is worth, who holds it, and in which groups: figures of its scores."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from clv.base_tables import BASE_CONCENTRATION, BASE_DECILES, BASE_GROUPS, BASE_STAGES, BASE_TOTALS
from clv.schema import Table

COLUMNS = (
    "horizon_days", "segment", "country", "acquisition_channel", "decile", "clv_eur", "p_active",
    "baseline_last_year_eur", "monetary_365d_eur", "model_version",
)  # fmt: skip
"""Of the scores, that the figures are made of."""

STEPS = 100
"""Of the curve of concentration."""

NOT_GIVEN = "not given"


def base_figures(scores: pd.DataFrame, as_of: date) -> Mapping[Table, pd.DataFrame]:
    """Return the tables of `clv.base_tables` of one t₀; without a forecast some are empty.

    scores : `COLUMNS`, leads with null money
    """
    known = scores[scores["clv_eur"].notna()]
    found = {
        BASE_TOTALS: _totals(scores, known),
        BASE_DECILES: _deciles(known),
        BASE_CONCENTRATION: _concentration(known),
        BASE_STAGES: _stages(scores),
        BASE_GROUPS: _groups(known),
    }
    return {table: frame.assign(as_of=as_of)[list(table.names)] for table, frame in found.items()}


def _totals(scores: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "horizon_days": [int(scores["horizon_days"].max())],
            "customers": [len(known)],
            "leads": [len(scores) - len(known)],
            "clv_eur": [known["clv_eur"].sum()],
            "mean_eur": [known["clv_eur"].mean()],
            "median_eur": [known["clv_eur"].median()],
            "last_year_eur": [known["baseline_last_year_eur"].sum()],
            "year_eur": [known["monetary_365d_eur"].sum()],
            "p_active": [known["p_active"].mean()],
        }
    )


def _deciles(known: pd.DataFrame) -> pd.DataFrame:
    found = known.groupby("decile", as_index=False).agg(
        customers=("clv_eur", "size"),
        clv_eur=("clv_eur", "sum"),
        mean_eur=("clv_eur", "mean"),
        last_year_mean_eur=("baseline_last_year_eur", "mean"),
        p_active=("p_active", "mean"),
    )
    return found.assign(share=found["clv_eur"] / found["clv_eur"].sum())


def _concentration(known: pd.DataFrame) -> pd.DataFrame:
    """Return the curve in hundredths of the customers, each rounded up to a whole one."""
    if known.empty:
        return pd.DataFrame({"customers": [], "revenue": []}, dtype=np.float64)
    held = np.cumsum(np.sort(known["clv_eur"].to_numpy(np.float64))[::-1])
    steps = np.unique(-(-np.arange(1, len(held) + 1) * STEPS // len(held)))
    last = steps * len(held) // STEPS - 1
    curve = pd.DataFrame({"customers": steps / STEPS, "revenue": held[last] / held[-1]})
    return pd.concat([pd.DataFrame({"customers": [0.0], "revenue": [0.0]}), curve], ignore_index=True)


def _stages(scores: pd.DataFrame) -> pd.DataFrame:
    found = scores.groupby("segment", as_index=False).agg(
        customers=("segment", "size"),
        clv_eur=("clv_eur", _sum),
        mean_eur=("clv_eur", "mean"),
        last_year_eur=("baseline_last_year_eur", _sum),
        p_active=("p_active", "mean"),
        model_version=("model_version", _most),
    )
    return found.sort_values("clv_eur", ascending=False, ignore_index=True)


def _groups(known: pd.DataFrame) -> pd.DataFrame:
    named = known.assign(
        country=known["country"].fillna(NOT_GIVEN), channel=known["acquisition_channel"].fillna(NOT_GIVEN)
    )
    return named.groupby(["segment", "country", "channel"], as_index=False).agg(
        customers=("clv_eur", "size"), clv_eur=("clv_eur", "sum")
    )


def _sum(values: "pd.Series[float]") -> float:
    """Return the sum, null where nothing is known."""
    return float(values.sum(min_count=1))


def _most(values: "pd.Series[str]") -> str | None:
    """Return what most have, the first by name of several; None where nobody has any."""
    counts = values.value_counts()
    return None if counts.empty else str(min(counts[counts == counts.max()].index))
