"""The ranking in use without any model: last year's revenue, at the total of the buy-till-you-die prior."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.models.drivers import Share, Typical, trailing_share
from clv.models.priors import TRAILING_CLV, prior
from clv.models.rows import Inputs
from clv.models.without_labels import WithoutLabels


@dataclass(frozen=True)
class LastYear(WithoutLabels):
    """Net revenue of the last 365 days, at least 0: for where no model ranks better than it."""

    name: ClassVar[str] = "last-year-btyd-level"
    family: ClassVar[str] = "last-year"
    format_version: ClassVar[int] = 2

    def unseasoned_eur(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return last year's revenue at the prior's total, shape (rows,)."""
        return prior(frame, TRAILING_CLV)

    def share(self, inputs: Inputs, typical: Typical) -> Share:
        """Return last year's revenue alone."""
        return trailing_share(inputs, typical)
