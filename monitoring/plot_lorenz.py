"""Drawing: how unequally revenue is spread over customers, as forecast at several t₀s and as it came."""

from collections.abc import Sequence

from monitoring.spread import POINTS, Spread
from monitoring.svg import Drawing, Scale

SIZE, LEFT, TOP, BOTTOM, LEGEND = 380, 40, 14, 34, 280
LINES = ("#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08306b")
"""From the oldest to the newest."""


def lorenz_drawing(spreads: Sequence[Spread]) -> Drawing:
    """Return the curves in one square, dashed where they are of what came, and their Gini beside it."""
    drawing = Drawing(SIZE + LEGEND, SIZE, "Lorenz curves")
    across, up = Scale(0, 1, LEFT, SIZE - 10), Scale(0, 1, SIZE - BOTTOM, TOP)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line((across(tick), up(0)), (across(tick), up(1)), "grid")
        drawing.line((across(0), up(tick)), (across(1), up(tick)), "grid")
        drawing.text((across(tick), up(0) + 15), f"{tick:.0%}", "tick", "middle")
        drawing.text((LEFT - 4, up(tick) + 4), f"{tick:.0%}", "tick", "end")
    drawing.line((across(0), up(0)), (across(1), up(1)), "one")
    drawing.text((across(0.5), SIZE - 3), "customers, from the lowest up", "tick", "middle")
    for place, one in enumerate(spreads):
        color = LINES[max(len(LINES) - len(spreads) + place, 0)] if not one.came else "#333"
        style = f"stroke:{color};" + ("stroke-dasharray:5 3" if one.came else "")
        drawing.path([(across(x), up(y)) for x, y in zip(POINTS, one.revenue, strict=True)], "curve", style)
        y = TOP + 16 + 20 * place
        drawing.path([(SIZE + 6, y - 4), (SIZE + 30, y - 4)], "curve", style)
        drawing.text((SIZE + 36, y), f"{one.label}: Gini {one.gini:.3f}")
    return drawing
