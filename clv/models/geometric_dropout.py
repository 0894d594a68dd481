"""Poisson purchases at gamma-distributed rates; after each a customer may leave, with a beta probability.

BG/NBD and MBG/NBD differ in one thing: whether the first purchase, too, is an occasion to leave. An active
customer with x repeat purchases has then stayed k = x or k = x + 1 times. Both likelihoods are

    Γ(r+x)/Γ(r) α^r B(a, b+k)/B(a, b) × [(α+T)^-(r+x) + a/(b+k-1) (α+t_x)^-(r+x)],

the second summand, dropped out right after t_x, missing where k = 0.
"""
# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the papers

from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma, expit, gammaln

from clv.models.beta_geometric import expected_purchases_if_active
from clv.models.maximum_likelihood import Fit
from clv.models.purchase_fit import as_floats, fit_purchases
from clv.models.triples import Triples

Floats = npt.NDArray[np.float64]
Model = TypeVar("Model", bound="GeometricDropout")

START = (0.5, 1.0, 1.0, 3.0)


@dataclass(frozen=True)
class GeometricDropout:
    """Purchase rate λ ~ Gamma(r, α), dropout probability p ~ Beta(a, b); only α carries a unit, that of time.

    Array arguments broadcast against each other; every method returns float64 of their common shape.
    """

    r: float
    alpha: float
    a: float
    b: float

    STAYED_AT_FIRST: ClassVar[int]
    """1 if the first purchase is an occasion to leave, else 0."""

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return each customer's log-likelihood."""
        x, t_x, T = as_floats(x, t_x, T)
        active = self.log_counts(x) - (self.r + x) * np.log(self.alpha + T)
        return np.asarray(active + np.logaddexp(0.0, self._log_odds_left(x, t_x, T)), dtype=np.float64)

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(not dropped out by T | x, t_x, T)."""
        return np.asarray(expit(-self._log_odds_left(*as_floats(x, t_x, T))), dtype=np.float64)

    def p_active(self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(at least one purchase in (T, T + t] | x, t_x, T).

        The next purchase of a customer still active comes at rate λ ~ Gamma(r + x, α + T), whatever p is.
        """
        t, x, t_x, T = as_floats(t, x, t_x, T)
        log_none = -(self.r + x) * np.log1p(t / (self.alpha + T))
        return np.asarray(self.p_alive(x, t_x, T) * -np.expm1(log_none), dtype=np.float64)

    def expected_purchases(
        self, t: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T]."""
        t, x, t_x, T = as_floats(t, x, t_x, T)
        r, b, u = np.ravel(self.r + x), np.ravel(self.b + self.stayed(x)), np.ravel(t / (self.alpha + T))
        if_active = expected_purchases_if_active(r, self.a, b, u)
        return np.asarray(self.p_alive(x, t_x, T) * if_active.reshape(x.shape), dtype=np.float64)

    def expected_purchases_new(self, t: npt.ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a new customer within t of the first purchase."""
        return self.expected_purchases(t, 0.0, 0.0, 0.0)

    def log_counts(self, x: Floats) -> Floats:
        """Return the logarithm of the likelihood's factors that depend on x only."""
        rates = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        stays = betaln(self.a, self.b + self.stayed(x)) - betaln(self.a, self.b)
        return np.asarray(rates + stays, dtype=np.float64)

    def log_odds_at_once(self, x: Floats) -> Floats:
        """Return ln(a / (b+k-1)), the odds at T = t_x of having left; -inf where nobody could leave."""
        stayed = self.stayed(x)
        odds = np.log(self.a) - np.log(self.b + np.maximum(stayed, 1) - 1)
        return np.where(stayed > 0, odds, -np.inf)

    def stayed(self, x: Floats) -> Floats:
        """Return k, how often an active customer with x repeat purchases has stayed."""
        return x + self.STAYED_AT_FIRST

    def _log_odds_left(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the logarithm of the second summand over the first."""
        silence = np.log(self.alpha + T) - np.log(self.alpha + t_x)
        log_odds: Floats = self.log_odds_at_once(x) + (self.r + x) * silence
        return log_odds


def fit_geometric_dropout(model: type[Model], triples: Triples) -> Fit[Model]:
    """Fit BG/NBD or MBG/NBD by maximum likelihood; ValueError if there is no customer."""
    return fit_purchases(
        model,
        lambda scaled: GeometricDropoutLikelihood(model, scaled),
        START,
        (False, True, False, False),
        triples,
    )


class GeometricDropoutLikelihood:
    """The function the fit maximises.

    Gamma functions are evaluated once per distinct x, logarithms once per distinct time. Sums avoid BLAS: its
    last digits depend on its threads.
    """

    def __init__(self, model: type[GeometricDropout], triples: Triples) -> None:
        self.model, self.weight = model, triples.weight
        self.counts, self.count = np.unique(triples.x, return_inverse=True)
        self.customers = np.bincount(self.count, weights=triples.weight)
        self.times, place = np.unique(np.concatenate([triples.t_x, triples.T]), return_inverse=True)
        self.left, self.until = np.split(place, 2)
        self.customers_until = np.bincount(self.until, triples.weight, len(self.times))
        self.purchases_until = np.bincount(self.until, triples.weight * triples.x, len(self.times))

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the summed log-likelihood at (ln r, ln α, ln a, ln b) and its gradient, shape (4,)."""
        model = self.model(*np.exp(log_parameters).tolist())
        logs = np.log(model.alpha + self.times)
        silence = logs[self.until] - logs[self.left]
        log_odds = model.log_odds_at_once(self.counts)[self.count]
        log_odds += (model.r + self.counts)[self.count] * silence
        smaller = np.exp(-np.abs(log_odds))
        either = np.maximum(log_odds, 0.0) + np.log1p(smaller)
        left = self.weight * np.where(log_odds > 0, 1.0, smaller) / (1 + smaller)
        bought = model.r * self.customers_until + self.purchases_until
        value = (model.log_counts(self.counts) * self.customers).sum()
        value += (either * self.weight).sum() - (bought * logs).sum()
        gradient = self._active_slopes(model, logs, bought) + self._left_slopes(model, silence, left)
        return float(value), gradient * np.exp(log_parameters)

    def _active_slopes(self, model: GeometricDropout, logs: Floats, bought: Floats) -> Floats:
        """Return the slopes of the first summand's logarithm, with all factors."""
        x, n, stayed = self.counts, self.customers, model.stayed(self.counts)
        r, alpha, a, b = model.r, model.alpha, model.a, model.b
        both = digamma(a + b) - digamma(a + b + stayed)
        d_r = (n * (digamma(r + x) - digamma(r) + np.log(alpha))).sum() - (self.customers_until * logs).sum()
        d_alpha = n.sum() * r / alpha - (bought / (alpha + self.times)).sum()
        d_b = (n * (both + digamma(b + stayed) - digamma(b))).sum()
        return np.array([d_r, d_alpha, (n * both).sum(), d_b])

    def _left_slopes(self, model: GeometricDropout, silence: Floats, left: Floats) -> Floats:
        """Return the slopes of ln(1 + odds), `left` being weight × odds / (1 + odds)."""
        by_count = np.bincount(self.count, left, len(self.counts))
        rates = 1 / (model.alpha + self.times)
        faster = (model.r + self.counts)[self.count] * (rates[self.until] - rates[self.left])
        before = model.b + np.maximum(model.stayed(self.counts), 1) - 1
        d_a = by_count.sum() / model.a
        return np.array([(left * silence).sum(), (left * faster).sum(), d_a, -(by_count / before).sum()])
