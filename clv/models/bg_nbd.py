"""BG/NBD: Poisson purchases, gamma-distributed rates, beta-geometric dropout after a purchase.

P. Fader, B. Hardie, K. Lee (2005), "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24(2); equation numbers are theirs. x repeat purchases, the last at t_x, age T:
times since the first purchase, in the unit of the fit.
"""
# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the paper

from dataclasses import asdict, dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma, expit, gammaln

from clv.models.beta_geometric import expected_purchases_if_active
from clv.models.maximum_likelihood import Fit, maximise
from clv.models.triples import Triples, unique_triples

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """Purchase rate λ ~ Gamma(r, α), dropout probability p ~ Beta(a, b); only α carries a unit, that of time.

    Array arguments broadcast against each other; every method returns float64 of their common shape.
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return each customer's log-likelihood (eq. 6)."""
        x, t_x, T = _as_floats(x, t_x, T)
        active, dropped = self._log_paths(x, t_x, T)
        return np.asarray(self._log_counts(x) + np.logaddexp(active, dropped), dtype=np.float64)

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(not dropped out by T | x, t_x, T).

        It is 1 for every customer without a repeat purchase, because this model lets one leave only after a
        repeat purchase. That certainty is the model's, not the customer's; rank one-timers by `p_active`.
        """
        active, dropped = self._log_paths(*_as_floats(x, t_x, T))
        return np.asarray(expit(active - dropped), dtype=np.float64)

    def p_active(self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(at least one purchase in (T, T + t] | x, t_x, T).

        The next purchase of a customer still active comes at rate λ ~ Gamma(r + x, α + T), whatever p is.
        """
        t, x, t_x, T = _as_floats(t, x, t_x, T)
        log_none = -(self.r + x) * np.log1p(t / (self.alpha + T))
        return np.asarray(self.p_alive(x, t_x, T) * -np.expm1(log_none), dtype=np.float64)

    def expected_purchases(
        self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T] (eq. 10)."""
        t, x, t_x, T = _as_floats(t, x, t_x, T)
        r, b, u = np.ravel(self.r + x), np.ravel(self.b + x), np.ravel(t / (self.alpha + T))
        if_active = expected_purchases_if_active(r, self.a, b, u)
        return np.asarray(self.p_alive(x, t_x, T) * if_active.reshape(x.shape), dtype=np.float64)

    def expected_purchases_new(self, t: npt.ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a new customer within t of the first purchase (eq. 9)."""
        return self.expected_purchases(t, 0.0, 0.0, 0.0)

    def _log_counts(self, x: Floats) -> Floats:
        """Return the factors of eq. 6 that depend on x only."""
        rates = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        return np.asarray(rates + betaln(self.a, self.b + x) - betaln(self.a, self.b), dtype=np.float64)

    def _log_paths(self, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        """Return the two summands of eq. 6 without the common factors: active until T, dropped out at t_x."""
        active = -(self.r + x) * np.log(self.alpha + T)
        stayed = np.log(self.b + np.maximum(x, 1) - 1)
        dropped = np.log(self.a) - stayed - (self.r + x) * np.log(self.alpha + t_x)
        return active, np.where(x > 0, dropped, -np.inf)


BgNbdFit: TypeAlias = Fit[BgNbd]


def fit_bg_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> BgNbdFit:
    """Fit by maximum likelihood on distinct triples.

    Parameters
    ----------
    frequency, recency, T, weights
        x, t_x and age of shape (n,) in one time unit, see `unique_triples`; `weights` customers per row.

    Raises
    ------
    ValueError
        If there is no row, or one that is no purchase history.
    """
    triples = unique_triples(frequency, recency, T, weights)
    if len(triples.x) == 0:
        raise ValueError("no customer to fit BG/NBD on")
    customers = float(triples.weight.sum())
    unit = float((triples.T * triples.weight).sum()) / customers or 1.0
    scaled = Triples(triples.x, triples.t_x / unit, triples.T / unit, triples.weight, triples.inverse)
    likelihood = BgNbdLikelihood(scaled)
    peak = maximise(likelihood, np.log([0.5, 1.0, 1.0, 3.0]), customers)
    values = np.exp(peak.log_parameters) * np.array([1.0, unit, 1.0, 1.0])
    model = BgNbd(*values.tolist())
    errors = dict(zip(asdict(model), (values * peak.log_standard_errors).tolist(), strict=True))
    weak = tuple(name for name, is_weak in zip(errors, peak.is_weak, strict=True) if is_weak)
    each = model.log_likelihood(triples.x, triples.t_x, triples.T)
    return Fit(model, float((each * triples.weight).sum()), errors, peak.status, weak)


class BgNbdLikelihood:
    """The function the fit maximises.

    Gamma functions are evaluated once per distinct x. Sums avoid BLAS: its last digits depend on its threads.
    """

    def __init__(self, triples: Triples) -> None:
        self.triples = triples
        self.counts, where = np.unique(triples.x, return_inverse=True)
        self.customers = np.bincount(where, weights=triples.weight)

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the summed log-likelihood at (ln r, ln α, ln a, ln b) and its gradient, shape (4,)."""
        model = BgNbd(*np.exp(log_parameters).tolist())
        x, t_x, T, weight = self.triples.x, self.triples.t_x, self.triples.T, self.triples.weight
        active, dropped = model._log_paths(x, t_x, T)
        value = (model._log_counts(self.counts) * self.customers).sum()
        value += (np.logaddexp(active, dropped) * weight).sum()
        share = expit(dropped - active)
        gradient = self._count_slopes(model) + _path_slopes(model, self.triples, share)
        return float(value), gradient * np.exp(log_parameters)

    def _count_slopes(self, model: BgNbd) -> Floats:
        x, n = self.counts, self.customers
        r, alpha, a, b = model.r, model.alpha, model.a, model.b
        both = digamma(a + b) - digamma(a + b + x)
        d_r = (n * (digamma(r + x) - digamma(r) + np.log(alpha))).sum()
        d_b = (n * (both + digamma(b + x) - digamma(b))).sum()
        return np.array([d_r, n.sum() * r / alpha, (n * both).sum(), d_b])


def _path_slopes(model: BgNbd, triples: Triples, share: Floats) -> Floats:
    """Return the slopes of ln(active + dropped), `share` being dropped / (active + dropped)."""
    until_T, until_t_x = model.alpha + triples.T, model.alpha + triples.t_x
    stays, leaves = triples.weight * (1 - share), triples.weight * share
    return np.array(
        [
            -(stays * np.log(until_T) + leaves * np.log(until_t_x)).sum(),
            -((model.r + triples.x) * (stays / until_T + leaves / until_t_x)).sum(),
            leaves.sum() / model.a,
            -(leaves / (model.b + np.maximum(triples.x, 1) - 1)).sum(),
        ]
    )


def _as_floats(*values: npt.ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))
