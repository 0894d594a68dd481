"""Whether a segment's own model forecasts its customers worse than the pooled one."""

import math
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from clv.bootstrap import paired_bootstrap
from clv.metrics import METRICS
from clv.settings import Settings

DECIDING = {"gini_normalised": 1, "rmse": -1}
"""Figures that decide, with the sign of better."""
NAMES = {"gini_normalised": "normalised Gini", "rmse": "RMSE €"}


@dataclass(frozen=True)
class Difference:
    """One figure of both models, own less pooled, with its 95 % paired interval (None where undefined)."""

    metric: str
    own: float | None
    pooled: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_worse(self) -> bool:
        """Say whether the whole interval lies on the worse side."""
        if self.low is None or self.high is None:
            return False
        return self.high < 0 if DECIDING[self.metric] > 0 else self.low > 0

    @property
    def in_words(self) -> str:
        """Return the figure for a reader."""
        if self.difference is None or self.low is None or self.high is None:
            return f"{NAMES[self.metric]} undefined"
        return f"{NAMES[self.metric]} {self.difference:+.3g} ({self.low:+.3g} to {self.high:+.3g})"


@dataclass(frozen=True)
class Comparison:
    """A segment's own model against the pooled one, on the same customers of a snapshot neither had seen."""

    segment: str
    as_of: date
    customers: int
    differences: tuple[Difference, ...]

    @property
    def own_is_worse(self) -> bool:
        """Say whether the own model is worse beyond the paired interval in a deciding figure."""
        return any(difference.is_worse for difference in self.differences)

    @property
    def in_words(self) -> str:
        """Return the finding for a reader."""
        who = "the pooled model scores" if self.own_is_worse else "its own model scores"
        figures = ", ".join(difference.in_words for difference in self.differences)
        return (
            f"{self.segment}: {who}; own less pooled model on {self.customers:,} customers of {self.as_of} "
            f"that neither had seen: {figures}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            **asdict(self),
            "as_of": self.as_of.isoformat(),
            "own_is_worse": self.own_is_worse,
            "differences": [asdict(difference) for difference in self.differences],
        }


def compare(
    segment: str,
    as_of: date,
    actual: npt.NDArray[np.float64],
    forecasts: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    settings: Settings,
) -> Comparison:
    """Compare the forecasts (own, pooled) of the same customers, shape (customers,), EUR, at least one."""
    scores = dict(zip(("own", "pooled"), forecasts, strict=True))
    metrics = {name: METRICS[name] for name in DECIDING}
    found = paired_bootstrap(actual, scores, "pooled", metrics, settings.bootstrap_resamples, settings.seed)
    by_model = found.set_index(["model", "metric"])
    differences = tuple(
        Difference(
            name,
            known(by_model.loc[("own", name), "estimate"]),
            known(by_model.loc[("pooled", name), "estimate"]),
            *(
                known(by_model.loc[("own", name), column])
                for column in ("difference", "difference_low", "difference_high")
            ),
        )
        for name in metrics
    )
    return Comparison(segment, as_of, len(actual), differences)


def known(value: Any) -> float | None:
    """Return a figure for JSON: None where it is undefined."""
    return None if math.isnan(value) else float(value)
