"""What a table's columns looked like: the baseline that later weeks are held against."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

QUANTILES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BIN_QUANTILES = QUANTILES[2:11]
"""Tenths: the bins of the population stability index."""
REST_QUANTILES = (0.2, 0.4, 0.6, 0.8)
"""Fifths of the rest, where one value is so frequent that tenths fall together."""
MAX_LEVELS = 30
OTHER = "(other)"
"""Together, the levels of a name beyond the 30 most frequent."""


def profile(frame: pd.DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> dict[str, Any]:
    """Return the profile of a table as JSON-ready values; row order does not matter.

    Returns
    -------
    dict
        `customers`, the number of rows. `numeric`: by column `missing_share`; `quantiles` of the known values
        by level; `edges` of its bins (see below), and `shares` of the known rows in (−∞, e₀], (e₀, e₁], …,
        (eₙ, ∞), the last one empty where eₙ is the largest. `categorical`: by column `missing_share` and
        `shares` of the known rows by level. Shares add up to 1; a column without a known value, and an empty
        table, have empty ones.

    Notes
    -----
    Edges are the distinct tenths. Where some fall together, most often at 0, the most frequent value gets a
    bin of its own and the others are cut at their fifths too: among customers of whom nine in ten have no web
    event, tenths alone would not see that the tenth one has ten times as many.
    """
    return {
        "customers": len(frame),
        "numeric": {name: _numbers(frame[name]) for name in numeric},
        "categorical": {name: _names(frame[name]) for name in categorical},
    }


def bin_shares(values: npt.ArrayLike, edges: Sequence[float]) -> list[float]:
    """Return the shares of finite values in the bins of `edges` (see `profile`), one more than edges."""
    numbers = np.asarray(values, dtype=np.float64)
    known = numbers[np.isfinite(numbers)]
    places = np.searchsorted(np.asarray(edges, dtype=np.float64), known, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    return [float(count) / known.size for count in counts] if known.size else []


def as_numbers(values: "pd.Series[Any]") -> Floats:
    """Return a column of numbers or booleans as floats, NaN where a cell is empty."""
    known = values.astype("boolean") if values.dtype == object else values
    return known.to_numpy(dtype=np.float64, na_value=np.nan)


def missing_share(numbers: Floats) -> float:
    """Return the share of numbers that are not finite; 0 of none."""
    return _missing(int(np.isfinite(numbers).sum()), numbers.size)


def _numbers(values: "pd.Series[Any]") -> dict[str, Any]:
    numbers = as_numbers(values)
    finite = numbers[np.isfinite(numbers)]
    missing = missing_share(numbers)
    if finite.size == 0:
        return {"missing_share": missing, "quantiles": {}, "edges": [], "shares": []}
    found = np.quantile(finite, QUANTILES, method="inverted_cdf")
    by_level = dict(zip(QUANTILES, found.tolist(), strict=True))
    edges = _edges(finite, [by_level[level] for level in BIN_QUANTILES])
    return {
        "missing_share": missing,
        "quantiles": {f"{level:g}": value for level, value in by_level.items()},
        "edges": edges,
        "shares": bin_shares(finite, edges),
    }


def _edges(known: Floats, tenths: list[float]) -> list[float]:
    distinct = set(tenths)
    if len(distinct) == len(tenths):
        return tenths
    values, counts = np.unique(known, return_counts=True)
    frequent = float(values[counts.argmax()])
    rest = known[known != frequent]
    fifths = np.quantile(rest, REST_QUANTILES, method="inverted_cdf").tolist() if rest.size else []
    return sorted({*distinct, *fifths, frequent, float(np.nextafter(frequent, -np.inf))})


def _names(values: "pd.Series[Any]") -> dict[str, Any]:
    counts = values.dropna().astype(str).value_counts()
    ranked = sorted(counts.items(), key=lambda found: (-found[1], str(found[0])))
    known = int(counts.sum())
    shares = {str(level): count / known for level, count in ranked[:MAX_LEVELS]}
    if len(ranked) > MAX_LEVELS:
        shares[OTHER] = sum(count for _, count in ranked[MAX_LEVELS:]) / known
    return {"missing_share": _missing(known, len(values)), "shares": shares}


def _missing(known: int, rows: int) -> float:
    return (rows - known) / rows if rows else 0.0
