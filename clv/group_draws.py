"""Sums by group over customers drawn with replacement (Efron and Tibshirani 1993, ch. 6)."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def drawn_sums(
    values: Sequence[Floats], cells: npt.NDArray[np.intp], member: Floats, n_resamples: int, seed: int
) -> Iterator[Floats]:
    """Yield the sums of one draw after the other, each of shape (values, groups).

    Customers of the same groups are one cell: a draw costs one pass over customers, not one a group.

    Parameters
    ----------
    values
        What is added up, each of shape (customers,).
    cells
        Shape (customers,), the cell of each, from 0 on without a gap.
    member
        Shape (cells, groups): 1 where the cell is part of the group, else 0.
    n_resamples, seed
        Of the bootstrap; customers are drawn by their place, so their order matters.
    """
    order = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    by_cell = [value[order] for value in values]
    rng, n = np.random.default_rng(seed), len(cells)
    for _ in range(n_resamples):
        counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)[order]
        yield np.stack([np.add.reduceat(counts * value, starts) for value in by_cell]) @ member
