"""Pareto/NBD: customers buy at their own rate until they leave at their own rate, at any moment.

D. Schmittlein, D. Morrison, R. Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do
Next?", Management Science 33(1). P. Fader, B. Hardie (2005), "A Note on Deriving the Pareto/NBD Model and
Related Expressions", brucehardie.com/notes/009, writes the likelihood of one customer as

    λ^x [μ/(λ+μ) e^-(λ+μ)t_x + λ/(λ+μ) e^-(λ+μ)T],

dropped out before the next purchase, or not bought again by T. Over λ ~ Gamma(r, α) and μ ~ Gamma(s, β)
either summand is proportional to w(τ) = (α+τ)^-(r+x) (β+τ)^-s at τ = t_x or T, times the probability φ or
1 - φ that dropout or the next purchase comes first (`clv.models.gamma_race`). Both are positive; in the
note's closed form two 2F1 cancel.
"""
# ruff: noqa: N803, N806 -- x, t_x, T and t are the symbols of the papers

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, expit, exprel, gammaln

from clv.models.gamma_race import Race, race
from clv.models.maximum_likelihood import Fit
from clv.models.purchase_fit import as_floats, fit_purchases
from clv.models.triples import Triples, unique_triples

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

START = (0.5, 0.5, 0.5, 0.5)
SMALLEST = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class ParetoNbd:
    """Purchase rate λ ~ Gamma(r, α), dropout rate μ ~ Gamma(s, β); α and β carry the unit of time.

    Array arguments broadcast against each other; every method returns float64 of their common shape.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return each customer's log-likelihood."""
        x, t_x, T = as_floats(x, t_x, T)
        purchases = gammaln(self.r + x) - gammaln(self.r) - x * np.log(self.alpha)
        return np.asarray(purchases + self._log_history(x, t_x, T), dtype=np.float64)

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(not dropped out by T | x, t_x, T)."""
        x, t_x, T = as_floats(x, t_x, T)
        log_alive = self.log_silence(x, T) - self._log_history(x, t_x, T)
        return np.asarray(np.exp(np.minimum(log_alive, 0.0)), dtype=np.float64)

    def p_active(self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(at least one purchase in (T, T + t] | x, t_x, T).

        P(another purchase ever), less the same as it would stand at T + t without a purchase until then.
        """
        t, x, t_x, T = as_floats(t, x, t_x, T)
        ever = self._log_buys_again(x, T)
        later = self._log_buys_again(x, T + t)
        within = np.exp(ever - self._log_history(x, t_x, T)) * -np.expm1(np.minimum(later - ever, 0.0))
        return np.asarray(np.minimum(within, self.p_alive(x, t_x, T)), dtype=np.float64)

    def expected_purchases(
        self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T]; finite at s = 1."""
        t, x, t_x, T = as_floats(t, x, t_x, T)
        growth = np.log1p(t / (self.beta + T))
        lifetime = (self.beta + T) * growth * exprel((1 - self.s) * growth)
        rate = (self.r + x) / (self.alpha + T)
        return np.asarray(self.p_alive(x, t_x, T) * rate * lifetime, dtype=np.float64)

    def expected_purchases_new(self, t: npt.ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a new customer within t of the first purchase."""
        return self.expected_purchases(t, 0.0, 0.0, 0.0)

    def log_silence(self, x: Floats, tau: Floats) -> Floats:
        """Return ln w(τ) with both rates over their parameter: (1+τ/α)^-(r+x) (1+τ/β)^-s."""
        bought = (self.r + x) * np.log1p(tau / self.alpha)
        return np.asarray(-bought - self.s * np.log1p(tau / self.beta), dtype=np.float64)

    def rho(self, tau: Floats) -> Floats:
        """Return ρ of the race at τ."""
        return np.asarray((self.beta + tau) / (self.alpha + tau), dtype=np.float64)

    def race(self, counts: Floats) -> Race:
        """Return the race of distinct x at any τ: ρ runs from β/α towards 1."""
        return race(self.r + counts, self.s, float(np.log(self.beta / self.alpha)))

    def _log_history(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the logarithm of both summands together, over the factors that depend on x only."""
        dropped = self.log_silence(x, t_x) + self._log_first(Race.leaves_first, x, t_x)
        both = np.logaddexp(dropped, self._log_buys_again(x, T))
        return np.asarray(both, dtype=np.float64)

    def _log_buys_again(self, x: Floats, tau: Floats) -> Floats:
        return self.log_silence(x, tau) + self._log_first(Race.buys_first, x, tau)

    def _log_first(self, which: Callable[[Race, Indices, Floats], Floats], x: Floats, tau: Floats) -> Floats:
        if x.size == 0:
            return np.zeros(x.shape)
        counts, row = np.unique(x, return_inverse=True)
        probability = which(self.race(counts), row.ravel(), self.rho(tau.ravel()))
        return np.asarray(np.log(np.maximum(probability, SMALLEST)), dtype=np.float64).reshape(x.shape)


ParetoNbdFit: TypeAlias = Fit[ParetoNbd]


def fit_pareto_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> ParetoNbdFit:
    """Fit by maximum likelihood on distinct triples; arguments and errors as `fit_bg_nbd`."""
    triples = unique_triples(frequency, recency, T, weights)
    return fit_purchases(ParetoNbd, ParetoNbdLikelihood, START, (False, True, False, True), triples)


class Side(NamedTuple):
    """Distinct (x, τ) of one summand, and where each triple finds its own; `row` leads to the distinct x."""

    x: Floats
    tau: Floats
    row: Indices
    where: Indices

    @classmethod
    def of(cls, row: Indices, counts: Floats, tau: Floats) -> "Side":
        """Collapse equal pairs of rows of `counts` and times, both of shape (triples,)."""
        times, when = np.unique(tau, return_inverse=True)
        pairs, where = np.unique(row * len(times) + when, return_inverse=True)
        of_pair = pairs // max(1, len(times))
        return cls(counts[of_pair], times[pairs % max(1, len(times))], of_pair, where)


class ParetoNbdLikelihood:
    """The function the fit maximises.

    Customers with the same x and t_x, or the same x and T, share one term: far fewer than triples.
    """

    def __init__(self, triples: Triples) -> None:
        self.weight = triples.weight
        self.counts, row = np.unique(triples.x, return_inverse=True)
        self.customers = np.bincount(row, weights=triples.weight)
        self.dropped = Side.of(row, self.counts, triples.t_x)
        self.lasting = Side.of(row, self.counts, triples.T)

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the summed log-likelihood at (ln r, ln α, ln s, ln β) and its gradient, shape (4,)."""
        model = ParetoNbd(*np.exp(log_parameters).tolist())
        x, n, r = self.counts, self.customers, model.r
        nodes = model.race(x)
        leaves = nodes.leaves_first_slopes(self.dropped.row, model.rho(self.dropped.tau))
        buys = nodes.buys_first_slopes(self.lasting.row, model.rho(self.lasting.tau))
        dropped, lasting = _log_summand(model, self.dropped, leaves), _log_summand(model, self.lasting, buys)
        value = (n * (gammaln(r + x) - gammaln(r) - x * np.log(model.alpha))).sum()
        value += (np.logaddexp(dropped, lasting) * self.weight).sum()
        share = expit(dropped - lasting)
        gradient = np.zeros(4)
        gradient[0] = (n * (digamma(r + x) - digamma(r))).sum()
        gradient[1] = -(n * x).sum() / model.alpha
        gradient += _slopes(model, self.dropped, leaves, self.weight * share)
        gradient += _slopes(model, self.lasting, buys, self.weight * (1 - share))
        return float(value), gradient * np.exp(log_parameters)


def _log_summand(model: ParetoNbd, side: Side, first: Floats) -> Floats:
    """Return one summand's logarithm of each triple; `first` holds the probability in its first row."""
    each: Floats = model.log_silence(side.x, side.tau) + np.log(np.maximum(first[0], SMALLEST))
    return each[side.where]


def _slopes(model: ParetoNbd, side: Side, first: Floats, weight: Floats) -> Floats:
    """Return the weighted sum of a summand's logarithmic slopes by (r, α, s, β); `weight` is per triple."""
    of_pair = np.bincount(side.where, weights=weight, minlength=len(side.x))
    by_r, by_s, by_log_rho = first[1:] / np.maximum(first[0], SMALLEST)
    until, left = model.alpha + side.tau, model.beta + side.tau
    slopes = (
        by_r - np.log1p(side.tau / model.alpha),
        ((model.r + side.x) * side.tau / model.alpha - by_log_rho) / until,
        by_s - np.log1p(side.tau / model.beta),
        (model.s * side.tau / model.beta + by_log_rho) / left,
    )
    return np.array([(of_pair * slope).sum() for slope in slopes])
