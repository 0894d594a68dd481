"""What a plan may bring: Monte Carlo over the errors of forecasts and uplifts, and the figures of its tail.

profit = margin × level × Σ_lines uplift_line × revenue_line − cost, in which

- `level`, the error of the forecasts' level, is one and the same for everybody: lognormal of mean 1;
- `uplift_line` errs by a part that all lines of one source share, a part that tilts them (some more, others
  less: the slope of a fitted model) and a part of its own, all normal;
- `revenue_line` is what the customers of the line bring, each for themselves: gamma with the mean and the
  variance of their sum.

Only the last of these becomes small where many customers are contacted.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import gamma, norm

from decisions.programme import NOTHING, Choice
from decisions.returns import Returns

Floats = npt.NDArray[np.float64]

ERRORS = ("sd_shared", "sd_tilt", "sd_own")
TAIL = 0.05
"""Share of outcomes that value at risk and its conditional mean look at."""
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Exposure:
    """What is at stake in each line of uplift.

    lines : `source`, `uplift`, `sd_shared`, `sd_tilt`, `sd_own`
    clv_eur, variance : of the revenue of its customers in the plan, each by its weight, shape (lines,)
    cost_eur : of the whole plan
    response_eur : part of it, of vouchers used because of the contact
    margin : share of revenue that is earned
    """

    lines: pd.DataFrame
    clv_eur: Floats
    variance: Floats
    cost_eur: float
    response_eur: float
    margin: float

    @property
    def expected_eur(self) -> float:
        """Expected profit."""
        return float(self.margin * self.lines["uplift"].to_numpy() @ self.clv_eur) - self.cost_eur

    def spread_eur(self) -> float:
        """Return the standard deviation of profit that the error of all uplifts together makes."""
        staked = self.lines[list(ERRORS)].mul(self.clv_eur, axis=0)
        common = staked[["sd_shared", "sd_tilt"]].groupby(_sources(self)).sum().to_numpy(np.float64)
        own = staked["sd_own"].to_numpy(np.float64)
        return float(self.margin * np.sqrt((common**2).sum() + own @ own))


@dataclass(frozen=True)
class Draws:
    """Draws of all errors, the same for every plan that is compared.

    level : shape (draws,)
    shift : of each line's uplift, shape (draws, lines)
    luck : uniform, one for each line's revenue, shape (draws, lines)
    """

    level: Floats
    shift: Floats
    luck: Floats


def exposure(returns: Returns, choice: Choice) -> Exposure:
    """Return what a plan puts at stake."""
    chosen = np.flatnonzero(choice != NOTHING)
    line = returns.uplifts.of[chosen, choice[chosen]]
    count = len(returns.uplifts.lines)
    weight = returns.uplifts.weight[chosen, choice[chosen]]
    clv, variance = (
        np.bincount(line, weight**power * returns.customers[name].to_numpy(np.float64)[chosen], count).astype(
            np.float64
        )
        for power, name in ((1, "clv_eur"), (2, "clv_variance"))
    )
    cost = float(returns.cost_eur[chosen, choice[chosen]].sum())
    per_contact = np.array([one.voucher_eur * one.response for one in returns.assumptions.actions])
    reacted = float(per_contact[choice[chosen]].sum())
    return Exposure(returns.uplifts.lines, clv, variance, cost, reacted, returns.assumptions.margin)


def draw(lines: pd.DataFrame, level_sd: float, size: int, seed: int) -> Draws:
    """Return draws of the errors that a plan of these lines meets.

    level_sd : relative standard deviation of the level
    size : how many
    """
    rng = np.random.default_rng(seed)
    sigma = np.sqrt(np.log1p(level_sd**2))
    level = np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2)
    place, sources = pd.factorize(lines["source"], sort=True)
    by_source, by_line = (size, max(len(sources), 1)), (size, len(lines))
    shared = rng.standard_normal(by_source)[:, place] * lines["sd_shared"].to_numpy()
    own = rng.standard_normal(by_line) * lines["sd_own"].to_numpy()
    luck = rng.random(by_line)
    tilt = rng.standard_normal(by_source)[:, place] * lines["sd_tilt"].to_numpy()
    return Draws(level, shared + tilt + own, luck)


def outcomes(plan: Exposure, draws: Draws) -> Floats:
    """Return the profit in EUR of each draw, shape (draws,)."""
    held = np.flatnonzero(plan.clv_eur > 0)
    uplift = plan.lines["uplift"].to_numpy()[held] + draws.shift[:, held]
    gain = (uplift * _revenue(plan, held, draws.luck[:, held])).sum(axis=1)
    return np.asarray(plan.margin * draws.level * gain - plan.cost_eur, np.float64)


def shared_outcomes(plan: Exposure, draws: Draws) -> Floats:
    """Return the profit in EUR of each draw were customers to bring what is expected of them, shape (draws,).

    What is left is what they share: level and uplifts. It is linear in the plan.
    """
    gain = (plan.lines["uplift"].to_numpy() + draws.shift) @ plan.clv_eur
    return np.asarray(plan.margin * draws.level * gain - plan.cost_eur, np.float64)


def tail_size(draws: int) -> int:
    """Return how many draws are the worst `TAIL` of all."""
    return max(int(np.ceil(TAIL * draws)), 1)


def tail_of(profit_eur: Floats) -> npt.NDArray[np.bool_]:
    """Return which draws are the worst `TAIL` of all."""
    worst = np.argsort(profit_eur, kind="stable")[: tail_size(len(profit_eur))]
    marked = np.zeros(len(profit_eur), np.bool_)
    marked[worst] = True
    return marked


def figures(profit_eur: Floats) -> dict[str, float]:
    """Return mean, spread, loss probability, value at risk, its conditional mean, and quantiles of profit.

    Risks are losses in EUR, so a negative one is a profit: `var_eur` is exceeded in `TAIL` of the draws,
    `cvar_eur` is the mean loss in them (Rockafellar and Uryasev 2000, "Optimization of conditional
    value-at-risk").
    """
    told = {
        "mean_eur": float(profit_eur.mean()),
        "sd_eur": float(profit_eur.std(ddof=1)),
        "loss_probability": float((profit_eur < 0).mean()),
        "var_eur": 0.0 - float(profit_eur[tail_of(profit_eur)].max()),
        "cvar_eur": 0.0 - float(profit_eur[tail_of(profit_eur)].mean()),
    }
    quantiles = np.quantile(profit_eur, QUANTILES)
    return told | {f"q{100 * q:02.0f}_eur": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)}


def level_sd(report: pd.DataFrame | None, assumed: float) -> float:
    """Return the relative standard deviation of the forecasts' level.

    The sampling error of the calibration ratio of everybody, out of time, and independent of it what is
    assumed of years unlike any seen. With two models the ratio is that of the one with more revenue.

    report : the table `segment_report`, None where there is none
    """
    if report is None:
        return assumed
    known = report[(report["dimension"] == "all") & report["calibration_high"].notna()]
    known = known[known["calibration_low"] > 0].sort_values(["judged_as_of", "predicted_eur"])
    if known.empty:
        return assumed
    last = known.iloc[-1]
    sampled = np.log(last["calibration_high"] / last["calibration_low"]) / (2 * norm.ppf(0.975))
    return float(np.hypot(sampled, assumed))


def scaled(
    plan: Exposure, gain: float = 1.0, margin: float | None = None, cost: float | None = None
) -> Exposure:
    """Return a plan whose uplifts are `gain` times as large, at another margin or cost."""
    lines = plan.lines.copy()
    lines[["uplift", *ERRORS]] *= gain
    return replace(
        plan,
        lines=lines,
        margin=plan.margin if margin is None else margin,
        cost_eur=plan.cost_eur if cost is None else cost,
    )


def _revenue(plan: Exposure, held: npt.NDArray[np.int64], luck: Floats) -> Floats:
    mean, variance = plan.clv_eur[held], plan.variance[held]
    drawn = np.tile(mean, (len(luck), 1))
    varies = variance > 0
    mean, variance = mean[varies], variance[varies]
    drawn[:, varies] = gamma.ppf(luck[:, varies], mean**2 / variance, scale=variance / mean)
    return drawn


def _sources(plan: Exposure) -> Floats:
    return np.asarray(pd.factorize(plan.lines["source"], sort=True)[0])
