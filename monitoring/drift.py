"""Drift: how far the customers and scores of a week are from those that a profile was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.drift_profile import OTHER, as_numbers, bin_shares, missing_share
from clv.feature_catalogue import CALENDAR
from monitoring.drift_statistics import adjusted, chi_square, ks_distance, ks_p_value, least, stability_index

SHIFTED_PSI, DRIFTED_PSI = 0.10, 0.25
"""From .1 a population has shifted a little, from .25 much: the practice of credit scoring (Lewis 1994, An
Introduction to Credit Scoring; Siddiqi 2006, Credit Risk Scorecards)."""
MISSING_LIMIT = 0.05
"""A column is missing where the share of its empty cells rose by more: the limit of the issue."""
FALSE_DISCOVERIES = 0.01
"""Share of flags, at most, that chance alone raises in one family (Benjamini & Hochberg 1995)."""

NONE = np.zeros(1)
"""Counts of a sample without a known value."""

SCORE_COLUMNS = ("clv_eur", "p_active")
MODEL, WEEK_BEFORE = "model", "week_before"
"""What a week is held against: what training left beside the model in force, or the last week watched."""

Kind = Literal["number", "name", "score"]
Flag = Literal["stable", "shifted", "drifted", "missing"]
Profile = Mapping[str, Any]


@dataclass(frozen=True)
class Drift:
    """One variable of one segment against a profile; a statistic is None where it is undefined.

    variable : column of the features or of the scores
    against : MODEL or WEEK_BEFORE
    flag : `missing` where its cells are; otherwise by the stability index, and only where the difference is
        not chance
    """

    segment: str
    against: str
    variable: str
    kind: Kind
    customers_before: int
    customers_now: int
    missing_share_before: float
    missing_share_now: float
    missing_p_value: float | None
    psi: float | None
    ks_distance: float | None
    chi_square: float | None
    p_value: float | None
    p_adjusted: float | None = None
    missing_p_adjusted: float | None = None
    flag: Flag = "stable"


def drift(segment: str, against: str, before: Profile, now: pd.DataFrame) -> list[Drift]:
    """Return the columns of a profile that a table has too, in the profile's order.

    Columns that follow the calendar alone are left out: they differ by design. P-values are adjusted within
    two families, features and scores, and so are those of missing cells.

    before : as `clv.drift_profile.profile` makes it
    now : the customers of the segment, a row each
    """
    kinds: dict[str, Kind] = {
        **{name: "score" if name in SCORE_COLUMNS else "number" for name in before["numeric"]},
        **dict.fromkeys(before["categorical"], "name"),
    }
    found = [
        _compared(segment, against, name, kind, before, now[name])
        for name, kind in kinds.items()
        if name in now and name not in CALENDAR
    ]
    features, scores = (
        [each for each in found if (each.kind == "score") == of_scores] for of_scores in (False, True)
    )
    return [*_judged(features), *_judged(scores)]


def drifted(found: Sequence[Drift], *, scores: bool) -> list[Drift]:
    """Return what has drifted from the model's profile: scores, or features."""
    return [
        each
        for each in found
        if each.against == MODEL and each.flag == "drifted" and (each.kind == "score") == scores
    ]


def newly_missing(found: Sequence[Drift]) -> list[str]:
    """Return the names of the columns whose cells are missing, against either profile, sorted."""
    return sorted({each.variable for each in found if each.flag == "missing"})


def worst_psi(found: Sequence[Drift], *, scores: bool) -> float | None:
    """Return the greatest stability index of scores, or of features, against the model's profile."""
    known = [
        each.psi
        for each in found
        if each.against == MODEL and (each.kind == "score") == scores and each.psi is not None
    ]
    return max(known, default=None)


def drift_frame(found: Sequence[Drift], **keys: object) -> pd.DataFrame:
    """Return the table `drift`, flagged variables first, then by index; `keys` are added to every row."""
    worst_first = sorted(found, key=lambda each: (each.flag == "stable", -(each.psi or 0.0)))
    columns = [*Drift.__dataclass_fields__, *keys]
    return pd.DataFrame([{**vars(each), **keys} for each in worst_first], columns=columns)


def _compared(
    segment: str, against: str, name: str, kind: Kind, before: Profile, values: "pd.Series[Any]"
) -> Drift:
    told = before["categorical" if kind == "name" else "numeric"][name]
    then_shares, now_shares, empty = _levels(told, values) if kind == "name" else _bins(told, values)
    customers, rows = before["customers"], len(values)
    missing = np.array([customers * told["missing_share"], rows * empty])
    known = np.array([customers, rows]) - missing
    some = bool(then_shares and now_shares)
    then, today = (
        (known[0] * np.array(then_shares), known[1] * np.array(now_shares)) if some else (NONE, NONE)
    )
    tested, distance = chi_square(then, today), None if kind == "name" else ks_distance(then, today)
    cells = chi_square(*np.column_stack([missing, known]))
    return Drift(
        segment=segment,
        against=against,
        variable=name,
        kind=kind,
        customers_before=customers,
        customers_now=rows,
        missing_share_before=told["missing_share"],
        missing_share_now=empty,
        missing_p_value=None if cells is None else cells[1],
        psi=stability_index(then, today),
        ks_distance=distance,
        chi_square=None if tested is None else tested[0],
        p_value=_p_value(tested, distance, known),
    )


def _p_value(
    tested: tuple[float, float] | None, distance: float | None, known: npt.NDArray[np.float64]
) -> float | None:
    """Return the least p-value of the tests that are defined; `known` counts the cells of both samples."""
    p_values = [] if tested is None else [tested[1]]
    if distance is not None:
        p_values.append(ks_p_value(distance, known[0], known[1]))
    return least(p_values)


def _bins(told: Profile, values: "pd.Series[Any]") -> tuple[list[float], list[float], float]:
    """Return the shares of the bins then and now, and the share of cells without a finite number now."""
    numbers = as_numbers(values)
    return told["shares"], bin_shares(numbers, told["edges"]), missing_share(numbers)


def _levels(told: Profile, values: "pd.Series[Any]") -> tuple[list[float], list[float], float]:
    """Return the shares of the levels then and now, new ones together, and the share of empty cells now."""
    levels = [*(level for level in told["shares"] if level != OTHER), OTHER]
    known = values.dropna().astype(str)
    shares = known.where(known.isin(levels), OTHER).value_counts(normalize=True)
    then = [told["shares"].get(level, 0.0) for level in levels]
    empty = 1 - len(known) / len(values) if len(values) else 0.0
    return then, [float(shares.get(level, 0.0)) for level in levels], empty


def _judged(family: Sequence[Drift]) -> list[Drift]:
    differs = adjusted([each.p_value for each in family])
    misses = adjusted([each.missing_p_value for each in family])
    return [
        replace(each, p_adjusted=p, missing_p_adjusted=m, flag=_flag(each, p, m))
        for each, p, m in zip(family, differs, misses, strict=True)
    ]


def _flag(found: Drift, differs: float | None, misses: float | None) -> Flag:
    rise = found.missing_share_now - found.missing_share_before
    if rise > MISSING_LIMIT and misses is not None and misses <= FALSE_DISCOVERIES:
        return "missing"
    if found.psi is None or differs is None or differs > FALSE_DISCOVERIES or found.psi < SHIFTED_PSI:
        return "stable"
    return "drifted" if found.psi >= DRIFTED_PSI else "shifted"
