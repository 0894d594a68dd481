"""What a contact added to revenue, as the log tells it, and revenue without it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

CAP_EUR = 400.0
"""Surprises beyond it count as this much: a few large ones would drown the one order that is looked for."""
ABOVE_CUT = 0.5
"""Chances above it are of those whom the plan named, below it of those drawn by lot."""

Wave = tuple[Floats, Floats, Mask, Floats]
"""Revenue, what was forecast of it, who was contacted, with which probability: shape (n,)."""


def added_by_contact(waves: Sequence[Wave]) -> float:
    """Return ψ, what a contact added on average in EUR; 0 where no wave left anything to chance.

    E-estimation with known propensities (Robins, Mark and Newey 1992): the ψ at which Y − ψA − forecast is
    uncorrelated with A − p, Σ (A − p)(Y − forecast) / Σ (A − p) A over those with 0 < p < 1. Any forecast
    made before the wave keeps it unbiased; a good one takes out noise. Never below 0.
    """
    upper = lower = 0.0
    for came, said, contacted, chance in waves:
        open_ = (chance > 0) & (chance < 1)
        surprise = np.clip(came[open_] - said[open_], -CAP_EUR, CAP_EUR)
        gap, contact = contacted[open_] - chance[open_], contacted[open_].astype(np.float64)
        upper += float(gap @ surprise)
        lower += float(gap @ contact)
    return max(upper / lower, 0.0) if lower > 0 else 0.0


def without_contact(came: Floats, contacted: Mask, added_eur: float) -> Floats:
    """Return revenue less what the contact added, at least 0: what models of revenue can learn from."""
    return np.maximum(came - added_eur * contacted, np.minimum(came, 0.0))


def net_revenue(came: Floats, said: Floats, contacted: Mask, chance: Floats, waves: slice) -> Floats:
    """Return revenue without what contacts added, told apart for those above and below the cut.

    Who is contacted most is not who answers like the rest. All have shape (n, cycles); `waves` are the cycles
    that tell of the effect.
    """
    net = came
    for part in (chance > ABOVE_CUT, (chance > 0) & (chance <= ABOVE_CUT)):
        told = [
            tuple(each[part[:, cycle], cycle] for each in (came, said, contacted, chance))
            for cycle in range(waves.start, waves.stop)
        ]
        net = np.where(part, without_contact(came, contacted, added_by_contact(told)), net)
    return net
