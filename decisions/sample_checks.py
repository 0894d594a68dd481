"""Whether the arms that are analysed are those that were drawn: numbers and balance."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

Floats = npt.NDArray[np.float64]

SRM_ALPHA = 0.001
"""Fabijan et al. (2019), "Diagnosing sample ratio mismatch in online controlled experiments": below it."""

SMD_LIMIT = 0.1
"""Austin (2009), "Balance diagnostics …": a standardised mean difference beyond it is an imbalance."""


def sample_ratio(control: int, treatment: int, treatment_share: float) -> dict[str, Any]:
    """Return the chi-square test of the numbers of customers against the declared shares.

    `mismatch` says that the split is not the one declared: then no figure of the experiment can be trusted.
    """
    total = control + treatment
    expected = [total * (1 - treatment_share), total * treatment_share]
    p_value = float(stats.chisquare([control, treatment], expected).pvalue) if total else float("nan")
    return {
        "control": control,
        "treatment": treatment,
        "treatment_share": treatment_share,
        "p_value": p_value,
        "mismatch": not p_value >= SRM_ALPHA,
    }


def balance(
    customers: pd.DataFrame, treated: npt.NDArray[np.bool_], columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the standardised mean difference of each column as known before the experiment.

    (mean₁ − mean₀) / √((var₁ + var₀) / 2); 0 where nothing varies. Text columns give one row for each value.
    `sure` says that more than the luck of the draw is beyond the limit: the 95 % interval is.
    """
    luck = stats.norm.ppf(0.975) * np.sqrt(1 / max(treated.sum(), 1) + 1 / max((~treated).sum(), 1))
    return [
        {
            "column": name,
            "smd": smd,
            "imbalanced": abs(smd) > SMD_LIMIT,
            "sure": bool(abs(smd) - luck > SMD_LIMIT),
        }
        for column in columns
        for name, values in _numbers(customers[column])
        for smd in [_smd(values[treated], values[~treated])]
    ]


def _numbers(column: "pd.Series[Any]") -> list[tuple[str, Floats]]:
    if pd.api.types.is_numeric_dtype(column):
        return [(str(column.name), column.to_numpy(np.float64))]
    values = sorted(column.unique())
    return [(f"{column.name}={value}", (column == value).to_numpy(np.float64)) for value in values]


def _smd(ours: Floats, theirs: Floats) -> float:
    if min(ours.size, theirs.size) < 2:
        return float("nan")
    spread = np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / 2)
    return float((ours.mean() - theirs.mean()) / spread) if spread > 0 else 0.0
