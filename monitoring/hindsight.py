"""Hindsight: what was said at earlier t₀s against what has come since, long before their horizons close."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.indicators import ALL, CALIBRATION_HIGH, CALIBRATION_LOW
from clv.metrics import material
from clv.monitoring_tables import HINDSIGHT
from clv.segments import SCORED
from monitoring.accrual import Expected
from monitoring.outcomes import milestones

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

COMPARED = ("expected_eur", "expected_share", "years", "ratio", "ratio_low", "ratio_high")

NORMAL_95 = 1.959964
"""Half the width of a 95 % interval in standard errors."""


@dataclass(frozen=True)
class Said:
    """The published forecasts of an earlier t₀ and what came: a row per customer with a forecast.

    segment, clv_eur : shape (customers,)
    came_eur : shape (customers, milestones), by the milestones of `monitoring.outcomes`
    expected : by segment, what share of the horizon's revenue usually has come by them
    """

    as_of: date
    horizon_days: int
    segment: Words
    clv_eur: Floats
    came_eur: Floats
    expected: Mapping[str, Expected]


def hindsight(said: Sequence[Said], as_of: date) -> pd.DataFrame:
    """Return the table `hindsight` of a run at `as_of`: a row per earlier t₀, segment and milestone passed.

    `ratio` is what came over what was expected to have come, Σ clv_eur × share. Its 95 % interval is normal,
    of both the luck of who is in the sample (customers resampled: the infinitesimal jackknife) and the error
    of the accrual curve; the two are taken as independent. A flag is raw where the ratio is outside the
    limits, sure where its interval is; segments that are not material have none.
    """
    rows = [row for one in said for row in _rows(one, as_of)]
    return pd.DataFrame(rows, columns=list(HINDSIGHT.names))


def warnings(found: pd.DataFrame) -> pd.DataFrame:
    """Return the sure flags of the newest t₀ that has passed each milestone, horizons still open alone."""
    early = found[found["days"] < found["horizon_days"]]
    newest = early.groupby("days")["scored_as_of"].transform("max")
    return early[(early["scored_as_of"] == newest) & early["sure"].astype(bool)]


def _rows(one: Said, as_of: date) -> Iterator[dict[str, Any]]:
    everybody = np.ones(len(one.segment), dtype=bool)
    groups = {ALL: everybody, **{name: one.segment == name for name in SCORED}}
    for place, days in enumerate(milestones(one.horizon_days)):
        for name, own in groups.items():
            if days <= (as_of - one.as_of).days and own.any():
                yield {
                    "as_of": as_of,
                    "horizon_days": one.horizon_days,
                    "scored_as_of": one.as_of,
                    "segment": name,
                    "days": days,
                    "customers": int(own.sum()),
                    "said_eur": float(one.clv_eur[own].sum()),
                    "came_eur": float(one.came_eur[own, place].sum()),
                    **_compared(one, own, place),
                }


def _compared(one: Said, own: Mask, place: int) -> dict[str, Any]:
    """Return what was expected by a milestone, the ratio to it with its interval, and the flags."""
    parts = [(one.expected[name], own & (one.segment == name)) for name in SCORED]
    parts = [(curve, mask) for curve, mask in parts if mask.any()]
    due = sum(np.where(mask, one.clv_eur * curve.share[place], 0.0) for curve, mask in parts)
    of_curve = sum((one.clv_eur[mask].sum() * curve.error[place]) ** 2 for curve, mask in parts)
    came, total = np.where(own, one.came_eur[:, place], 0.0), float(np.sum(due))
    if not total > 0:
        return dict.fromkeys(COMPARED) | {"flag": False, "sure": False}
    ratio = float(came.sum()) / total
    luck = (((came - ratio * due) / total) ** 2).sum()
    half = NORMAL_95 * float(np.sqrt(luck + of_curve * (ratio / total) ** 2))
    judged = _material(one, own, place)
    return {
        "expected_eur": total,
        "expected_share": total / float(one.clv_eur[own].sum()),
        "years": min(curve.years for curve, _ in parts),
        "ratio": ratio,
        "ratio_low": ratio - half,
        "ratio_high": ratio + half,
        "flag": judged and not CALIBRATION_LOW <= ratio <= CALIBRATION_HIGH,
        "sure": judged and (ratio - half > CALIBRATION_HIGH or ratio + half < CALIBRATION_LOW),
    }


def _material(one: Said, own: Mask, place: int) -> bool:
    came = one.came_eur[:, place]
    total = float(came.sum())
    return material(int(own.sum()), len(own), float(came[own].sum()) / total if total > 0 else 0.0)
