"""The model of last resort: the priors alone, at the season's level where one is known."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.drivers import Share, Typical, label_free_share
from clv.models.priors import LABEL_FREE, label_free_eur, prior
from clv.models.rows import Inputs
from clv.models.without_labels import WithoutLabels


@dataclass(frozen=True)
class LabelFree(WithoutLabels):
    """Two thirds Pareto/NBD × Gamma-Gamma, one third last year's revenue at the same total.

    Both are computed at every t₀ when its priors are built; not here. Trees start from it.
    """

    name: ClassVar[str] = "btyd-paretonbd-gg-12m"
    family: ClassVar[str] = "btyd"
    format_version: ClassVar[int] = 3

    def unseasoned_eur(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the weighted mean of both priors, shape (rows,)."""
        return label_free_eur({name: prior(frame, column) for name, column in LABEL_FREE.items()})

    def share(self, inputs: Inputs, typical: Typical) -> Share:
        """Return orders × order value, and last year's revenue."""
        return label_free_share(inputs, typical)
