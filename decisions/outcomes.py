"""What the members of an experiment did, as arrays, and the differences that can decide."""

from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.effects import Difference, bootstrap_means, cuped, mean_difference, winsorised
from decisions.experiment import ALL, CONTROL, TREATMENT, Design

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """What customers did: arrays of shape (customers,), in the order of the rows they were made from.

    capped, covariate : winsorised revenue and score; adjusted : revenue after CUPED
    apart : whom one rule alone names
    """

    treated: Flags
    revenue: Floats
    capped: Floats
    covariate: Floats
    adjusted: Floats
    bought: Flags
    cost: Floats
    apart: Flags
    rows: pd.DataFrame = field(repr=False)

    @classmethod
    def of(cls, customers: pd.DataFrame, design: Design) -> Self:
        """Return the outcomes of members with `revenue_eur`, `orders` and `cost_eur` of the window."""
        treated = customers["arm"].eq(TREATMENT).to_numpy(np.bool_)
        revenue = customers["revenue_eur"].to_numpy(np.float64)
        capped = winsorised(revenue, design.winsor_cap_eur)
        covariate = winsorised(customers["clv_eur"].to_numpy(np.float64), design.covariate_cap_eur)
        named = [customers[f"named_by_{arm}"].to_numpy(np.bool_) for arm in (CONTROL, TREATMENT)]
        return cls(
            treated,
            revenue,
            capped,
            covariate,
            cuped(capped, covariate, treated),
            customers["orders"].to_numpy() > 0,
            customers["cost_eur"].to_numpy(np.float64),
            named[0] != named[1],
            customers,
        )

    def everyone(self, alpha: float) -> Difference:
        """Return the difference of winsorised revenue after CUPED between all customers of the arms."""
        return mean_difference(self.adjusted, self.treated, alpha)

    def differing(self, alpha: float) -> Difference:
        """Return the same among customers whom one rule alone names.

        Everyone else is treated alike in both arms, so that all of the effect is here, and most of the noise
        is not (Kohavi, Tang, Xu 2020, "Trustworthy online controlled experiments", ch. 20, on triggering).
        CUPED's θ is theirs: the score says less of them than of all, and the θ of all would add noise.
        """
        treated = self.treated[self.apart]
        adjusted = cuped(self.capped[self.apart], self.covariate[self.apart], treated)
        return mean_difference(adjusted, treated, alpha)

    def primary(self, design: Design) -> Difference:
        """Return the difference that decides, of one of all customers."""
        everyone = self.everyone(design.alpha)
        if design.decides == ALL:
            return everyone
        found, share = self.differing(design.alpha), float(self.apart.mean())
        gap, low, high = (share * one for one in (found.difference, found.low, found.high))
        return Difference(everyone.control, everyone.control + gap, gap, low, high, found.p_value)


class Draws(NamedTuple):
    """Means of revenue, cost and conversion of one arm, and those of its resamples."""

    means: Floats
    resampled: Floats


def draws(seen: Outcomes, seed: int, resamples: int) -> tuple[Draws, Draws]:
    """Return the bootstrap of the control and of the treatment."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack([seen.revenue, seen.cost, seen.bought])
    control, treatment = (columns[flags] for flags in (~seen.treated, seen.treated))
    return (
        Draws(control.mean(axis=0), bootstrap_means(control, resamples, rng)),
        Draws(treatment.mean(axis=0), bootstrap_means(treatment, resamples, rng)),
    )
