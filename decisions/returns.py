"""What a euro invested in a customer returns: uplift × CLV × margin − cost, with its uncertainty."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.actions import EIGHTY, Assumptions
from decisions.uplift_lines import NO_LINE, UpliftLines

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Returns:
    """What each action returns with each customer; arrays of shape (customers, actions), EUR.

    customers : the rows they are of, `clv_eur` and `clv_variance` among their columns
    assumptions : actions by column
    uplifts : the line of each
    cost_eur : of contact and vouchers
    """

    customers: pd.DataFrame
    assumptions: Assumptions
    uplifts: UpliftLines
    cost_eur: Floats

    @property
    def possible(self) -> Mask:
        """Which actions are for which customers."""
        return np.asarray(self.uplifts.of != NO_LINE)

    @property
    def gain_eur(self) -> Floats:
        """Uplift × CLV × margin, 0 where an action is not for the customer."""
        gain = np.nan_to_num(self.uplifts.spread("uplift") * self._clv_eur)
        return np.asarray(gain * self.assumptions.margin, np.float64)

    @property
    def return_eur(self) -> Floats:
        """Gain − cost, −∞ where an action is not for the customer."""
        return np.where(self.possible, self.gain_eur - self.cost_eur, -np.inf)

    @property
    def sd_eur(self) -> Floats:
        """Standard deviation of what the customer returns, for independent errors of uplift and CLV.

        Var(uC) = u² Var(C) + C² Var(u) + Var(u) Var(C), exactly (Goodman 1960, "On the exact variance of
        products", eq. 2). C is what the customer brings, not only its expectation.
        """
        uplift = self.uplifts.spread("uplift")
        parts = (self.uplifts.spread(name) for name in ("sd_shared", "sd_tilt", "sd_own"))
        of_uplift = np.sum([part**2 for part in parts], axis=0)
        of_clv = self.customers["clv_variance"].to_numpy(np.float64)[:, None]
        variance = uplift**2 * of_clv + self._clv_eur**2 * of_uplift + of_uplift * of_clv
        return np.asarray(np.sqrt(np.nan_to_num(variance)) * self.assumptions.margin, np.float64)

    def net_eur(self, uplift: Floats) -> Floats:
        """Return gain − cost if the lines' uplifts are these, −cost where there is no line.

        uplift : shape (lines,)
        """
        own = np.append(uplift, 0.0)[self.uplifts.of] * self.uplifts.weight
        return np.asarray(own * self._clv_eur * self.assumptions.margin - self.cost_eur, np.float64)

    @property
    def _clv_eur(self) -> Floats:
        return self.customers["clv_eur"].to_numpy(np.float64)[:, None]


def returns(customers: pd.DataFrame, assumptions: Assumptions, uplifts: UpliftLines) -> Returns:
    """Return what each action returns with each customer.

    A voucher costs where it is used: by those who react, and by some of those who would have ordered anyway,
    so the most faithful customers are the dearest to give one to.

    Parameters
    ----------
    customers
        `clv_eur`, `clv_low_eur`, `clv_high_eur`, `p_active`.
    assumptions
        Margin and actions.
    uplifts
        `decisions.uplift_lines.uplift_lines` of the same customers.
    """
    active = customers["p_active"].fillna(1.0).to_numpy(np.float64)[:, None]
    contact, voucher, response, anyway = (
        np.array([getattr(one, name) for one in assumptions.actions], np.float64)
        for name in ("cost_eur", "voucher_eur", "response", "used_anyway")
    )
    cost = contact + voucher * np.minimum(response + anyway * active, 1.0)
    known = customers.assign(clv_variance=clv_variance(customers))
    return Returns(known, assumptions, uplifts, cost)


def clv_variance(customers: pd.DataFrame) -> Floats:
    """Return the variance in EUR² of what each customer brings, around `clv_eur`.

    That of a normal with the 80 % interval; at least CLV² (1 − p) / p, which comes of nothing else than
    ordering (with probability p) or not, as the interval of those of whom over 80 % bring nothing shows none.
    """
    clv, low, high = (
        customers[name].to_numpy(np.float64) for name in ("clv_eur", "clv_low_eur", "clv_high_eur")
    )
    p = np.clip(customers["p_active"].fillna(1.0).to_numpy(np.float64), 0.001, 1.0)
    of_interval = (np.nan_to_num(high - low) / (2 * EIGHTY)) ** 2
    return np.asarray(np.maximum(of_interval, clv**2 * (1 - p) / p), np.float64)


def bounds(mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 80 % interval of a normal with this mean and standard deviation."""
    return mean - EIGHTY * sd, mean + EIGHTY * sd
