"""Predicted over actual revenue of every monitored group of customers, with the luck of who is in it."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.bootstrap import INTERVAL
from clv.group_draws import Floats, drawn_sums
from clv.judged import ROUNDING
from clv.metrics import material
from clv.segment_figures import ALL, DIMENSIONS, clv_band, words

CELL = "cell"
"""Dimension of the crossing country × channel × stage × band."""
CROSSED = ("country", "acquisition_channel", "segment", "clv_band")
REST = "all other cells"
COLUMNS = (
    "dimension",
    "value",
    "customers",
    "share_of_customers",
    "share_of_revenue",
    "predicted_eur",
    "actual_eur",
    "calibration_ratio",
    "low",
    "high",
    "relative",
    "relative_low",
    "relative_high",
    "material",
)


def group_calibration(
    customers: pd.DataFrame,
    n_resamples: int = 200,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the calibration of everybody, of every group and of every material cell.

    `calibration_ratio` is Σ predicted / Σ actual of the group. `relative` is that over the ratio of
    everybody: a season lifts or lowers all groups at once, which no draw of customers knows of, so this is
    what a customer bootstrap can judge.

    Parameters
    ----------
    customers
        As `clv.segment_figures.segment_figures`, in any order.
    n_resamples, seed
        Of the bootstrap over customers (Efron and Tibshirani 1993, ch. 6), one draw for all groups.
    columns
        Other dimensions than those monitored, each with the column it is read from; then there is no `cell`.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, a row per dimension (`all`; stage, country, channel, device, clv_band; `cell`,
        country × channel × stage × band) and value. Cells that are not material are one row, which is not
        material either. Intervals are 95 % percentile intervals; ratios are NaN where what they divide by is
        not positive, their intervals also where that is so in any draw. No row where there is no customer.
    """
    if customers.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = customers.sort_values("customer_id", ignore_index=True)
    names, codes = _groups(rows.assign(clv_band=clv_band(rows)), columns)
    said, came = rows["clv_eur"].to_numpy(np.float64), rows["label_eur"].to_numpy(np.float64)
    values = [said, came, np.abs(came)]
    kinds, cells = np.unique(codes, axis=0, return_inverse=True)
    member = (kinds[:, :, None] == np.arange(len(names))).any(axis=1).astype(np.float64)
    draws = drawn_sums(values, cells, member, n_resamples, seed)
    drawn = np.array([_ratios(sums) for sums in draws])
    sums = np.stack([np.bincount(cells, value) for value in values]) @ member
    return _table(names, np.bincount(codes.ravel()), sums, drawn)


def _groups(
    rows: pd.DataFrame, columns: Mapping[str, str] | None
) -> tuple[list[tuple[str, str]], npt.NDArray[np.intp]]:
    """Return the groups, everybody first, and the number of each row's groups, shape (rows, dimensions)."""
    named = {ALL: pd.Series(ALL, index=rows.index)}
    named |= {dimension: words(rows[column]) for dimension, column in (columns or DIMENSIONS).items()}
    if columns is None:
        named[CELL] = _cells(rows)
    names: list[tuple[str, str]] = []
    codes = []
    for dimension, values in named.items():
        code, found = pd.factorize(values, sort=True)
        codes.append(code + len(names))
        names += [(dimension, str(value)) for value in found]
    return names, np.stack(codes, axis=1)


def _cells(rows: pd.DataFrame) -> "pd.Series[str]":
    named = pd.concat([words(rows[column]) for column in CROSSED], axis=1)
    cells = named.agg(" × ".join, axis=1)
    groups = rows.groupby(cells)["label_eur"]
    total = float(rows["label_eur"].sum())
    shares = groups.sum() / total if total > 0 else groups.sum() * 0.0
    sizes = zip(groups.size().index, groups.size().tolist(), shares.tolist(), strict=True)
    kept = [cell for cell, n, share in sizes if material(n, len(rows), share)]
    return cells.where(cells.isin(kept), REST)


def _ratios(sums: Floats) -> Floats:
    """Return the ratio of each group, and that over the ratio of everybody; shape (2, groups).

    sums : by group, of predicted, of actual and of |actual|
    """
    predicted, actual, absolute = sums
    positive = np.where(actual > ROUNDING * absolute, actual, np.nan)
    ratio = predicted / positive
    everybody = ratio[0] if ratio[0] > 0 else np.nan
    return np.stack([ratio, ratio / everybody])


def _table(
    names: list[tuple[str, str]],
    customers: npt.NDArray[np.intp],
    sums: Floats,
    drawn: Floats,
) -> pd.DataFrame:
    predicted, actual, absolute = sums
    ratio, relative = _ratios(sums)
    low, high = np.quantile(drawn, INTERVAL, axis=0)
    whole = actual[0] if actual[0] > ROUNDING * absolute[0] else np.nan
    found = pd.DataFrame(
        {
            "dimension": [dimension for dimension, _ in names],
            "value": [value for _, value in names],
            "customers": customers,
            "share_of_customers": customers / customers[0],
            "share_of_revenue": actual / whole,
            "predicted_eur": predicted,
            "actual_eur": actual,
            "calibration_ratio": ratio,
            "low": low[0],
            "high": high[0],
            "relative": relative,
            "relative_low": low[1],
            "relative_high": high[1],
        }
    )
    found["material"] = _material(found)
    return found


def _material(found: pd.DataFrame) -> list[bool]:
    """Return which groups are; all other cells together are not, for none of them is."""
    groups = (found[name].tolist() for name in ("value", "customers", "share_of_revenue"))
    everybody = int(found["customers"].iloc[0])
    return [value != REST and material(n, everybody, share) for value, n, share in zip(*groups, strict=True)]
