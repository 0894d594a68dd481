"""Is the data sound: quarantine, reconciliation, empty cells, volume."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from clv.segments import LEAD

MAY_BE_UNKNOWN = (
    *("clv_median_eur", "clv_low_eur", "clv_high_eur", "driver_start_eur"),
    *(f"driver_{place}{unit}" for place in (1, 2, 3) for unit in ("", "_eur")),
)
"""Columns of the scores that are null where too little has closed, or fewer drivers have an effect."""


def quarantined_share(lines: Iterable[Mapping[str, Any]], what: str) -> float:
    """Return the greatest share in quarantine of a raw table: of its `rows`, or of its money in `cents`.

    lines : the ledger's accounts, with table, fate, rows and cents; excluded rows do not count.
    """
    bad: dict[str, int] = {}
    total: dict[str, int] = {}
    for line in lines:
        if line["fate"] != "excluded":
            amount = abs(line[what])
            total[line["table"]] = total.get(line["table"], 0) + amount
            bad[line["table"]] = bad.get(line["table"], 0) + (line["fate"] == "quarantined") * amount
    return max((bad[table] / total[table] for table in total if total[table]), default=0.0)


def reconciliation_gap(features: pd.DataFrame, scores: pd.DataFrame) -> int:
    """Return how many customers are wrong in the scores; 0 if each is there once, and forecast unless a lead.

    features : customer_id, segment of everybody known at t₀
    scores : customer_id, segment, clv_eur as published
    """
    repeated = int(scores.customer_id.duplicated().sum())
    both = features.merge(
        scores.drop_duplicates("customer_id"),
        "outer",
        on="customer_id",
        suffixes=("", "_said"),
        indicator=True,
    )
    there = both["_merge"] == "both"
    lead = both["segment"] == LEAD
    wrong = ~there | (both["segment"] != both["segment_said"]) | (both["clv_eur"].isna() != lead)
    return repeated + int(wrong.sum())


def missing_share_worst(scores: pd.DataFrame) -> float:
    """Return the greatest share of empty cells of a column, over customers with a forecast; 0 without any."""
    scored = scores[scores["segment"] != LEAD].drop(columns=list(MAY_BE_UNKNOWN), errors="ignore")
    return float(scored.isna().mean().max()) if len(scored) else 0.0


def volume_change(now: int, before: int | None) -> float | None:
    """Return how the customers scored grew against the scores before, as a share; None without any before."""
    return now / before - 1 if before else None
