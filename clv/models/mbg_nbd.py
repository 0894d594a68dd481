"""MBG/NBD: customers may leave after every purchase, the first included.

E. Batislam, M. Denizel, A. Filiztekin (2007), "Empirical Validation and Comparison of Models for Customer
Base Analysis", International Journal of Research in Marketing 24(3). The same as CBG/NBD: D. Hoppe, U. Wagner
(2007), "Customer Base Analysis: The Case for a Central Variant of the Betageometric/NBD Model", Marketing ZFP
29(2).
"""
# ruff: noqa: N803 -- x, t_x, T are the symbols of the papers

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy.typing as npt

from clv.models.geometric_dropout import GeometricDropout, fit_geometric_dropout
from clv.models.maximum_likelihood import Fit
from clv.models.triples import unique_triples


@dataclass(frozen=True)
class MbgNbd(GeometricDropout):
    """One-timers, too, may have left: their `p_alive` falls with T."""

    STAYED_AT_FIRST: ClassVar[int] = 1


MbgNbdFit: TypeAlias = Fit[MbgNbd]


def fit_mbg_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, T: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> MbgNbdFit:
    """Fit by maximum likelihood on distinct triples; arguments and errors as `fit_bg_nbd`."""
    return fit_geometric_dropout(MbgNbd, unique_triples(frequency, recency, T, weights))
