"""Stability checks: how far customers move when the recipe is trained again on slightly other data."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.deciles import decile
from clv.metrics import spearman
from clv.models.rows import WEIGHT
from training.compare import known
from training.promotion import Estimate
from training.validation.checks import Found

FAR = 2
"""Deciles apart that count as a move: one apart is the luck of standing near an edge."""


@dataclass(frozen=True)
class Rerun:
    """Another training of the recipe against the first, on the same customers.

    kind : `bootstrap` or `adjacent`, as in the names of checks
    moved : share of customers at least `FAR` deciles apart
    rank_correlation : Spearman's, None where a side is constant
    """

    kind: str
    what: str
    moved: float
    rank_correlation: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def rerun(
    kind: str, what: str, customer_id: npt.ArrayLike, first: npt.ArrayLike, other: npt.ArrayLike
) -> Rerun:
    """Compare two trainings' forecasts of the same customers, arrays of shape (customers,), EUR."""
    apart = np.abs(decile(first, customer_id) - decile(other, customer_id))
    return Rerun(kind, what, float((apart >= FAR).mean()), known(spearman(first, other)))


def stability(reruns: Iterable[Rerun]) -> Iterator[Found]:
    """Yield the figures of retrainings; the check tells the worst of a kind."""
    for one in reruns:
        yield Found(f"{one.kind}_moved", Estimate(one.moved), one.what)
        yield Found(f"{one.kind}_rank_correlation", Estimate(one.rank_correlation), one.what)


def customers_drawn(frame: pd.DataFrame, draw: int, seed: int) -> pd.DataFrame:
    """Return a training frame with customers drawn with replacement, as a weight; those never drawn left out.

    All rows of a customer are drawn together, for they are no independent ones. Which customers, follows from
    the ids, `draw` and `seed`, not from the order of rows.
    """
    codes, ids = pd.factorize(frame["customer_id"].astype(str), sort=True)
    rng = np.random.default_rng([seed, draw])
    counts = np.bincount(rng.integers(0, len(ids), len(ids)), minlength=len(ids))[codes]
    weight = frame[WEIGHT] * counts if WEIGHT in frame else counts.astype(np.float64)
    drawn: pd.DataFrame = frame.assign(**{WEIGHT: weight})[counts > 0]
    return drawn


def without_newest(frame: pd.DataFrame) -> tuple[pd.DataFrame, date | None]:
    """Return a training frame without its newest snapshot, and which that was; None where it is the only one.

    So it stood a month earlier: the nearest other training that the cycle would have made.
    """
    days = sorted(frame["as_of"].unique()) if len(frame) else []
    if len(days) < 2:
        return frame, None
    return frame[frame["as_of"] != days[-1]], days[-1]
