"""What it costs to look at an experiment before its end.

Each look at the usual level is one more chance to be fooled: with eight weekly looks at 5 % about a fifth of
the experiments without effect seem to have one. So the level is spent over time.
"""

from collections.abc import Sequence
from datetime import date

from scipy import stats

from decisions.experiment import Design


def elapsed(design: Design, as_of: date) -> float:
    """Return the share of the window that has passed, between 0 and 1."""
    return min(max((as_of - design.start).days / design.days, 0.0), 1.0)


def spent(alpha: float, share: float) -> float:
    """Return how much of the level may be spent by a share of the time: 2 − 2 Φ(z(1 − α/2) / √share).

    Lan, DeMets (1983), "Discrete sequential boundaries for clinical trials": the function that leads to
    O'Brien and Fleming's boundaries, which leave nearly all to the end.
    """
    if share <= 0:
        return 0.0
    return float(2 * stats.norm.sf(stats.norm.ppf(1 - alpha / 2) / share**0.5))


def level_now(design: Design, as_of: date, earlier: Sequence[date]) -> float:
    """Return the level of a test on `as_of`: what has come free since the last look before the end.

    The levels of all looks add up to the design's at most, so that the probability of a false finding in any
    of them does (Bonferroni). A look after the end can be repeated: nothing new comes in.
    """
    before = [elapsed(design, day) for day in earlier if day < min(as_of, design.end)]
    return spent(design.alpha, elapsed(design, as_of)) - spent(design.alpha, max(before, default=0.0))
