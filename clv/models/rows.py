"""What models read and learn from, as arrays: encoded once, then cut by snapshot, segment and fold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.errors import UserError
from clv.models.folds import FoldsBy, customer_hash, fold_of
from clv.models.matrix import Encoding, Floats32
from clv.models.priors import (
    BTYD_CLV,
    BTYD_ORDERS,
    BTYD_P_ACTIVE,
    BTYD_SPEND,
    TRAILING_CLV,
    label_free_eur,
    prior,
)

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]

WEIGHT = "weight"


@dataclass(frozen=True)
class Inputs:
    """What a forecast is made from; every array has one entry per row.

    `matrix` are the encoded features, `group` is `country|first_order_value_band`, the rest are the priors.
    """

    matrix: Floats32
    as_of: Days
    group: Objects
    btyd_eur: Floats
    trailing_eur: Floats
    btyd_p: Floats
    btyd_orders: Floats
    btyd_spend_eur: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, encoding: Encoding) -> Self:
        """Return the inputs in the frame's order; UserError where a column is missing or a prior null."""
        return cls(
            matrix=encoding.encode(frame),
            as_of=frame["as_of"].to_numpy("datetime64[D]"),
            group=groups_of(frame),
            btyd_eur=prior(frame, BTYD_CLV),
            trailing_eur=prior(frame, TRAILING_CLV),
            btyd_p=prior(frame, BTYD_P_ACTIVE),
            btyd_orders=prior(frame, BTYD_ORDERS),
            btyd_spend_eur=prior(frame, BTYD_SPEND),
        )

    def __len__(self) -> int:
        return len(self.as_of)

    @property
    def label_free(self) -> dict[str, Floats]:
        """Return the label-free forecasts of revenue by their names in ensembles."""
        return {"btyd": self.btyd_eur, "trailing": self.trailing_eur}

    @property
    def start_eur(self) -> Floats:
        """Return what the label-free model says, where trees start from."""
        return label_free_eur(self.label_free)

    def where(self, mask: Mask | npt.NDArray[np.intp]) -> Self:
        """Return the rows of a mask, or those at the given places."""
        return type(self)(**{name: values[mask] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Rows:
    """Inputs with what came, sorted by snapshot and customer.

    `customer` is a hash of the id, `fold` 0 or 1 as `clv.models.folds` says, `orders` the counted orders in
    the horizon, `active` 1 with any of them, else 0, `weight` how often a row counts.
    """

    inputs: Inputs
    segment: Objects
    customer: npt.NDArray[np.uint64]
    fold: npt.NDArray[np.int64]
    label_eur: Floats
    orders: Floats
    active: Floats
    weight: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, encoding: Encoding, folds_by: FoldsBy = "customer") -> Self:
        """Return the rows of a training frame, whatever order it is in; its column `weight` is optional.

        Raises
        ------
        UserError
            As `Inputs.of`, if a customer stands twice at one t₀, and if a weight is negative or not finite.
        """
        if frame.duplicated(["customer_id", "as_of"]).any():
            raise UserError("training frame: a customer stands twice at one as_of; build the features again")
        order = np.lexsort((frame["customer_id"].astype(str), frame["as_of"].to_numpy("datetime64[D]")))
        inputs = Inputs.of(frame, encoding)
        orders = frame["label_orders"].to_numpy(np.float64)
        return cls(
            inputs=inputs,
            segment=frame["segment"].to_numpy(object),
            customer=customer_hash(frame["customer_id"]),
            fold=fold_of(frame, folds_by),
            label_eur=frame["label_eur"].to_numpy(np.float64),
            orders=orders,
            active=(orders >= 1).astype(np.float64),
            weight=_weight(frame),
        ).where(order)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def unequal_weight(self) -> Floats | None:
        """Return the weights, None where all are 1."""
        return None if (self.weight == 1).all() else self.weight

    @property
    def snapshots(self) -> list[date]:
        """Return the distinct t₀s, oldest first."""
        return cast("list[date]", np.unique(self.inputs.as_of).tolist())

    def where(self, mask: Mask | npt.NDArray[np.intp]) -> Self:
        """Return the rows of a mask, or those at the given places."""
        kept = {name: values[mask] for name, values in vars(self).items() if name != "inputs"}
        return type(self)(inputs=self.inputs.where(mask), **kept)

    def at(self, as_of: date) -> Mask:
        """Return which rows are of one t₀."""
        return np.asarray(self.inputs.as_of == np.datetime64(as_of, "D"))

    def per_snapshot(self, figure: Callable[[Self], float]) -> dict[date, float]:
        """Return a figure of each snapshot's rows."""
        return {day: figure(self.where(self.at(day))) for day in self.snapshots}

    def fading(self, half_life_days: int) -> Self:
        """Return the rows with less weight the older: half of it per half-life; the total stays.

        With 0 all snapshots count alike.
        """
        if half_life_days == 0 or len(self) == 0:
            return self
        age_days = (self.inputs.as_of.max() - self.inputs.as_of).astype(np.float64)
        faded = self.weight * 0.5 ** (age_days / half_life_days)
        return replace(self, weight=faded * (self.weight.sum() / faded.sum()))


def weighed(weight: Floats, value: Floats) -> float:
    """Return Σ weight × value, the same to the last bit wherever the arrays lie in memory (BLAS's is not)."""
    return float((weight * value).sum())


def groups_of(frame: pd.DataFrame) -> Objects:
    """Return `country|first_order_value_band` of each row, empty parts where unknown."""
    parts = [pd.Categorical(frame[name]) for name in ("country", "first_order_value_band")]
    country, band = ([*part.categories.astype(str), ""] for part in parts)
    names = np.array([[f"{a}|{b}" for b in band] for a in country], dtype=object)
    return cast("Objects", names[parts[0].codes, parts[1].codes])  # code −1, unknown, is the last place


def _weight(frame: pd.DataFrame) -> Floats:
    if WEIGHT not in frame.columns:
        return np.ones(len(frame))
    weight = frame[WEIGHT].to_numpy(np.float64, na_value=np.nan)
    bad = int((~np.isfinite(weight) | (weight < 0)).sum())
    if bad or not weight.any():
        what = f"is negative or not finite in {bad} rows" if bad else "is 0 in every row"
        raise UserError(f"training frame: {WEIGHT} {what}; give finite weights of at least 0, or no column")
    return weight
