"""What the charts of a plan say, on the dashboard and in the report, and the bars of its outcomes."""

from typing import Any

import numpy as np
import pandas as pd

from app.report import words

BINS = 40
EDGES = (0.005, 0.995)
"""Quantiles between which outcomes are drawn; those beyond are put into the outermost bars."""
FRONTIER_NOTE = (
    "Efficient: no plan found has more profit at no more risk. Dashed: no plan at all lies above. "
    "A negative loss is a profit."
)


def curve_says(curve: pd.DataFrame, budget_eur: float) -> str:
    """Return what a spend curve says: what the first money brings, and one euro more of the budget."""
    first, at = curve.iloc[0], curve.iloc[(curve["budget_eur"] - budget_eur).abs().argmin()]
    begins = f"The first {words.eur(first.spent_eur)} bring {words.eur_short(first.profit_eur)}"
    if at.marginal_roi <= 0:
        return f"{begins}; more than {words.eur(at.spent_eur)} would bring nothing"
    more = words.eur(at.marginal_roi, 2)
    return f"{begins}; at {words.eur(at.spent_eur)} one euro more brings {more} beyond itself"


def frontier_says(kept: pd.DataFrame) -> str:
    """Return what the efficient plans say, which are sorted by profit, least first."""
    most = kept.iloc[-1]
    best = f"Most profit: {words.eur_short(most.profit_eur)}"
    if most.cvar_eur <= 0:
        return f"{best}, and {words.eur_short(-most.cvar_eur)} even in bad outcomes"
    lost, safer = words.eur_short(most.cvar_eur), kept[kept["cvar_eur"] <= most.cvar_eur / 2]
    if safer.empty:
        return f"{best}, with {lost} lost in bad outcomes"
    given_up = words.eur_short(most.profit_eur - safer["profit_eur"].max())
    return f"{best}, with {lost} lost in bad outcomes; half that loss costs {given_up} of profit"


def tornado_says(rows: pd.DataFrame) -> str:
    """Return what the widest row of a sensitivity says."""
    widest = rows.iloc[0]
    return (
        f"Profit depends most on the {widest.figure}: {words.eur_short(widest.profit_low_eur)} to "
        f"{words.eur_short(widest.profit_high_eur)}"
    )


def lost_says(told: dict[str, Any]) -> str:
    """Return how many outcomes of a plan lose money."""
    return f"{words.percent(told['risk']['loss_probability'], 1)} of outcomes end in a loss"


def histogram(profit_eur: "pd.Series[float]") -> pd.DataFrame:
    """Return `low`, `high` and `share` of bars of equal width with an edge at 0, and whether each `loses`."""
    low, high = profit_eur.quantile(list(EDGES))
    width = (high - low) / BINS or 1.0
    edges = np.arange(np.floor(low / width), np.ceil(high / width) + 1) * width
    counts, _ = np.histogram(profit_eur.clip(edges[0], edges[-1]), edges)
    return pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "share": counts / len(profit_eur), "loses": edges[1:] <= 0}
    )
