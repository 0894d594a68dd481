"""Which material segments of a model are outside the limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW, MAPE_LIMIT
from monitoring.figures import Figures, whole

STAGE = "stage"


@dataclass(frozen=True)
class Breach:
    """A segment outside a limit: the figure found, None where nothing came, and the limit in words."""

    segment: str
    indicator: str
    found: float | None
    limit: str


def judged(figures: Sequence[Figures]) -> list[Figures]:
    """Return the material segments. A model's own stage is all of its customers: they count once."""
    return [found for found in figures if found.material and found.dimension != STAGE]


def calibration_breaches(figures: Sequence[Figures]) -> list[Breach]:
    """Return the material segments with a calibration ratio outside the limits, which are inside.

    Where nothing came the ratio is undefined: any forecast was too much then.
    """
    limit = f"[{CALIBRATION_LOW}, {CALIBRATION_HIGH}]"
    return [
        Breach(found.segment, "CalibrationRatio", found.calibration_ratio, limit)
        for found in judged(figures)
        if not _calibrated(found)
    ]


def mape_breaches(figures: Sequence[Figures]) -> list[Breach]:
    """Return the material segments whose MAPE is above the limit; none where that of all is undefined."""
    everyone = whole(figures)
    if everyone is None or everyone.mape is None:
        return []
    limit = MAPE_LIMIT * everyone.mape
    return [
        Breach(found.segment, "Mape", found.mape, f"{MAPE_LIMIT} × {everyone.mape:.3f}")
        for found in judged(figures)
        if found.mape is not None and found.mape > limit
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


def _calibrated(found: Figures) -> bool:
    if found.calibration_ratio is None:
        return found.predicted_eur <= 0
    return CALIBRATION_LOW <= found.calibration_ratio <= CALIBRATION_HIGH
