"""A share of all customers whom no plan ever contacts, so that all contacts together can be judged.

Who is in it follows from the customer's id and a salt alone (`decisions.assignment.hashed`): the same people
in every plan, newcomers in the same share. A larger share keeps those of a smaller one; another salt draws
anew.
"""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clv.errors import UserError
from decisions.assignment import hashed

SETTING = "settings/holdout.json"
"""Where a lake says its share and salt; without it there is no standing holdout."""

RULE = "standing_holdout"
_EXAMPLE = '{"share": 0.02, "salt": "2026"}'


@dataclass(frozen=True)
class StandingHoldout:
    """The share of customers held out for good, 0 for none, and what they are drawn by."""

    share: float = 0.0
    salt: str = ""

    @classmethod
    def from_json(cls, text: str, where: str) -> "StandingHoldout":
        """Return what a setting says; UserError with the place `where` it stands for anything else."""
        try:
            told = json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(f"{where}: is not JSON ({error}); write {_EXAMPLE}") from None
        if not isinstance(told, dict) or set(told) != {"share", "salt"}:
            raise UserError(f"{where}: expected share and salt and nothing else; write {_EXAMPLE}")
        share, salt = told["share"], told["salt"]
        if type(share) not in {int, float} or not 0 <= share < 1:
            raise UserError(f"{where}: share is {share!r}; give at least 0 and below 1, such as 0.02")
        if not isinstance(salt, str) or not salt:
            raise UserError(f"{where}: salt is {salt!r}; give a text, and keep it: another one draws anew")
        return cls(float(share), salt)

    def holds(self, customer_id: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return whether each customer is held out, whatever the order and whoever else is there."""
        ids = np.asarray(customer_id, dtype=object)
        return hashed(ids, self.salt) < self.share if self.share > 0 else np.zeros(len(ids), np.bool_)
