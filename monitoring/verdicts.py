"""Which material segments of a model are outside the limits, and which of them surely.

A flag is raw where the figure itself is outside, and sure where its whole interval is: in a small segment one
large customer moves the figure, and nobody should be woken by luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW, MAPE_LIMIT
from clv.segment_report import CROSS
from monitoring.figures import Figures, whole

STAGE = "stage"


@dataclass(frozen=True)
class Breach:
    """A segment outside a limit: the figure found, None where nothing came, and the limit in words.

    sure : whether its interval, from `low` to `high` (None: unbounded), is outside as well
    """

    segment: str
    indicator: str
    found: float | None
    limit: str
    low: float | None
    high: float | None
    sure: bool


def judged(figures: Sequence[Figures]) -> list[Figures]:
    """Return the material segments. A model's own stage is all of its customers: they count once."""
    return [found for found in figures if found.material and found.dimension != STAGE]


def calibration_breaches(figures: Sequence[Figures]) -> list[Breach]:
    """Return the material segments with a calibration ratio outside the limits, which are inside.

    Where nothing came the ratio is undefined: any forecast was too much then.
    """
    limit = f"[{CALIBRATION_LOW}, {CALIBRATION_HIGH}]"
    return [
        Breach(
            found.name,
            "CalibrationRatio",
            found.calibration_ratio,
            limit,
            found.calibration_low,
            found.calibration_high,
            surely_outside(found),
        )
        for found in judged(figures)
        if outside(found)
    ]


def mape_breaches(figures: Sequence[Figures]) -> list[Breach]:
    """Return the material segments whose MAPE is above the limit; none where that of all is undefined."""
    everyone = whole(figures)
    if everyone is None or everyone.mape is None:
        return []
    limit = f"{MAPE_LIMIT} × {everyone.mape:.3f}"
    return [
        Breach(
            found.name,
            "Mape",
            found.mape,
            limit,
            scaled(found.mape_ratio_low, everyone.mape),
            scaled(found.mape_ratio_high, everyone.mape),
            surely_at_risk(found),
        )
        for found in judged(figures)
        if found.mape is not None and at_risk(found, everyone.mape)
    ]


def breaches(figures: Sequence[Figures]) -> list[Breach]:
    """Return all flags of both kinds."""
    return [*calibration_breaches(figures), *mape_breaches(figures)]


def sure(found: Sequence[Breach]) -> list[Breach]:
    """Return the flags that are sure."""
    return [breach for breach in found if breach.sure]


def news(found: Sequence[Breach]) -> list[Breach]:
    """Return the sure flags without pairs of which a side is flagged for the same: it explains them."""
    certain = sure(found)
    known = {(breach.indicator, breach.segment) for breach in certain}
    return [
        breach
        for breach in certain
        if CROSS not in breach.segment
        or not known & {(breach.indicator, side) for side in breach.segment.split(CROSS)}
    ]


def worst_calibration_gap(figures: Sequence[Figures]) -> float | None:
    """Return the greatest |calibration ratio − 1| of a material segment, None where none has a ratio."""
    ratios = [found.calibration_ratio for found in judged(figures)]
    return max((abs(ratio - 1) for ratio in ratios if ratio is not None), default=None)


def worst_mape_ratio(figures: Sequence[Figures]) -> float | None:
    """Return the greatest MAPE of a material segment over that of all, None where undefined."""
    everyone = whole(figures)
    if everyone is None or not everyone.mape:
        return None
    return max((f.mape / everyone.mape for f in judged(figures) if f.mape is not None), default=None)


def outside(found: Figures) -> bool:
    """Say whether a calibration ratio is outside the limits; undefined ones are if anything was forecast."""
    if found.calibration_ratio is None:
        return found.predicted_eur > 0
    return not CALIBRATION_LOW <= found.calibration_ratio <= CALIBRATION_HIGH


def surely_outside(found: Figures) -> bool:
    """Say whether the whole interval of the ratio is on one side of the limits.

    Where nothing came in any draw, the ratio and its lower bound are undefined: that is sure too.
    """
    low, high = found.calibration_low, found.calibration_high
    if not outside(found):
        return False
    if low is None:
        return found.calibration_ratio is None
    return low > CALIBRATION_HIGH or (high is not None and high < CALIBRATION_LOW)


def at_risk(found: Figures, mape_of_all: float) -> bool:
    """Say whether a segment's MAPE is above the limit."""
    return found.mape is not None and found.mape > MAPE_LIMIT * mape_of_all


def surely_at_risk(found: Figures) -> bool:
    """Say whether the whole interval of the MAPE over that of everybody is above the limit."""
    return found.mape_ratio_low is not None and found.mape_ratio_low > MAPE_LIMIT


def scaled(ratio: float | None, unit: float) -> float | None:
    """Return a ratio in units of what it was divided by; None stays None."""
    return None if ratio is None else ratio * unit
