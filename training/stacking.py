"""The weights of trees and label-free forecasts, learned on what each said of customers it had not seen."""

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from clv.models.amount import Amount, lesson_of
from clv.models.rows import Inputs, Rows
from clv.models.stack import learned_weights
from training.trial import AmountTrial

Floats = npt.NDArray[np.float64]


def stacked(trial: AmountTrial, rows: Rows) -> AmountTrial:
    """Return the trial with learned weights.

    They are learned at the prior's own level on all rows of the trial: trees never saw the row's customer,
    nor the last snapshot. All of it closed before the t₀ of the forecast.
    """
    parts = unseen_parts(trial, rows)
    said = np.column_stack(list(parts.values()))
    told = lesson_of(rows, trial.by_fold[0].level.by_as_of)
    start = np.array([trial.weights[name] for name in parts])
    found = learned_weights(told.revenue_eur, said, told.weight, rows.inputs.as_of, start)
    weights = dict(zip(parts, found.tolist(), strict=True))
    return AmountTrial(tuple(replace(amount, weights=weights) for amount in trial.by_fold))


def unseen_parts(trial: AmountTrial, rows: Rows) -> dict[str, Floats]:
    """Return what each component says of every row, unseen, in EUR at the prior's own level."""
    return {name: trial.unseen(rows, partial(_said, name=name)) for name in trial.weights}


def _said(amount: Amount, inputs: Inputs, name: str) -> Floats:
    return amount.component_eur(name, inputs)
