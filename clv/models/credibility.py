"""Means of many groups, some small: how far to believe a group is estimated from the data themselves.

H. Bühlmann, E. Straub (1970), "Glaubwürdigkeit für Schadensätze"; the estimators are the non-parametric
empirical Bayes ones of Klugman, Panjer, Willmot, "Loss Models" (Bühlmann-Straub model), whose symbols are
used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GroupMeans:
    """Credibility mean of each group, z x own mean + (1 - z) x `overall`; unknown groups have `overall`.

    `credibility` is z by group, between 0 and 1.
    """

    by_group: Mapping[str, float]
    overall: float
    credibility: Mapping[str, float]

    def of(self, group: npt.NDArray[np.object_]) -> Floats:
        """Return the mean of each row's group, shape (rows,)."""
        return np.array([self.by_group.get(name, self.overall) for name in group.tolist()], dtype=np.float64)


def group_means(
    value: Floats, group: npt.NDArray[np.object_], unit: npt.NDArray[np.uint64], weight: Floats
) -> GroupMeans:
    """Return the means of `value` by group; rows of one `unit` (a customer) count as one observation.

    With v the variance within groups and a that between them, z = m / (m + v / a), m the weight of the
    group's rows; a group with much data keeps its own mean, one with little gets the overall one. Where a is
    estimated at 0 or below, all groups have the overall mean. Rows of weight 0 say nothing.

    Raises
    ------
    ValueError
        If there is no row with a weight.
    """
    if not weight.any():
        raise ValueError("group means need at least one row with a weight")
    rows = pd.DataFrame({"group": group, "unit": unit, "m": weight, "total": weight * value})
    units = rows[weight > 0].groupby(["group", "unit"], sort=True)[["m", "total"]].sum().reset_index()
    m_ij = units["m"].to_numpy(np.float64)
    x_ij = units["total"].to_numpy(np.float64) / m_ij
    names, place = np.unique(units["group"].to_numpy(str), return_inverse=True)
    m_i = np.bincount(place, m_ij).astype(np.float64)
    x_i = np.bincount(place, m_ij * x_ij) / m_i
    z = _credibility(m_ij * (x_ij - x_i[place]) ** 2, m_i, x_i, len(units))
    overall = float(np.average(x_i, weights=z if z.any() else m_i))
    means = z * x_i + (1 - z) * overall
    return GroupMeans(
        dict(zip(names.tolist(), means.tolist(), strict=True)),
        overall,
        dict(zip(names.tolist(), z.tolist(), strict=True)),
    )


def _credibility(within: Floats, m_i: Floats, x_i: Floats, units: int) -> Floats:
    m, groups = m_i.sum(), len(m_i)
    v = within.sum() / max(units - groups, 1)
    spread = m - (m_i**2).sum() / m
    mean = np.average(x_i, weights=m_i)
    a = ((m_i * (x_i - mean) ** 2).sum() - (groups - 1) * v) / spread if spread > 0 else 0.0
    return np.asarray(m_i / (m_i + v / a) if a > 0 else np.zeros_like(m_i), dtype=np.float64)
