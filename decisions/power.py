"""How small an effect an experiment can see, and how long it must run, from what customers did before.

All formulas are the two-sided normal ones; z(p) is the normal quantile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from decisions.effects import winsorised

Floats = npt.NDArray[np.float64]

WINSOR_QUANTILE = 0.995
"""Share of customers left as they are: the cap takes the few whose one order decides a mean."""

ADJUSTED, DIFFERING_ONLY = "winsorised mean, CUPED", "the same, where rules differ"


class Season(NamedTuple):
    """By what factor spread and mean of the coming window's revenue differ from those of the past one."""

    spread: float
    mean: float


NO_SEASON = Season(1.0, 1.0)


class Arms(NamedTuple):
    """Customers of the two arms, and the errors allowed."""

    control: int
    treatment: int
    alpha: float = 0.05
    power: float = 0.8


def mde_mean(spread: float, arms: Arms, order_eur: float = 0.0) -> float:
    """Return the smallest difference of means that is found with the given power.

    (z(1 − α/2) + z(power)) √(σ²/n₀ + σ₁²/n₁), σ = `spread` (for example van Belle 2008, Statistical Rules
    of Thumb, eq. 2.1). An effect that comes as more orders is more uneven than one that all have alike: a
    difference δ then makes σ₁² = σ² + δ (m − δ), m = `order_eur` = E(P²) / E(P) of the orders P. With m = 0
    all have it alike, and σ₁ = σ.
    """
    z2 = (stats.norm.ppf(1 - arms.alpha / 2) + stats.norm.ppf(arms.power)) ** 2
    noise = z2 * spread**2 * (1 / arms.control + 1 / arms.treatment)
    if order_eur == 0:
        return float(np.sqrt(noise))
    pull = z2 / arms.treatment
    half = pull * order_eur / 2
    return float((half + np.sqrt(half**2 + (1 + pull) * noise)) / (1 + pull))


def order_size(outcome: Floats) -> float:
    """Return E(P²) / E(P) of what customers brought where they brought anything; 0 where nobody did."""
    bought = outcome[outcome > 0]
    return float((bought**2).mean() / bought.mean()) if bought.size else 0.0


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


class Window(NamedTuple):
    """Revenue of a past window in EUR and what was known before it, arrays of shape (n,)."""

    outcome: Floats
    covariate: Floats


def season_of(before: Window, after: Window) -> Season:
    """Return by what revenue changed from one window to the next, a year ago.

    Spreads are those of winsorised revenue after CUPED, at the cap of the first. The ratio of two spreads of
    heavy-tailed revenue is noisy: var ln s = (κ − 1) / 4n (Cramér 1946, Mathematical Methods of Statistics,
    28.4), κ the kurtosis. ln of the ratio is drawn towards 0 by what noise explains of it (positive-part
    James and Stein 1961), so that chance alone makes no season.
    """
    cap = cap_of(before.outcome)
    capped = [winsorised(one.outcome, cap) for one in (before, after)]
    known = [winsorised(one.covariate, cap_of(one.covariate)) for one in (before, after)]
    spreads = [_spread(y, x) for y, x in zip(capped, known, strict=True)]
    means = [float(y.mean()) for y in capped]
    if min(*spreads, *means) <= 0:
        return NO_SEASON
    noise = sum((float(stats.kurtosis(y, fisher=False)) - 1) / (4 * len(y)) for y in capped)
    log = float(np.log(spreads[1] / spreads[0]))
    kept = max(0.0, 1 - noise / log**2) if log else 0.0
    return Season(float(np.exp(kept * log)), (means[1] / means[0]) ** kept)


@dataclass(frozen=True)
class Past:
    """What customers did in a past window, arrays of shape (n,).

    outcome : revenue in EUR; covariate : what was known before the window; apart : who was named by one of
    the two rules alone; apart_share : share of such customers among those who are to take part
    """

    outcome: Floats
    covariate: Floats
    apart: npt.NDArray[np.bool_]
    apart_share: float

    @property
    def cap_eur(self) -> float:
        """Return the cap at which revenue is winsorised."""
        return cap_of(self.outcome)


def power_table(past: Past, arms: Arms, season: Season = NO_SEASON) -> list[dict[str, Any]]:
    """Return, for four ways to measure, the smallest difference of revenue per customer that is found.

    The effect comes as more orders like those of the past. The last way takes the customers whom one rule
    alone names, and what their difference makes of one of all.

    season : by what the window to come differs from the past one

    Returns
    -------
    list of dict
        `method`, `mean_eur` of all, `standard_deviation_eur` of one customer, `mde_eur`, `mde_relative` of
        the mean. NaN where undefined.
    """
    capped, share = winsorised(past.outcome, past.cap_eur), past.apart_share
    known = winsorised(past.covariate, cap_of(past.covariate))
    sizes = [max(int(share * n), 1) for n in (arms.control, arms.treatment)]
    part = arms._replace(control=sizes[0], treatment=sizes[1])
    wide = season.spread
    ways = [
        ("mean", past.outcome, wide * _spread(past.outcome), 1.0, arms),
        ("winsorised mean", capped, wide * _spread(capped), 1.0, arms),
        (ADJUSTED, capped, wide * _spread(capped, known), 1.0, arms),
        (DIFFERING_ONLY, capped, wide * _spread(capped[past.apart], known[past.apart]), share, part),
    ]
    return [
        _row(name, float(v.mean()) * season.mean, spread, part_of * mde_mean(spread, n, order_size(v)))
        for name, v, spread, part_of, n in ways
    ]


def _spread(outcome: Floats, known: Floats | None = None) -> float:
    """Return the standard deviation, of what CUPED leaves where there is a covariate; NaN of under two."""
    if len(outcome) < 2:
        return float("nan")
    return float(outcome.std(ddof=1)) * (1.0 if known is None else unexplained(outcome, known))


def _row(method: str, mean: float, spread: float, mde: float) -> dict[str, Any]:
    relative = mde / mean if mean > 0 else float("nan")
    figures = {"mean_eur": mean, "standard_deviation_eur": spread, "mde_eur": mde, "mde_relative": relative}
    return {"method": method, **figures}


def shortest(mde_relative: Callable[[int], float], weeks: tuple[int, ...], lift: float) -> int | None:
    """Return the first of `weeks`, ascending, in which a relative lift is found; None where none suffices."""
    return next((week for week in weeks if mde_relative(week) <= lift), None)
