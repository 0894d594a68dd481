"""The largest drivers of each customer's forecast, and the mean drivers of many, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.driver_words import DRIVER_WORDS
from clv.models.drivers import Share
from clv.models.forecast import DRIVER_START_EUR, EXPLANATION, TOP

Floats = npt.NDArray[np.float64]

BATCH_ROWS = 20_000
"""Some 100 MB: euros and TreeSHAP values of about a hundred drivers."""


class Explained(NamedTuple):
    """Forecasts taken apart: start_eur + the sum of a row's `eur` is its `clv_eur`.

    `start_eur` has shape (rows,), `eur` (rows, names).
    """

    start_eur: Floats
    names: Sequence[str]
    eur: Floats

    @classmethod
    def of(cls, share: Share, level: Floats) -> "Explained":
        """Return a share at the season's level of each row."""
        names = sorted(share.drivers)
        eur = np.column_stack([share.drivers[name] for name in names]) * level[:, None]
        return cls(share.start_eur * level, names, eur)


Explain = Callable[[pd.DataFrame], Explained | None]
"""A model's `explain`."""

Tell = Callable[[pd.DataFrame], tuple[pd.DataFrame, Explained | None]]
"""A model's `tell`."""


def with_top_drivers(tell: Tell, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the columns `FIGURES`, and the columns `EXPLANATION`, one row per row of `frame`, same index.

    `driver_1` is the driver with the most euros, up or down, in the words of the business; a driver of 0 is
    null. All are null where the model knows no typical customer.
    """
    return with_drivers(tell, frame, np.zeros(len(frame), dtype=bool))[:2]


def with_drivers(
    tell: Tell, frame: pd.DataFrame, wanted: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Any]]:
    """Return `with_top_drivers`, and for each row `(driver, euros)` of all drivers by name.

    wanted : shape (rows,); all drivers are None where it is false, and where the model knows none
    """

    def one(first: int) -> tuple[pd.DataFrame, pd.DataFrame | None, list[Any]]:
        rows = slice(first, first + BATCH_ROWS)
        said, explained = tell(frame.iloc[rows])
        if explained is None:
            return said, None, [None] * len(said)
        return said, _top(explained), _all(explained, wanted[rows])

    told = [one(first) for first in _firsts(frame)]
    top = _joined([drivers for _, drivers, _ in told if drivers is not None], frame.index)
    return pd.concat([said for said, _, _ in told]), top, [row for _, _, rows in told for row in rows]


def mean_drivers(explain: Explain, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each driver's mean euros and mean size in euros, the largest size first, JSON-ready.

    Empty where there is no row or the model knows no typical customer.
    """
    signed, size = dict[str, float](), dict[str, float]()
    for explained in map(explain, _batches(frame)):
        for place, name in enumerate(explained.names if explained else ()):
            eur = explained.eur[:, place] if explained else np.empty(0)
            signed[name] = signed.get(name, 0.0) + float(eur.sum())
            size[name] = size.get(name, 0.0) + float(np.abs(eur).sum())
    ranked = sorted(size, key=lambda name: (-size[name], name))
    return [
        {
            "driver": name,
            "words": DRIVER_WORDS[name],
            "mean_size_eur": size[name] / len(frame),
            "mean_eur": signed[name] / len(frame),
        }
        for name in ranked
        if size[name] > 0
    ]


def _firsts(frame: pd.DataFrame) -> range:
    """Return where batches begin; one batch of none where there are no rows."""
    return range(0, max(len(frame), 1), BATCH_ROWS)


def _batches(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for first in _firsts(frame):
        yield frame.iloc[first : first + BATCH_ROWS]


def _all(explained: Explained, wanted: npt.NDArray[np.bool_]) -> list[Any]:
    return [
        list(zip(explained.names, row.tolist(), strict=True)) if asked else None
        for row, asked in zip(explained.eur, wanted, strict=True)
    ]


def _joined(found: Sequence[pd.DataFrame], index: "pd.Index[Any]") -> pd.DataFrame:
    if not found:
        return _unknown(index)
    return pd.concat(found, ignore_index=True).set_index(index)[list(EXPLANATION)]


def _top(explained: Explained) -> pd.DataFrame:
    order = _largest(np.abs(explained.eur))
    eur = np.take_along_axis(explained.eur, order, axis=1)
    words = np.array([DRIVER_WORDS[name] for name in explained.names], dtype=object)[order]
    words[eur == 0] = None
    eur[eur == 0] = np.nan
    columns: dict[str, Any] = {DRIVER_START_EUR: explained.start_eur}
    for place in range(eur.shape[1]):
        columns |= {f"driver_{place + 1}": words[:, place], f"driver_{place + 1}_eur": eur[:, place]}
    return pd.DataFrame(columns).reindex(columns=list(EXPLANATION))


def _largest(size: Floats) -> npt.NDArray[np.intp]:
    """Return the places of the largest sizes of each row, the first of equal ones first; `size` is spent."""
    rows, found = np.arange(len(size)), []
    for _ in range(min(TOP, size.shape[1])):
        found.append(size.argmax(axis=1))
        size[rows, found[-1]] = -1.0
    return np.column_stack(found)


def _unknown(index: "pd.Index[Any]") -> pd.DataFrame:
    columns = {name: np.nan if name.endswith("_eur") else None for name in EXPLANATION}
    return pd.DataFrame(columns, index=index).astype({n: "float64" for n in columns if n.endswith("_eur")})
