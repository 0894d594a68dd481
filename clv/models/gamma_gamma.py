"""Gamma-Gamma: spend per purchase varies around a customer's mean, which varies between customers.

P. Fader, B. Hardie (2013), "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025; equation
numbers are theirs. n purchases of mean value z; v is their γ.
"""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from clv.errors import UserError
from clv.models.maximum_likelihood import Fit, maximise

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """A purchase is Gamma(p, ν), ν ~ Gamma(q, v) over customers; only v carries a unit, that of money."""

    p: float
    q: float
    v: float

    def log_likelihood(self, n_orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
        """Return the log density of each mean value z > 0 of n >= 1 purchases (eq. 1a)."""
        n, z = np.broadcast_arrays(np.asarray(n_orders, np.float64), np.asarray(mean_value, np.float64))
        shape = self.p * n
        total = np.log(self.v + n * z)
        likely = self.q * (np.log(self.v) - total) + shape * (np.log(n * z) - total) - np.log(z)
        return np.asarray(likely - betaln(shape, self.q), dtype=np.float64)

    def population_spend(self) -> float:
        """Return the expected spend per purchase of a customer never observed: p v / (q - 1).

        With q <= 1 the mean is infinite; then the mode p v / (q + 1) stands in, finite for every q. The same
        holds for a customer's own expectation when p n + q <= 1.
        """
        return float(self.expected_spend(0.0, 0.0))

    def expected_spend(self, n_orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
        """Return E[spend per purchase | n, z] = p (v + n z) / (p n + q - 1) (eq. 5).

        Rows without information (n = 0; z not positive or not a number) get the population's value.
        """
        n, z = np.broadcast_arrays(np.asarray(n_orders, np.float64), np.asarray(mean_value, np.float64))
        informed = (n > 0) & (z > 0)
        n, z = np.where(informed, n, 0.0), np.where(informed, z, 0.0)
        shape = self.p * n + self.q
        return np.asarray(
            self.p * (self.v + n * z) / np.where(shape > 1, shape - 1, shape + 1), dtype=np.float64
        )


@dataclass(frozen=True)
class GammaGammaFit(Fit[GammaGamma]):
    """`dropped_customers`: those with purchases but no positive mean value, left out of the likelihood."""

    dropped_customers: int


def fit_gamma_gamma(
    n_orders: npt.ArrayLike, mean_value: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> GammaGammaFit:
    """Fit by maximum likelihood on the customers with n >= 1 purchases of positive mean value.

    The density lives on z > 0: customers with zero, negative (refunds) or null spend are dropped and counted.
    The result does not depend on the order of the rows.

    Parameters
    ----------
    n_orders, mean_value, weights
        Number of purchases, their mean value, customers per row (default 1); shape (m,).

    Raises
    ------
    UserError
        If no customer has positive spend.
    """
    n, z = np.asarray(n_orders, np.float64), np.asarray(mean_value, np.float64)
    weight = np.ones_like(n) if weights is None else np.asarray(weights, np.float64)
    kept = (n > 0) & (z > 0) & np.isfinite(z)
    if not kept.any():
        raise UserError("no customer has a purchase of positive value: spend per order cannot be estimated")
    dropped = round(float(weight[(n > 0) & ~kept].sum()))
    rows = np.flatnonzero(kept)[np.lexsort((weight[kept], z[kept], n[kept]))]
    n, z, weight = n[rows], z[rows], weight[rows]
    unit = float(np.exp((weight * np.log(z)).sum() / weight.sum()))
    peak = maximise(GammaGammaLikelihood(n, z / unit, weight), np.log([2.0, 3.0, 1.0]), float(weight.sum()))
    values = np.exp(peak.log_parameters) * np.array([1.0, 1.0, unit])
    model = GammaGamma(*values.tolist())
    errors = dict(zip(asdict(model), (values * peak.log_standard_errors).tolist(), strict=True))
    weak = tuple(name for name, is_weak in zip(errors, peak.is_weak, strict=True) if is_weak)
    total = float((model.log_likelihood(n, z) * weight).sum())
    return GammaGammaFit(model, total, errors, peak.status, weak, dropped)


class GammaGammaLikelihood:
    """The function the fit maximises, for rows with n >= 1 and z > 0.

    Gamma functions are evaluated once per distinct n. Sums avoid BLAS: its last digits depend on its threads.
    """

    def __init__(self, n: Floats, z: Floats, weight: Floats) -> None:
        self.n, self.z, self.weight = n, z, weight
        self.counts, self.where = np.unique(n, return_inverse=True)
        self.customers = np.bincount(self.where, weights=weight)
        self.log_total = np.log(n * z)
        self.constant = float((weight * np.log(z)).sum())

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the summed log-likelihood at (ln p, ln q, ln v) and its gradient, shape (3,)."""
        p, q, v = np.exp(log_parameters).tolist()
        shape = p * self.counts
        total = np.log(v + self.n * self.z)
        shares = np.bincount(self.where, weights=self.weight * (self.log_total - total))
        rest = (self.weight * (np.log(v) - total)).sum()
        value = (shape * shares - self.customers * betaln(shape, q)).sum() + q * rest - self.constant
        both = digamma(shape + q)
        d_p = (self.counts * (shares + self.customers * (both - digamma(shape)))).sum()
        d_q = rest + (self.customers * (both - digamma(q))).sum()
        d_v = (self.weight * (q / v - (p * self.n + q) / (v + self.n * self.z))).sum()
        return float(value), np.array([d_p * p, d_q * q, d_v * v])
