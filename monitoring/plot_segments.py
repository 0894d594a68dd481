"""Drawing: the calibration ratio of every segment with its interval, and the band it should be in."""

from collections.abc import Mapping, Sequence
from typing import Any

from clv.indicators import ALL, CALIBRATION_HIGH, CALIBRATION_LOW, MONITORED
from clv.segment_report import CROSS
from monitoring.figures import sides
from monitoring.svg import Drawing, Scale

Row = Mapping[str, Any]

RATIOS = (0.0, 2.0)
TICKS = (0.0, 0.5, CALIBRATION_LOW, 1.0, CALIBRATION_HIGH, 1.5, 2.0)
WIDTH, LABELS, RIGHT = 620, 272, 60
MOST = 38
"""Letters of a name."""
ROW, TOP, BOTTOM = 19, 26, 30


def calibration_drawing(rows: Sequence[Row], title: str) -> Drawing:
    """Return the drawing of the material segments of one judgement, flagged pairs of dimensions below them.

    rows : of the table `segment_report`
    """
    shown = shown_rows(rows)
    height = TOP + ROW * len(shown) + BOTTOM
    drawing, across = Drawing(WIDTH, height, title), Scale(*RATIOS, LABELS, WIDTH - RIGHT)
    foot = height - BOTTOM
    drawing.box((across(CALIBRATION_LOW), TOP), (across(CALIBRATION_HIGH), foot), "band")
    for tick in TICKS:
        drawing.line((across(tick), TOP), (across(tick), foot), "one" if tick == 1 else "grid")
        drawing.text((across(tick), foot + 14), f"{tick:g}", "tick", "middle")
    drawing.text((LABELS, 14), "forecast / came", "head")
    drawing.text((WIDTH, 14), "customers", "head", "end")
    for place, row in enumerate(shown):
        _draw(drawing, across, TOP + ROW * (place + 0.5), row)
    return drawing


def shown_rows(rows: Sequence[Row]) -> list[Row]:
    """Return everybody, then the material segments by dimension, greatest first, then pairs.

    Pairs are shown where they are surely out of calibration and neither side is.
    """
    kept = [row for row in rows if row["material"]]
    found = [row for row in kept if row["dimension"] == ALL]
    for dimension in MONITORED:
        own = [row for row in kept if row["dimension"] == dimension and row["share_of_customers"] < 1]
        found += sorted(own, key=_by_size)
    certain = [row for row in kept if row["surely_out_of_calibration"]]
    known = {side for row in certain if row["dimension"] in MONITORED for side in _sides(row)}
    pairs = [row for row in certain if len(_sides(row)) > 1 and not known & set(_sides(row))]
    return found + sorted(pairs, key=_by_size)


def _sides(row: Row) -> list[str]:
    return sides(row["dimension"], row["value"])


def flag_class(*, raw: bool, sure: bool) -> str:
    """Return the class of a figure: sure, raw, or fine."""
    return "sure" if sure else "raw" if raw else "fine"


def _by_size(row: Row) -> tuple[float, str]:
    return -row["customers"], row["value"]


def _draw(drawing: Drawing, across: Scale, y: float, row: Row) -> None:
    of = flag_class(raw=row["out_of_calibration"], sure=row["surely_out_of_calibration"])
    named = "all customers" if row["dimension"] == ALL else CROSS.join(_sides(row))
    shown = named.replace("=", " ").replace("_", " ")
    drawing.text((LABELS - 10, y + 4), shown if len(shown) <= MOST else f"{shown[: MOST - 1]}…", of, "end")
    drawing.text((WIDTH, y + 4), f"{row['customers']:,}", "tick", "end")
    low, high = row["calibration_low"], row["calibration_high"]
    if low is not None:
        drawing.line((across(low), y), (across(RATIOS[1] if high is None else high), y), of)
    ratio = row["calibration_ratio"]
    if ratio is None or not across.holds(ratio):
        words = "nothing came" if ratio is None else f"→ {ratio:.1f}"
        drawing.text((across(RATIOS[1]) - 2, y - 2), words, of, "end")
    else:
        drawing.dot((across(ratio), y), of)
