"""The figures of every monitored group, pairs of dimensions too, with the luck of who is in it."""

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from clv.bootstrap import INTERVAL
from clv.group_draws import Floats, drawn_sums
from clv.judged import MAPE_MIN_ACTUAL_EUR, ROUNDING
from clv.metrics import material
from clv.segment_figures import ALL, COLUMNS, DIMENSIONS, clv_band, group_figures, segment_figures, words

CROSS = " × "
INTERVALS = ("calibration_low", "calibration_high", "mape_ratio", "mape_ratio_low", "mape_ratio_high")
REPORT_COLUMNS = (*COLUMNS, *INTERVALS)


def segment_report(customers: pd.DataFrame, n_resamples: int = 200, seed: int = 0) -> pd.DataFrame:
    """Return the rows of `segment_figures`, then material pairs of dimensions, all with 95 % intervals.

    Parameters
    ----------
    customers
        As `clv.segment_figures.segment_figures`, in any order.
    n_resamples, seed
        Of the bootstrap over customers (Efron and Tibshirani 1993, ch. 6), one draw for all groups.

    Returns
    -------
    pandas.DataFrame
        The columns `REPORT_COLUMNS`. A pair has a dimension such as `country × channel` and a value such as
        `DE × search`; there is none that is all of one of its sides, which would repeat it.
        `mape_ratio` is the MAPE over that of everybody. Intervals are percentiles of the draws, rounded
        outwards; a bound is NaN where it is unbounded, as that of the calibration ratio where nothing may
        have come, or undefined. No row where there is no customer.

    Raises
    ------
    ValueError
        As `segment_figures`.
    """
    if customers.empty:
        return pd.DataFrame(columns=list(REPORT_COLUMNS))
    rows = customers.sort_values("customer_id", ignore_index=True)
    rows = rows.assign(clv_band=clv_band(rows), **{c: words(rows[c]) for c in list(DIMENSIONS.values())[:-1]})
    figures = segment_figures(rows)
    pairs = _pairs(rows, figures.iloc[0])
    found = pd.DataFrame([*figures.to_dict("records"), *pairs], columns=list(COLUMNS))
    named = list(zip(found["dimension"], found["value"], strict=True))
    low, high = _drawn_intervals(rows, named, n_resamples, seed)
    mape_ratio = found["mape"] / found["mape"].iloc[0] if found["mape"].iloc[0] > 0 else np.nan
    return found.assign(
        calibration_low=low[0],
        calibration_high=high[0],
        mape_ratio=mape_ratio,
        mape_ratio_low=low[1],
        mape_ratio_high=high[1],
    )


def _pairs(rows: pd.DataFrame, everybody: "pd.Series[float]") -> list[dict[str, Any]]:
    """Return the figures of the material pairs; values sorted."""
    n, whole = int(everybody["customers"]), float(everybody["actual_eur"] / everybody["share_of_revenue"])
    found: list[dict[str, Any]] = []
    for one, other in combinations(DIMENSIONS, 2):
        sides = rows[DIMENSIONS[one]], rows[DIMENSIONS[other]]
        sizes = [side.value_counts() for side in sides]
        for names, some in rows.groupby(list(sides), sort=True):
            part = all(len(some) < size[name] for size, name in zip(sizes, names, strict=True))
            if part and material(len(some), n, float(some["label_eur"].sum()) / whole):
                found.append(group_figures(f"{one}{CROSS}{other}", CROSS.join(names), some, n, whole))
    return found


def _drawn_intervals(
    rows: pd.DataFrame, named: list[tuple[str, str]], n_resamples: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the lower and upper bounds of calibration ratio and MAPE ratio, each of shape (2, groups)."""
    by_cell = rows.sort_values([*DIMENSIONS.values(), "customer_id"], ignore_index=True)
    alike = by_cell[list(DIMENSIONS.values())]
    first = (alike != alike.shift()).any(axis=1).to_numpy()
    kinds = alike[first].set_axis(list(DIMENSIONS), axis=1)
    member = np.stack([_members(kinds, dimension, value) for dimension, value in named], axis=1)
    draws = drawn_sums(_summed(by_cell), np.cumsum(first) - 1, member, n_resamples, seed)
    return _outward(np.stack([_ratios(sums) for sums in draws]))


def _outward(drawn: Floats) -> tuple[Floats, Floats]:
    """Return the percentiles of draws of shape (draws, …), the nearest draws outside; NaN if not finite."""
    ordered, last = np.sort(drawn, axis=0), len(drawn) - 1
    low, high = ordered[math.floor(INTERVAL[0] * last)], ordered[math.ceil(INTERVAL[1] * last)]
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def _members(kinds: pd.DataFrame, dimension: str, value: str) -> Floats:
    """Return 1 for the cells of a group, else 0."""
    if dimension == ALL:
        return np.ones(len(kinds))
    names = [kinds[one] for one in dimension.split(CROSS)]
    text = names[0] if len(names) == 1 else names[0] + CROSS + names[1]
    return (text == value).to_numpy(np.float64)


def _summed(rows: pd.DataFrame) -> list[Floats]:
    """Return what is added up by group: said, came, |came|, relative errors and how many these are."""
    said, came = rows["clv_eur"].to_numpy(np.float64), rows["label_eur"].to_numpy(np.float64)
    counted = came >= MAPE_MIN_ACTUAL_EUR
    relative = np.abs(said - came) / np.where(counted, came, 1.0) * counted
    return [said, came, np.abs(came), relative, counted.astype(np.float64)]


def _ratios(sums: Floats) -> Floats:
    """Return calibration ratio (infinite if nothing came) and MAPE over that of everybody."""
    said, came, absolute, relative, counted = sums
    positive = came > ROUNDING * absolute
    unbounded = np.where(said > 0, np.inf, np.nan)
    ratio = np.divide(said, came, out=unbounded, where=positive)
    mape = np.divide(relative, counted, out=np.full_like(relative, np.nan), where=counted > 0)
    return np.stack([ratio, mape / mape[0] if mape[0] > 0 else np.full_like(mape, np.nan)])
