"""The propensity that was logged, in the form in which a meta-learner asks for one."""

from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin

Floats = npt.NDArray[np.float64]


class LoggedPropensity(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """P(contacted) as it was before the draw: the last column of what it is given. It learns nothing."""

    def fit(self, _: Floats, contacted: npt.NDArray[np.int64]) -> Self:
        """Remember that there are two classes."""
        self.classes_ = np.unique(contacted)
        return self

    def predict_proba(self, known: Floats) -> Floats:
        """Return the chance of being held out and of being contacted, shape (rows, 2)."""
        contacted = known[:, -1].astype(np.float64)
        return np.column_stack([1 - contacted, contacted])

    def predict(self, known: Floats) -> npt.NDArray[np.int64]:
        """Return the likelier class, shape (rows,)."""
        return (self.predict_proba(known)[:, 1] >= 0.5).astype(np.int64)
