"""Whether the treatment does harm: return on spend or conversion clearly below the control's."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Level = Literal["none", "warning", "harm"]

WARNING_BELOW, HARM_BELOW = -0.05, -0.10
"""Relative to the control: more than 5 % worse is a warning, more than 10 % is harm."""


@dataclass(frozen=True)
class Harm:
    """One figure of both arms; `raw` judges the estimate, `sure` the upper end of its interval.

    relative : treatment / control − 1; NaN unless the control's figure is positive
    """

    figure: str
    control: float
    treatment: float
    relative: float
    low: float
    high: float

    @property
    def raw(self) -> Level:
        """Return the level of the estimate."""
        return level(self.relative)

    @property
    def sure(self) -> Level:
        """Return the level that the whole interval lies in, or beyond."""
        return level(self.high)

    def told(self) -> dict[str, Any]:
        """Return all figures and both levels by name."""
        return asdict(self) | {"raw": self.raw, "sure": self.sure}


def level(relative: float) -> Level:
    """Return how bad a relative difference is; an undefined one is none."""
    if relative < HARM_BELOW:
        return "harm"
    return "warning" if relative < WARNING_BELOW else "none"


def judged(figure: str, estimates: tuple[float, float], draws: tuple[Floats, Floats], alpha: float) -> Harm:
    """Return the harm flag of a figure from (control, treatment), estimated and in bootstrap resamples."""
    control, treatment = estimates
    undefined = float("nan")
    if not control > 0:
        return Harm(figure, control, treatment, undefined, undefined, undefined)
    low = high = undefined
    if (draws[0] > 0).all():
        low, high = np.quantile(draws[1] / draws[0] - 1, [alpha / 2, 1 - alpha / 2]).tolist()
    return Harm(figure, control, treatment, treatment / control - 1, low, high)


def roi(revenue_eur: Any, cost_eur: Any, margin: float) -> Any:
    """Return what a euro spent left over: (margin × revenue − cost) / cost; NaN without cost."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.divide(margin * np.asarray(revenue_eur), np.asarray(cost_eur)) - 1
    return np.where(np.isfinite(found), found, np.nan)
