"""Which of two events comes first, when each waits for its own gamma-distributed rate.

A customer buys at rate λ = A / (α + τ) and leaves at rate μ = B / (β + τ), with A ~ Gamma(r + x, 1) and
B ~ Gamma(s, 1): what the Pareto/NBD knows about a customer alive at τ after x repeat purchases. Leaving comes
before the next purchase with probability

    φ(ρ) = E[μ / (λ + μ)] = E[z / (z + (1 - z) ρ)],  z ~ Beta(s, r + x),  ρ = (β + τ) / (α + τ),

the 2F1 of the papers without its under- and overflows, and a sum of positive terms: φ and 1 - φ keep their
relative accuracy. Its slopes by r, s and ρ are expectations under the same z, so one quadrature gives all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

# The trapezoid's error is about exp(-π² / STEP), 1e-12, for an integrand analytic in |Im s| < π / 2.
STEP = 0.25
# Nodes end where the density has fallen by exp(-TAIL) from the last bend of the integrand.
TAIL = 36.0
# So narrow a density of logit z leaves no mass at the bends: nodes are needed around its mode only.
NARROW = 0.3
# Bounds the working memory of one chunk to some 10 MB.
CHUNK_CELLS = 2**18


@dataclass(frozen=True, eq=False)
class Race:
    """Quadrature of z ~ Beta(s, r + x) for distinct shapes r + x: one row of nodes each.

    `odds` z / (1 - z); `weight` sums to 1; `slope_r`, `slope_s` are the weight's slopes by r and s. All have
    shape (shapes, nodes).
    """

    odds: Floats
    weight: Floats
    slope_r: Floats
    slope_s: Floats

    def leaves_first(self, row: Indices, rho: Floats) -> Floats:
        """Return φ of shape `row` at ρ; both of shape (n,)."""
        return self._each(row, rho, 1 / self.odds)

    def buys_first(self, row: Indices, rho: Floats) -> Floats:
        """Return 1 - φ without cancellation."""
        return self._each(row, 1 / rho, self.odds)

    def leaves_first_slopes(self, row: Indices, rho: Floats) -> Floats:
        """Return φ and its slopes by r, s and ln ρ; shape (4, n)."""
        return self._slopes(row, rho, 1 / self.odds)

    def buys_first_slopes(self, row: Indices, rho: Floats) -> Floats:
        """Return 1 - φ and its slopes by r, s and ln ρ; shape (4, n)."""
        found = self._slopes(row, 1 / rho, self.odds)
        found[3] *= -1
        return found

    def _each(self, row: Indices, ratio: Floats, odds: Floats) -> Floats:
        found = np.empty(len(row))
        for some in self._chunks(len(row)):
            share = _share(ratio[some], odds[row[some]])
            found[some] = (share * self.weight[row[some]]).sum(axis=1)
        return found

    def _slopes(self, row: Indices, ratio: Floats, odds: Floats) -> Floats:
        found = np.empty((4, len(row)))
        for some in self._chunks(len(row)):
            at = row[some]
            share = _share(ratio[some], odds[at])
            weighted = share * self.weight[at]
            found[0, some] = weighted.sum(axis=1)
            found[1, some] = (share * self.slope_r[at]).sum(axis=1)
            found[2, some] = (share * self.slope_s[at]).sum(axis=1)
            found[3, some] = -(weighted * (1 - share)).sum(axis=1)
        return found

    def _chunks(self, n: int) -> Iterator[slice]:
        step = max(1, CHUNK_CELLS // self.weight.shape[1])
        return (slice(start, start + step) for start in range(0, n, step))


def race(shape_buy: Floats, shape_leave: float, log_rho: float) -> Race:
    """Place the nodes for shapes r + x of shape (shapes,), s, and any ln ρ between 0 and `log_rho`.

    The trapezoid rule runs over s in logit z = centre + scale (s + e^-reach sinh s): evenly spaced where
    the integrand bends (from the mode of z to ln ρ), growing like sinh over its exponential tails.
    """
    a, b = shape_leave, shape_buy[:, None]
    width = np.sqrt(1 / a + 1 / b)
    mode = np.log(a) - np.log(b)
    wide = width > NARROW
    low = np.where(wide, np.minimum(mode, min(0.0, log_rho)), mode)
    high = np.where(wide, np.maximum(mode, max(0.0, log_rho)), mode)
    scale = np.minimum(1.0, 1.5 * width)
    reach = np.where(wide, (high - low) / (2 * scale), 2.0)
    bell = np.sqrt(2 * TAIL) * np.minimum(width, NARROW)
    left, right = -_end((TAIL / a + bell) / scale, reach), _end((TAIL / b + bell) / scale, reach)
    nodes = 1 + int(np.ceil((right - left).max() / STEP))
    s = left + (right - left) * np.linspace(0, 1, nodes)
    rising, falling = np.exp(np.abs(s) - reach) / 2, np.exp(-np.abs(s) - reach) / 2
    logit = (low + high) / 2 + scale * (s + np.sign(s) * (rising - falling))
    log_z, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
    log_density = a * log_z + b * log_rest + np.log1p(rising + falling)
    weight = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):
        odds = np.clip(np.exp(logit), np.finfo(np.float64).tiny, np.finfo(np.float64).max)
    return Race(odds, weight, _centred(log_rest, weight), _centred(log_z, weight))


def _share(ratio: Floats, odds: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + ratio[:, None] * odds), dtype=np.float64)


def _end(far: Floats, reach: Floats) -> Floats:
    """Return the s at which e^-reach sinh s is `far`."""
    return np.asarray(reach + np.log(far + np.hypot(far, np.exp(-reach))), dtype=np.float64)


def _centred(score: Floats, weight: Floats) -> Floats:
    """Return the slope of normalised weights whose logarithm has this slope up to a constant."""
    return np.asarray(weight * (score - (score * weight).sum(axis=1, keepdims=True)), dtype=np.float64)
