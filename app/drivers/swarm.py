"""Points of a beeswarm: one per customer and driver, spread where many have like amounts. Pure."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.drivers.sample import Sample

Floats = npt.NDArray[np.float64]

BINS = 70
"""Along the axis of euros; within one of them points are spread."""


def swarm(sample: Sample, drivers: list[str], most: int) -> pd.DataFrame:
    """Return `driver`, `eur`, `offset` (−1 to 1), `rank` and `said` of at most `most` customers.

    `rank` is the customer's place among the sample by the driver's value, 0 the lowest, 1 the highest; null
    where the value is no number. `said` is the value as text.
    """
    people = every(sample.eur.index, most)
    reach = _bent(sample.eur[drivers].to_numpy(np.float64))
    edges = np.linspace(reach.min(), reach.max(), BINS + 1)
    parts = []
    for driver in drivers:
        told = sample.of(driver)
        told["rank"] = _ranks(told.value)
        told["said"] = [_text(number, text) for number, text in zip(told.value, told.value_text, strict=True)]
        points = told.loc[people, ["eur", "rank", "said"]]
        offset = _offsets(np.digitize(_bent(points.eur.to_numpy(np.float64)), edges))
        parts.append(points.assign(driver=driver, offset=offset))
    return pd.concat(parts, ignore_index=True)


def every(people: "pd.Index[str]", most: int) -> "pd.Index[str]":
    """Return at most so many customers, evenly through their order."""
    if len(people) <= most:
        return people
    return people[np.linspace(0, len(people) - 1, most).round().astype(int)]


def _bent(eur: Floats) -> Floats:
    """Return euros on the axis of the chart: a logarithm on either side of zero."""
    return np.asarray(np.sign(eur) * np.log1p(np.abs(eur)))


def _ranks(value: "pd.Series[float]") -> "pd.Series[float]":
    ranks = value.rank(method="average")
    span = ranks.max() - ranks.min()
    return (ranks - ranks.min()) / span if span > 0 else ranks * np.nan


def _offsets(bins: npt.NDArray[np.intp]) -> Floats:
    """Return where points stand beside the line: the first of a bin on it, others in turn beside it."""
    place = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    side = np.where(place % 2 == 0, 1, -1) * ((place + 1) // 2)
    return np.asarray(side / max(np.abs(side).max(), 1), dtype=np.float64)


def _text(number: float, text: str | None) -> str:
    if text is not None and text == text:  # noqa: PLR0124 - NaN is how pandas writes a missing name
        return str(text)
    return "not known" if np.isnan(number) else f"{number:,.4g}"
