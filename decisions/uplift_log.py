"""What a log of treatments can teach, and whether it can teach at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.effects import winsorised

Floats = npt.NDArray[np.float64]

NUMBERS = (
    "clv_eur", "p_active", "baseline_last_year_eur", "recency_days", "frequency", "monetary_365d_eur",
    "tenure_days",
)  # fmt: skip
CATEGORIES = ("segment", "country", "acquisition_channel", "device")
"""What a learner may look at, of the scores before the treatment; a log may lack some of it."""

RAREST = 0.01
"""Rows whose chance of being contacted, or of not being, was smaller are left out: one would decide."""
FEWEST = 300
"""Contacted, and held out, rows that there must be."""
FEWEST_EFFECTIVE = 200.0
"""The same after weighing by inverse propensity (Kish)."""
FEWEST_OF_DECILE = 50
"""Rows of a CLV decile from which on its customers count as seen."""
CHANCE = 4.0
"""Standard deviations by which the contacts of a decile may differ from what its propensities say."""
CAP = 0.995
"""Quantile of the outcomes at which they are cut, as in experiments."""


@dataclass(frozen=True)
class Log:
    """Treatments whose outcome is known, one row each, in the order of customer and time.

    rows : `customer_id`, `contacted`, `propensity`, `decile`, `outcome_eur` (net revenue of the window), the
        `STRATA` of experiments, and of `NUMBERS` and `CATEGORIES` what is known, as before the treatment
    """

    rows: pd.DataFrame

    @property
    def by_chance(self) -> "Log":
        """The rows that were left to chance."""
        chance = self.rows["propensity"].between(RAREST, 1 - RAREST)
        return Log(self.rows[chance].reset_index(drop=True))

    @property
    def contacted(self) -> Floats:
        """1 for contacted, 0 for held out, shape (rows,)."""
        return self.rows["contacted"].to_numpy(np.float64)

    @property
    def propensity(self) -> Floats:
        """P(contacted) before the draw, shape (rows,)."""
        return self.rows["propensity"].to_numpy(np.float64)

    @property
    def outcome_eur(self) -> Floats:
        """Net revenue of the window, winsorised at the `CAP` quantile, shape (rows,)."""
        raw = self.rows["outcome_eur"].to_numpy(np.float64)
        return winsorised(raw, float(np.quantile(raw, CAP)))

    @property
    def seen_deciles(self) -> frozenset[int]:
        """CLV deciles with enough rows to speak of their customers."""
        sizes = self.rows["decile"].value_counts()
        return frozenset(int(decile) for decile in sizes.index[sizes >= FEWEST_OF_DECILE])


@dataclass(frozen=True)
class Encoding:
    """How customers become numbers: `numbers` as they are, categories by place among sorted `levels`."""

    numbers: Sequence[str]
    levels: dict[str, list[str]]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Encoding":
        """Return the encoding of what a log knows."""
        known = [name for name in CATEGORIES if name in rows]
        levels = {name: sorted(rows[name].dropna().astype(str).unique()) for name in known}
        return cls([name for name in NUMBERS if name in rows], levels)

    def matrix(self, customers: pd.DataFrame) -> Floats:
        """Return the features, shape (customers, k); NaN for what is not known or was never seen."""
        columns = [customers[name].to_numpy(np.float64, na_value=np.nan) for name in self.numbers]
        for name, levels in self.levels.items():
            place = {level: float(n) for n, level in enumerate(levels)}
            columns.append(customers[name].astype(object).map(place).to_numpy(np.float64))
        return np.column_stack(columns)


def refusal(log: Log) -> str | None:
    """Return why a log cannot teach an uplift, by the first rule that it breaks; None if it can."""
    return next((why for rule in _RULES if (why := rule(log)) is not None), None)


def _logged(log: Log) -> str | None:
    missing = int(log.rows["propensity"].isna().sum())
    if missing:
        return (
            f"{missing:,} of {len(log.rows):,} treatments have no propensity: who was contacted by chance is "
            "not known"
        )
    return None


def _enough(log: Log) -> str | None:
    chance = log.by_chance
    contacted = int(chance.contacted.sum())
    held_out = len(chance.rows) - contacted
    if min(contacted, held_out) < FEWEST:
        return (
            f"{contacted:,} contacted and {held_out:,} held-out treatments were left to chance and have an "
            f"outcome: {FEWEST:,} of each are needed"
        )
    return None


def _overlap(log: Log) -> str | None:
    chance = log.by_chance
    side, p = chance.contacted, chance.propensity
    sizes = [kish(1 / p[side == 1]), kish(1 / (1 - p[side == 0]))]
    if min(sizes) < FEWEST_EFFECTIVE:
        return (
            f"by propensity the log says as much as {sizes[0]:,.0f} contacted and {sizes[1]:,.0f} held-out "
            f"customers: {FEWEST_EFFECTIVE:,.0f} of each are needed"
        )
    return None


def _honest(log: Log) -> str | None:
    """Propensities are those that decided only if contacts follow them; systematic draws stray less."""
    chance = log.by_chance
    p = chance.propensity
    told = pd.DataFrame({"more": chance.contacted - p, "variance": p * (1 - p)})
    sums = told.groupby(chance.rows["decile"].to_numpy()).sum()
    strays = (sums["more"] / np.sqrt(sums["variance"])).abs()
    if strays.max() > CHANCE:
        decile = int(strays.idxmax())
        return (
            f"in CLV decile {decile} the contacts are {strays.max():.1f} standard deviations from what the "
            "logged propensities say: something else decided"
        )
    return None


_RULES: tuple[Callable[[Log], str | None], ...] = (_logged, _enough, _overlap, _honest)


def kish(weight: Floats) -> float:
    """Return the effective sample size (Σw)² / Σw² (Kish 1965, "Survey sampling")."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0
