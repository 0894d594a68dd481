"""Inputs, outputs and customers must be the same people, each once, before anything is published."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from clv.errors import UserError

INTERVAL = ["clv_low_eur", "clv_median_eur", "clv_high_eur"]
DRIVERS = [f"driver_{place}{unit}" for place in (1, 2, 3) for unit in ("", "_eur")]
FORECAST = ["clv_eur", *INTERVAL, "p_active", "driver_start_eur", *DRIVERS]
"""What a model says of a customer."""


def reconcile(segment: str, inputs: Iterable[str], outputs: Iterable[str], customers: Iterable[str]) -> int:
    """Return how many customers of a segment were asked for, forecast and are to be published: one number.

    inputs, outputs, customers : customer_id of each row handed to the model, of each row it returned, and of
        each customer of the segment in the features.

    UserError naming the first difference, where a key is null, repeated, missing or not asked for.
    """
    given = {"inputs": inputs, "outputs": outputs, "customers": customers}
    keys = {name: _once(segment, name, list(found)) for name, found in given.items()}
    _same(segment, "inputs", keys["inputs"], keys["customers"], "customers of the features")
    _same(segment, "outputs", keys["outputs"], keys["inputs"], "customers asked for")
    return len(keys["outputs"])


def require_values(forecasts: pd.DataFrame) -> None:
    """Raise UserError unless every row has finite clv_eur and p_active and the version of its model.

    Also where median and interval are known by halves, or not in order.
    """
    figures = forecasts[["clv_eur", "p_active"]].to_numpy("float64", na_value=np.nan)
    bad = int((~np.isfinite(figures).all(axis=1) | forecasts.model_version.isna().to_numpy()).sum())
    if bad:
        raise UserError(f"{bad} of {len(forecasts)} forecasts without a finite value or a model's version")
    low, median, high = (forecasts[name].to_numpy("float64", na_value=np.nan) for name in INTERVAL)
    unknown = np.isnan([low, median, high]).all(axis=0)
    apart = int((~unknown & ~((low <= median) & (median <= high) & np.isfinite(high - low))).sum())
    if apart:
        raise UserError(f"{apart} of {len(forecasts)} forecasts whose median is not within a finite interval")


def _once(segment: str, name: str, found: list[str]) -> set[str]:
    nulls = int(pd.isna(np.array(found, dtype=object)).sum())
    if nulls:
        raise UserError(f"{segment} {name}: {nulls} of {len(found)} rows without a customer_id")
    keys = set(found)
    if len(keys) != len(found):
        raise UserError(f"{segment} {name}: {len(found) - len(keys)} customers more than once")
    return keys


def _same(segment: str, name: str, found: set[str], wanted: set[str], whom: str) -> None:
    if found == wanted:
        return
    missing, unasked = wanted - found, found - wanted
    example = min(missing or unasked)
    raise UserError(
        f"{segment} {name}: {len(missing)} of {len(wanted)} {whom} missing, {len(unasked)} not among them "
        f"(such as {example}); nothing is published"
    )
