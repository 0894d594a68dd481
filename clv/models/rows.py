"""What models read and learn from, as arrays: encoded once, then cut by snapshot, segment and fold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.errors import UserError
from clv.models.matrix import Encoding, Floats32
from clv.models.priors import BTYD_CLV, BTYD_P_ACTIVE, TRAILING_CLV, prior

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

FOLDS = 2
HASH_KEY_LENGTH = 16


@dataclass(frozen=True)
class Inputs:
    """What a forecast is made from; every array has one entry per row.

    `matrix` are the encoded features, `group` is `country|first_order_value_band`, the rest are the priors.
    """

    matrix: Floats32
    as_of: Objects
    group: Objects
    btyd_eur: Floats
    trailing_eur: Floats
    btyd_p: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, encoding: Encoding) -> Self:
        """Return the inputs in the frame's order; UserError where a column is missing or a prior null."""
        return cls(
            matrix=encoding.encode(frame),
            as_of=frame["as_of"].to_numpy("datetime64[D]").astype(object),
            group=groups_of(frame),
            btyd_eur=prior(frame, BTYD_CLV),
            trailing_eur=prior(frame, TRAILING_CLV),
            btyd_p=prior(frame, BTYD_P_ACTIVE),
        )

    def __len__(self) -> int:
        return len(self.as_of)

    def where(self, mask: Mask) -> Self:
        """Return the rows of a mask."""
        return type(self)(**{name: values[mask] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Rows:
    """Inputs with what came, sorted by snapshot and customer.

    `customer` is a hash of the id, `active` 1 with an order in the horizon, else 0.
    """

    inputs: Inputs
    segment: Objects
    customer: npt.NDArray[np.uint64]
    label_eur: Floats
    active: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, encoding: Encoding) -> Self:
        """Return the rows of a training frame, whatever order it is in.

        Raises
        ------
        UserError
            As `Inputs.of`, and if a customer stands twice at one t₀.
        """
        if frame.duplicated(["customer_id", "as_of"]).any():
            raise UserError("training frame: a customer stands twice at one as_of; build the features again")
        frame = frame.iloc[
            np.lexsort((frame["customer_id"].astype(str), frame["as_of"].to_numpy("datetime64[D]")))
        ]
        return cls(
            inputs=Inputs.of(frame, encoding),
            segment=frame["segment"].to_numpy(object),
            customer=customer_hash(frame["customer_id"]),
            label_eur=frame["label_eur"].to_numpy(np.float64),
            active=(frame["label_orders"].to_numpy() >= 1).astype(np.float64),
        )

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def fold(self) -> npt.NDArray[np.int64]:
        """Return 0 or 1 for each row; all rows of a customer share it."""
        return (self.customer % FOLDS).astype(np.int64)

    @property
    def snapshots(self) -> list[date]:
        """Return the distinct t₀s, oldest first."""
        return sorted(set(self.inputs.as_of.tolist()))

    def where(self, mask: Mask) -> Self:
        """Return the rows of a mask."""
        kept = {name: values[mask] for name, values in vars(self).items() if name != "inputs"}
        return type(self)(inputs=self.inputs.where(mask), **kept)

    def per_snapshot(self, figure: Callable[[Self], float]) -> dict[date, float]:
        """Return a figure of each snapshot's rows."""
        return {day: figure(self.where(self.inputs.as_of == day)) for day in self.snapshots}


def groups_of(frame: pd.DataFrame) -> Objects:
    """Return `country|first_order_value_band` of each row, empty parts where unknown."""
    country, band = (frame[name].astype(object).fillna("") for name in ("country", "first_order_value_band"))
    return (country.astype(str) + "|" + band.astype(str)).to_numpy(object)


def customer_hash(customer_id: "pd.Series[str]", key: str = "") -> npt.NDArray[np.uint64]:
    """Return a hash of each id, the same wherever and in whatever order the ids are read.

    Another `key`, at most 16 characters, gives an unrelated hash.
    """
    ids = customer_id.astype(str).to_numpy(object)
    return pd.util.hash_array(ids, hash_key=key.rjust(HASH_KEY_LENGTH, "0"), categorize=False)
