"""How unequally revenue is spread over customers: the Lorenz curve, short enough for a page."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.metrics import lorenz

POINTS = np.linspace(0.0, 1.0, 51)


@dataclass(frozen=True)
class Spread:
    """One Lorenz curve: share of revenue of the lowest customers, at 51 even shares of customers."""

    label: str
    revenue: tuple[float, ...]
    gini: float
    came: bool = False


def spread(label: str, amounts_eur: npt.ArrayLike, *, came: bool = False) -> Spread | None:
    """Return the curve of some amounts; None where their total is not positive."""
    curve = lorenz(amounts_eur)
    if not np.isfinite(curve.revenue).all():
        return None
    revenue = np.interp(POINTS, curve.customers, curve.revenue)
    area = float(((curve.revenue[1:] + curve.revenue[:-1]) * np.diff(curve.customers)).sum())
    return Spread(label, tuple(revenue.tolist()), 1.0 - area, came)
