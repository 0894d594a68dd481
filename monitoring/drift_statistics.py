"""How far apart two samples are, told from their counts by bin or level, and whether that is chance.

A baseline is kept as counts and not as rows, so that everything here works on counts. The two samples are
mostly the same customers at two instants; tests made for independent samples then give too large p-values
rather than too small ones.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

Counts = npt.NDArray[np.float64]

HALF = 0.5
"""Added to every count of an index, so that a level seen once in one sample does not make it infinite."""
MIN_EXPECTED = 5.0
"""Levels expected less often are tested together (Cochran 1954, Biometrics 10: 417-451)."""


def stability_index(before: Counts, now: Counts) -> float | None:
    """Return the population stability index, None where a sample is empty.

    Sum of (q − p) ln(q / p) over the shares p before and q now, which is the symmetric Kullback-Leibler
    divergence (Kullback & Leibler 1951, eq. 2.6). In two samples of n and m from one population it is about
    (1/n + 1/m) times chi-square with one degree of freedom less than bins (Yurdakul & Naranjo 2020, Journal
    of Risk Model Validation 14(4)).

    before, now : counts, shape (bins,)
    """
    if not before.sum() or not now.sum():
        return None
    p, q = (np.asarray(counts) + HALF for counts in (before, now))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def ks_distance(before: Counts, now: Counts) -> float | None:
    """Return the greatest distance of the two distribution functions at the edges between the bins.

    It is at most the Kolmogorov-Smirnov statistic of the rows, and equal to it where all values of a column
    are edges. None where a sample is empty.

    before, now : counts in the order of the bins, shape (bins,)
    """
    if not before.sum() or not now.sum():
        return None
    return float(np.abs(before.cumsum() / before.sum() - now.cumsum() / now.sum()).max())


def ks_p_value(distance: float, before: float, now: float) -> float:
    """Return the p-value of a distance between samples of these sizes, as scipy's `ks_2samp` approximates it.

    Of a distance at the edges it is an upper bound, for the distance is a lower one. It is one too where the
    column is discrete (Conover 1972, JASA 67: 591-596).
    """
    size = round(before * now / (before + now))
    return float(stats.kstwo.sf(distance, max(size, 1)))


def chi_square(before: Counts, now: Counts) -> tuple[float, float] | None:
    """Return Pearson's statistic of homogeneity and its p-value; None where a sample is empty.

    Levels expected fewer than five times in either sample count as one. Where a single level is left nothing
    differs: (0, 1).

    before, now : counts by level, shape (levels,)
    """
    if not before.sum() or not now.sum():
        return None
    table = np.array([before, now])
    total = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    rare = expected.min(axis=0) < MIN_EXPECTED
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 0.0, 1.0
    found = stats.chi2_contingency(table, correction=False)
    return float(found.statistic), float(found.pvalue)


def least(p_values: Sequence[float]) -> float | None:
    """Return the least p-value times their number (Bonferroni), 1 at most; None of none.

    A number is tested twice: the distance sees what has moved, chi-square what a few customers at the end do.
    """
    return min(1.0, len(p_values) * min(p_values)) if p_values else None


def adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Benjamini and Hochberg's adjusted p-values (1995, JRSS B 57: 289-300) of one family.

    An undefined one stays so and does not count.
    """
    known = [p for p in p_values if p is not None]
    found: Iterator[float] = iter(stats.false_discovery_control(known, method="bh") if known else [])
    return [None if p is None else float(next(found)) for p in p_values]
