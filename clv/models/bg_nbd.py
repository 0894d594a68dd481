"""BG/NBD: customers may leave after every repeat purchase.

P. Fader, B. Hardie, K. Lee (2005), "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24(2): likelihood eq. 6, E[X(t)] eq. 9, the conditional expectation eq. 10.
"""
# ruff: noqa: N803 -- x, t_x, T are the symbols of the paper

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy.typing as npt

from clv.models.geometric_dropout import GeometricDropout, fit_geometric_dropout
from clv.models.maximum_likelihood import Fit
from clv.models.triples import unique_triples


@dataclass(frozen=True)
class BgNbd(GeometricDropout):
    """Nobody leaves before the first repeat purchase.

    `p_alive` is therefore 1 for every customer without one. That certainty is the model's, not the
    customer's; rank one-timers by `p_active`.
    """

    STAYED_AT_FIRST: ClassVar[int] = 0


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
    return fit_geometric_dropout(BgNbd, unique_triples(frequency, recency, T, weights))
