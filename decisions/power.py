"""How small an effect an experiment can see, and how long it must run, from what customers did before.

All formulas are the two-sided normal ones; z(p) is the normal quantile.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from decisions.effects import winsorised

Floats = npt.NDArray[np.float64]

WINSOR_QUANTILE = 0.995
"""Share of customers left as they are: the cap takes the few whose one order decides a mean."""


class Arms(NamedTuple):
    """Customers of the two arms, and the errors allowed."""

    control: int
    treatment: int
    alpha: float = 0.05
    power: float = 0.8


def mde_mean(spread: float, arms: Arms) -> float:
    """Return the smallest difference of means that is found with the given power.

    (z(1 − α/2) + z(power)) σ √(1/n₀ + 1/n₁), σ = `spread`, the standard deviation of one customer
    (for example van Belle 2008, Statistical Rules of Thumb, eq. 2.1).
    """
    z = stats.norm.ppf(1 - arms.alpha / 2) + stats.norm.ppf(arms.power)
    return float(z * spread * np.sqrt(1 / arms.control + 1 / arms.treatment))


def mde_share(share: float, arms: Arms) -> float:
    """Return by how much a share must fall for it to be found with the given power, NaN if even 0 would not.

    Solves z(1 − α/2) √(p̄ (1 − p̄) (1/n₀ + 1/n₁)) + z(power) √(p₀ (1 − p₀)/n₀ + p₁ (1 − p₁)/n₁) = p₀ − p₁
    for p₁ (Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, ch. 4).
    """

    def missing(lower: float) -> float:
        return _needed(share, lower, arms) - (share - lower)

    if not 0 < share < 1 or missing(0.0) > 0:
        return float("nan")
    return share - float(optimize.brentq(missing, 0.0, share))


def _needed(control: float, treatment: float, arms: Arms) -> float:
    n0, n1 = arms.control, arms.treatment
    pooled = (n0 * control + n1 * treatment) / (n0 + n1)
    under_none = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    under_some = np.sqrt(control * (1 - control) / n0 + treatment * (1 - treatment) / n1)
    return float(stats.norm.ppf(1 - arms.alpha / 2) * under_none + stats.norm.ppf(arms.power) * under_some)


def cap_of(value: Floats) -> float:
    """Return the cap of winsorised values: a high quantile of history, at least one euro."""
    return max(float(np.quantile(value, WINSOR_QUANTILE)), 1.0)


def unexplained(outcome: Floats, covariate: Floats) -> float:
    """Return √(1 − ρ²), what CUPED leaves of the standard deviation; 1 where the covariate says nothing."""
    if not np.ptp(outcome) or not np.ptp(covariate):
        return 1.0
    return float(np.sqrt(1 - np.corrcoef(outcome, covariate)[0, 1] ** 2))


def power_table(
    outcome: Floats, covariate: Floats, caps: tuple[float, float], arms: Arms
) -> list[dict[str, Any]]:
    """Return, for three ways to measure, the smallest difference of revenue per customer that is found.

    Parameters
    ----------
    outcome, covariate
        Revenue of a past window of the experiment's length in EUR, and what was known before it, shape (n,).
    caps
        At which outcome and covariate are winsorised.

    Returns
    -------
    list of dict
        `method`, `mean_eur` of history, `standard_deviation_eur`, `mde_eur`, `mde_relative` of the mean (NaN
        unless positive).
    """
    capped, known = winsorised(outcome, caps[0]), winsorised(covariate, caps[1])
    ways: Mapping[str, tuple[Floats, float]] = {
        "mean": (outcome, 1.0),
        "winsorised mean": (capped, 1.0),
        "winsorised mean, CUPED": (capped, unexplained(capped, known)),
    }
    rows: list[dict[str, Any]] = []
    for method, (values, left) in ways.items():
        mean, spread = float(values.mean()), float(values.std(ddof=1)) * left
        mde = mde_mean(spread, arms)
        relative = mde / mean if mean > 0 else float("nan")
        rows.append(
            {
                "method": method,
                "mean_eur": mean,
                "standard_deviation_eur": spread,
                "mde_eur": mde,
                "mde_relative": relative,
            }
        )
    return rows


def shortest(mde_relative: Callable[[int], float], weeks: tuple[int, ...], lift: float) -> int | None:
    """Return the first of `weeks`, ascending, in which a relative lift is found; None where none suffices."""
    return next((week for week in weeks if mde_relative(week) <= lift), None)
