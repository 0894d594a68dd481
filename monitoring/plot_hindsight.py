"""Drawings: what was said at earlier t₀s against what has come."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from clv.indicators import ALL, CALIBRATION_HIGH, CALIBRATION_LOW
from clv.segments import SCORED
from monitoring.plot_segments import flag_class
from monitoring.svg import Drawing, Scale

Row = Mapping[str, Any]

RATIOS = (0.0, 2.0)
TICKS = (0.0, 0.5, CALIBRATION_LOW, 1.0, CALIBRATION_HIGH, 1.5, 2.0)
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 296, 240, 30, 30, 26
WIDE = 1_260
DATE = 66
"""Pixels of a date."""
MOST_T0S = 14
"""Of a drawing: the newest."""
ASIDE = {ALL: 0.0, **dict(zip(SCORED, (-6.0, 6.0), strict=True))}


def ratio_drawing(rows: Sequence[Row], days: int) -> Drawing | None:
    """Return what came over what was expected by one milestone, a mark per t₀ and segment; None without any.

    rows : of the table `hindsight`
    """
    own = [row for row in rows if row["days"] == days and row["ratio"] is not None]
    t0s = sorted({row["scored_as_of"] for row in own})[-MOST_T0S:]
    if not t0s:
        return None
    drawing = Drawing(WIDTH, HEIGHT, f"came over expected after {days} days")
    up = Scale(*RATIOS, HEIGHT - BOTTOM, TOP)
    drawing.text((LEFT, 14), f"after {days} days: came / expected", "head")
    drawing.box((LEFT, up(CALIBRATION_HIGH)), (WIDTH, up(CALIBRATION_LOW)), "band")
    for tick in TICKS:
        drawing.line((LEFT, up(tick)), (WIDTH, up(tick)), "one" if tick == 1 else "grid")
        drawing.text((LEFT - 5, up(tick) + 4), f"{tick:g}", "tick", "end")
    step = (WIDTH - LEFT) / len(t0s)
    for row in own:
        if row["scored_as_of"] in t0s:
            middle = LEFT + step * (t0s.index(row["scored_as_of"]) + 0.5)
            _mark(drawing, up, middle + ASIDE[row["segment"]], row)
    _dates(drawing, t0s, step, LEFT, HEIGHT - 8)
    return drawing


def amount_drawing(rows: Sequence[Row]) -> Drawing | None:
    """Return what was expected and what came by the last milestone passed of each t₀; None without any."""
    newest: dict[Any, Row] = {}
    for row in sorted(rows, key=lambda row: row["days"]):
        if row["segment"] == ALL and row["expected_eur"] is not None:
            newest[row["scored_as_of"]] = row
    t0s = sorted(newest)[-MOST_T0S:]
    if not t0s:
        return None
    width, height, left = WIDE, HEIGHT + 24, 70
    most = max(max(newest[day]["expected_eur"], newest[day]["came_eur"]) for day in t0s)
    drawing, up = Drawing(width, height, "expected and come"), Scale(0, most or 1.0, height - 50, TOP)
    for share in (0.0, 0.5, 1.0):
        drawing.line((left, up(share * most)), (width, up(share * most)), "grid")
        drawing.text((left - 5, up(share * most) + 4), f"{share * most:,.0f}", "tick", "end")
    drawing.text((left, 14), "EUR by the last milestone passed: expected (grey), came (coloured)", "head")
    step = (width - left) / len(t0s)
    for place, day in enumerate(t0s):
        row, middle, half = newest[day], left + step * (place + 0.5), min(step / 3, 22)
        of = flag_class(raw=row["flag"], sure=row["sure"])
        drawing.box((middle - half, up(row["expected_eur"])), (middle, up(0)), "expected")
        drawing.box((middle, up(max(row["came_eur"], 0))), (middle + half, up(0)), f"bar {of}")
        drawing.text((middle, height - 34), f"day {row['days']}", "tick", "middle")
    _dates(drawing, t0s, step, left, height - 18)
    return drawing


def _mark(drawing: Drawing, up: Scale, x: float, row: Row) -> None:
    of = f"{flag_class(raw=row['flag'], sure=row['sure'])} of-{row['segment']}"
    if row["ratio_low"] is not None:
        drawing.line((x, up(row["ratio_low"])), (x, up(row["ratio_high"])), of)
    drawing.dot((x, up(row["ratio"])), of, 3.5 if row["segment"] == ALL else 2.5)


def _dates(drawing: Drawing, t0s: Sequence[Any], step: float, left: float, y: float) -> None:
    """Write the t₀s below a drawing, as many as have room."""
    every = math.ceil(DATE / step)
    for place, day in enumerate(t0s):
        if (len(t0s) - 1 - place) % every == 0:
            middle = min(left + step * (place + 0.5), drawing.width - DATE / 2)
            drawing.text((middle, y), f"{day}", "tick", "middle")
