"""What it costs to look at an experiment before its end.

Each look at the usual level is one more chance to be fooled. So the level is spent over time (Lan, DeMets
1983, "Discrete sequential boundaries for clinical trials"), and each look is held against the boundary at
which all looks so far have found something by mistake as often as was spent. Time stands for information:
revenue comes in evenly enough.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import integrate, optimize, stats

from decisions.experiment import Design

Floats = npt.NDArray[np.float64]

POINTS = 1_001
"""Of the grid on which the process between its boundaries is integrated."""
FARTHEST = 8.0
"""Boundaries in standard deviations: beyond, nothing is found by mistake."""


def elapsed(design: Design, as_of: date) -> float:
    """Return the share of the window that has passed, between 0 and 1."""
    return min(max((as_of - design.start).days / design.days, 0.0), 1.0)


def spent(alpha: float, share: float) -> float:
    """Return how much of the level is spent by a share of the time: 4 − 4 Φ(z(1 − α/4) / √share).

    Lan and DeMets' first function, for either side half the level: it comes near O'Brien and Fleming's
    boundaries and leaves nearly all to the end.
    """
    if share <= 0:
        return 0.0
    return float(4 * stats.norm.sf(stats.norm.ppf(1 - alpha / 4) / share**0.5))


def level_now(design: Design, as_of: date, earlier: Sequence[date]) -> float:
    """Return the two-sided level of a test on `as_of` after earlier looks; the design's without any.

    Looks after the end can be repeated: nothing new comes in.
    """
    shares = {elapsed(design, day) for day in earlier if day < min(as_of, design.end)} - {0.0}
    now = elapsed(design, as_of)
    if now == 0:
        return 0.0
    return float(2 * stats.norm.sf(boundaries(design.alpha, [*sorted(shares), now])[-1]))


def boundaries(alpha: float, shares: Sequence[float]) -> list[float]:
    """Return the |z| that a difference must reach at each look, by shares of the time, ascending.

    By recursion on the density of the process that has stayed within all boundaries so far (Armitage,
    McPherson, Rowe 1969; Jennison, Turnbull 2000, Group Sequential Methods, ch. 19).
    """
    found: list[float] = []
    grid, density, before = np.zeros(1), np.ones(1), 0.0
    for share in shares:
        step = (share - before) ** 0.5
        to_spend = spent(alpha, share) - spent(alpha, before)
        place = _boundary(grid, density, step, share**0.5, to_spend)
        inner = np.linspace(-place, place, POINTS)
        density = _integral(density * stats.norm.pdf(inner[:, None], grid, step), grid)
        grid, before = inner, share
        found.append(place / share**0.5)
    return found


def _boundary(grid: Floats, density: Floats, step: float, spread: float, to_spend: float) -> float:
    """Return the boundary beyond which the process steps with the probability to spend."""

    def beyond(place: float) -> float:
        out = stats.norm.sf(place, grid, step) + stats.norm.cdf(-place, grid, step)
        return float(_integral(density * out, grid)) - to_spend

    farthest = FARTHEST * spread
    return farthest if beyond(farthest) >= 0 else float(optimize.brentq(beyond, 0.0, farthest))


def _integral(values: Floats, grid: Floats) -> Floats:
    """Integrate over the grid along the last axis; a grid of one point is a process that stands there."""
    return values[..., 0] if grid.size == 1 else np.asarray(integrate.simpson(values, x=grid))
