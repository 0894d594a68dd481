"""Features as XGBoost reads them: float32 numbers and category codes from a saved vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.errors import UserError

Floats32 = npt.NDArray[np.float32]

OTHER_CODE = 0
MIN_ROWS_PER_LEVEL = 50
MAX_LEVELS = 63
"""Rarer levels share the code of those never seen, so that an unseen one is no surprise to the trees."""


@dataclass(frozen=True)
class Encoding:
    """Which columns enter, and the code of each known level; other levels get `OTHER_CODE`, nulls NaN."""

    numeric: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def fit(cls, frame: pd.DataFrame, numeric: tuple[str, ...], categorical: tuple[str, ...]) -> Self:
        """Learn the vocabulary; columns that do not vary, such as those of a missing table, are left out."""
        _require(frame, (*numeric, *categorical))
        kept = tuple(name for name in numeric if _varies(frame[name]))
        return cls(kept, {name: _frequent(frame[name]) for name in categorical if _varies(frame[name])})

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names, in the order of the matrix."""
        return (*self.numeric, *self.levels)

    @property
    def feature_types(self) -> list[str]:
        """Return XGBoost's type of each column: q a quantity, c a category."""
        return ["q"] * len(self.numeric) + ["c"] * len(self.levels)

    def encode(self, frame: pd.DataFrame) -> Floats32:
        """Return shape (rows, columns); UserError where a column is missing."""
        _require(frame, self.names)
        matrix = np.empty((len(frame), len(self.numeric) + len(self.levels)), dtype=np.float32, order="F")
        for place, name in enumerate(self.numeric):
            matrix[:, place] = _numbers(frame[name])
        for place, (name, known) in enumerate(self.levels.items(), start=len(self.numeric)):
            matrix[:, place] = _codes(frame[name], known)
        return np.ascontiguousarray(matrix)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; `from_dict` restores them."""
        return {
            "numeric": list(self.numeric),
            "levels": {name: list(known) for name, known in self.levels.items()},
        }

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Self:
        """Restore what `to_dict` returned."""
        return cls(tuple(saved["numeric"]), {name: tuple(known) for name, known in saved["levels"].items()})


def _require(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise UserError(f"features lack {', '.join(missing)}, which the model reads: build them again")


def _varies(values: "pd.Series[Any]") -> bool:
    return len(values.drop_duplicates()) > 1


def _frequent(values: "pd.Series[Any]") -> tuple[str, ...]:
    counts = values.value_counts()
    ranked = sorted(
        counts[counts >= MIN_ROWS_PER_LEVEL].items(), key=lambda found: (-found[1], str(found[0]))
    )
    return tuple(str(level) for level, _ in ranked[:MAX_LEVELS])


def _numbers(values: "pd.Series[Any]") -> npt.NDArray[Any]:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        return values.to_numpy()  # cast where it is written: no copy in between
    known = values.astype("boolean") if values.dtype == object else values
    return known.to_numpy(dtype=np.float32, na_value=np.nan)


def _codes(values: "pd.Series[Any]", known: tuple[str, ...]) -> Floats32:
    code = {level: place for place, level in enumerate(known, start=OTHER_CODE + 1)}
    place, levels = pd.factorize(values)
    codes: Floats32 = np.array([*(code.get(level, OTHER_CODE) for level in levels), np.nan], np.float32)
    return codes.take(place)  # place −1, a null, is the last one
