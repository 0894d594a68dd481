"""The figures of an evaluation by monitored segment, and the bounded list of them for CloudWatch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from clv.errors import UserError
from clv.indicators import ALL, MONITORED, OTHER, TOP_VALUES, segment_value
from clv.segment_report import CROSS


@dataclass(frozen=True)
class Figures:
    """What one segment of customers was forecast and what came; money in EUR, None where undefined.

    The fields are columns of `clv.segment_report`, intervals those of its bootstrap.

    mape_share : share of its customers that the MAPE is of (at least EUR 1 came)
    mape_ratio : its MAPE over that of everybody
    material : large enough to be judged, by `clv.metrics.material`
    """

    dimension: str
    value: str
    customers: int
    predicted_eur: float
    actual_eur: float
    calibration_ratio: float | None
    mape: float | None
    mape_share: float
    rmse: float
    gini_normalised: float | None
    material: bool
    share_of_customers: float | None = None
    share_of_revenue: float | None = None
    mean_predicted_eur: float | None = None
    mean_actual_eur: float | None = None
    mae: float | None = None
    wape: float | None = None
    capture_top10: float | None = None
    calibration_low: float | None = None
    calibration_high: float | None = None
    mape_ratio: float | None = None
    mape_ratio_low: float | None = None
    mape_ratio_high: float | None = None

    @property
    def segment(self) -> str:
        """Return its name for CloudWatch: `all`, or such as `country=DE`."""
        return segment_value(self.dimension, self.value)

    @property
    def name(self) -> str:
        """Return its name for people: `all`, `country=DE`, or `country=DE × device=app`."""
        return CROSS.join(sides(self.dimension, self.value))


def sides(dimension: str, value: str) -> list[str]:
    """Return the names of what a segment is the crossing of; one for a segment of one dimension."""
    if dimension == ALL:
        return [ALL]
    pairs = zip(dimension.split(CROSS), value.split(CROSS), strict=False)
    return [f"{of}={what}" for of, what in pairs]


def read_figures(rows: Sequence[Mapping[str, Any]], where: str) -> tuple[Figures, ...]:
    """Return the `figures` of an evaluation; UserError naming `where` and a column that is missing.

    rows : as `clv.segment_report` makes them, NaN as None

    Models trained before there were intervals stay in force until a better one is approved: their figures
    are taken as exact, so that every flag counts as sure.
    """
    of_all = next((row.get("mape") for row in rows if row["dimension"] == ALL), None)
    try:
        return tuple(_read({**_exact(row, of_all), **row}) for row in rows)
    except KeyError as missing:
        raise UserError(f"{where}: figures have no {missing.args[0]}; evaluate the model again") from None


def _read(told: Mapping[str, Any]) -> Figures:
    """Return the figures of a row; KeyError naming a column without a default that is missing."""
    known: dict[str, Any] = {
        field.name: told[field.name] if field.default is MISSING else told.get(field.name)
        for field in fields(Figures)
    }
    return Figures(**known)


def _exact(row: Mapping[str, Any], mape_of_all: float | None) -> dict[str, float | None]:
    """Return intervals without width."""
    ratio, mape = row.get("calibration_ratio"), row.get("mape")
    relative = mape / mape_of_all if mape is not None and mape_of_all else None
    found = dict.fromkeys(("calibration_low", "calibration_high"), ratio)
    return found | dict.fromkeys(("mape_ratio", "mape_ratio_low", "mape_ratio_high"), relative)


def whole(figures: Sequence[Figures]) -> Figures | None:
    """Return the figures of all customers, None where the evaluation has none."""
    return next((found for found in figures if found.dimension == ALL), None)


def bounded(figures: Sequence[Figures], top: int = TOP_VALUES) -> list[Figures]:
    """Return the figures with at most `top` values of each dimension, by revenue, and one value `other`."""
    kept = [found for found in figures if found.dimension == ALL]
    for dimension in MONITORED:
        own = [found for found in figures if found.dimension == dimension and found.value != OTHER]
        own.sort(key=lambda found: (-found.actual_eur, found.value))
        rest = own[top:] + [
            found for found in figures if found.dimension == dimension and found.value == OTHER
        ]
        kept += own[:top]
        if rest:
            kept.append(together(rest, dimension, OTHER))
    return kept


def together(parts: Sequence[Figures], dimension: str, value: str) -> Figures:
    """Return the figures of several disjoint segments as one; never material, its ranking undefined."""
    customers = sum(part.customers for part in parts)
    predicted = math.fsum(part.predicted_eur for part in parts)
    actual = math.fsum(part.actual_eur for part in parts)
    counted = math.fsum(part.mape_share * part.customers for part in parts)
    errors = math.fsum(
        part.mape * part.mape_share * part.customers for part in parts if part.mape is not None
    )
    squares = math.fsum(part.rmse**2 * part.customers for part in parts)
    return Figures(
        dimension=dimension,
        value=value,
        customers=customers,
        predicted_eur=predicted,
        actual_eur=actual,
        calibration_ratio=predicted / actual if actual > 0 else None,
        mape=errors / counted if counted else None,
        mape_share=counted / customers,
        rmse=math.sqrt(squares / customers),
        gini_normalised=None,
        material=False,
    )
