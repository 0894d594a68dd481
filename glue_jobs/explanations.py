"""All drivers of the sampled customers at one t₀, one row each, beside the values that they go by."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.driver_words import DRIVER_WORDS, VALUE_OF
from clv.errors import UserError
from clv.explanation_tables import EXPLANATIONS
from clv.models.forecast import ALL_DRIVERS

SAID = ["customer_id", "horizon_days", "segment", "clv_eur", "driver_start_eur", "model_version"]
"""What is taken over from the scores, or compared with them."""
FARTHEST = 1e-6
"""EUR by which start and drivers may miss a forecast, for each euro of it above one."""
YES_NO = {True: "yes", False: "no"}


def explanations(scores: pd.DataFrame, told: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `EXPLANATIONS` by segment, driver and customer.

    Parameters
    ----------
    scores
        The scores to be published, with the columns `SAID` and as_of.
    told
        customer_id and `ALL_DRIVERS`, (name, EUR) pairs, of each sampled customer.
    given
        What the models were given of them: customer_id, features and priors.

    UserError where a sampled customer has no score, or start and drivers do not add up to it.
    """
    people = told.merge(scores[[*SAID, "as_of"]], "left", "customer_id")
    _check(people)
    pairs = [pair for of in people[ALL_DRIVERS] for pair in of]
    places = np.repeat(np.arange(len(people)), [len(of) for of in people[ALL_DRIVERS]])
    rows = people.drop(columns=[ALL_DRIVERS]).iloc[places].reset_index(drop=True)
    rows["eur"] = np.array([eur for _, eur in pairs], dtype=np.float64)
    names = pd.Series([name for name, _ in pairs], dtype=object)
    rows["driver"], rows["feature"] = (names.map(words).fillna(names) for words in (DRIVER_WORDS, VALUE_OF))
    _add_values(rows, given.set_index("customer_id"))
    ordered = rows.sort_values(["segment", "driver", "customer_id"], ignore_index=True)
    return ordered[list(EXPLANATIONS.names)]


def _check(people: pd.DataFrame) -> None:
    strange = int(people.model_version.isna().sum())
    if strange:
        raise UserError(f"{strange} of {len(people)} sampled customers have drivers and no score")
    total = people.driver_start_eur + people[ALL_DRIVERS].map(lambda pairs: sum(eur for _, eur in pairs))
    off = ~((total - people.clv_eur).abs() <= FARTHEST * people.clv_eur.abs().clip(lower=1))
    if off.any():
        first, adds_up_to = people[off].iloc[0], total[off].iloc[0]
        raise UserError(
            f"drivers of {int(off.sum())} of {len(people)} sampled customers miss the forecast, "
            f"such as {adds_up_to:.4f} for {first.clv_eur:.4f} EUR of {first.customer_id}: score again"
        )


def _add_values(rows: pd.DataFrame, given: pd.DataFrame) -> None:
    """Give the rows `value` or `value_text`; `feature` becomes null where no column has that name."""
    rows["value"], rows["value_text"] = np.nan, None
    rows["feature"] = rows.feature.where(rows.feature.isin(given.columns), None)
    for name, places in rows.groupby("feature").groups.items():
        values = given.loc[rows.customer_id[places], str(name)]
        kind, cells = _cells(values)
        rows.loc[places, kind] = cells


def _cells(values: "pd.Series[Any]") -> tuple[str, npt.NDArray[Any]]:
    """Return the column that a feature's values belong to, and its cells."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return "value", values.to_numpy(np.float64, na_value=np.nan)
    said = values.astype(object)
    if said.map(lambda cell: isinstance(cell, bool)).any():
        said = said.map(YES_NO)
    return "value_text", said.where(said.notna(), None).to_numpy(object)
