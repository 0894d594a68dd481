"""What each action adds to whom: by a fitted model, else measured by an experiment, else as assumed.

A line is one stratum of one action. Its error has a part that it shares with the other lines of its source,
a part that raises some of them and lowers others, and a part of its own; lines of different sources err
independently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.actions import ASSUMPTION, Action, AssumedUplift, Assumptions
from decisions.experiment import STRATA
from decisions.uplift_model import Fitted
from decisions.uplifts import shrink, shrunk_errors

NO_LINE = -1
LINE_COLUMNS = ["action", "stratum", "source", "uplift", "sd_shared", "sd_tilt", "sd_own"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class UpliftLines:
    """The lines, and which one counts for whom.

    lines : `LINE_COLUMNS`, one row per line; `uplift` as a share of CLV, with its standard deviations, of
        which `sd_tilt` has a sign; `source` is `assumption`, `experiment NAME` or `model NAME`
    of : shape (customers, actions), row of `lines`, `NO_LINE` where the action is not for the customer
    weight : same shape; a customer's own uplift as a multiple of the line's. 1 but for fitted models, which
        tell effects in EUR: mean CLV of the line's customers over the customer's own
    """

    lines: pd.DataFrame
    of: Ints
    weight: Floats

    def spread(self, column: str) -> Floats:
        """Return uplift or one of its standard deviations by customer and action, NaN for none."""
        values = np.append(self.lines[column].to_numpy(np.float64), np.nan)
        return np.asarray(values[self.of] * self.weight, np.float64)


def uplift_lines(
    customers: pd.DataFrame,
    assumptions: Assumptions,
    measured: Mapping[str, pd.DataFrame],
    fitted: Mapping[str, Fitted] | None = None,
) -> UpliftLines:
    """Return the lines of all actions and which one counts for whom.

    Parameters
    ----------
    customers
        `country`, `value_band`, `acquisition_channel` (none null), `segment`, `recency_days`; for a fitted
        model `clv_eur`, `decile` and what it looks at.
    assumptions
        Actions and their assumed uplifts; these also count for strata that an experiment did not see.
    measured
        `measured_lines` by the name of a finished experiment.
    fitted
        By the name of an action; where a model does not cover a customer the others count.
    """
    parts: list[pd.DataFrame] = []
    of = np.full((len(customers), len(assumptions.actions)), NO_LINE, np.int64)
    weight = np.ones(of.shape)
    begin = 0
    for place, action in enumerate(assumptions.actions):
        found, rows = _of_action(customers, action, assumptions, measured)
        if fitted and action.name in fitted:
            found, rows, weight[:, place] = _with_model(customers, fitted[action.name], found, rows)
            found = found.fillna({"source": f"model {action.taught_by}"})
        of[:, place] = np.where(rows == NO_LINE, NO_LINE, rows + begin)
        parts.append(found.assign(action=action.name))
        begin += len(found)
    return UpliftLines(pd.concat(parts, ignore_index=True)[LINE_COLUMNS], of, weight)


def measured_lines(strata: pd.DataFrame, mean_clv_eur: "pd.Series[float]") -> pd.DataFrame:
    """Return the uplift of a contact by stratum of an experiment, as a share of CLV, shrunk.

    In a stratum of mean CLV c an uplift of e EUR is a share e / c: a customer of mean CLV gains what was
    measured. Shares are drawn to that of all strata together, so an experiment that cannot tell strata apart
    says one uplift for everybody, which ranks customers by CLV. Revenue after its window counts as nothing.

    Parameters
    ----------
    strata
        `STRATA`, `contact_uplift_eur` and its `contact_uplift_standard_error_eur`: the table
        `experiment_uplifts`. Its own shrunk value, of EUR, is not used: it would draw strata of little value
        to an uplift that those of much value have.
    mean_clv_eur
        Of the members of each stratum when arms were drawn, indexed by `STRATA`.

    Returns
    -------
    pandas.DataFrame
        `STRATA`, `uplift`, `sd_shared` (error of the share that all are drawn to) and `sd_own`; without
        strata of no positive mean CLV, and empty where nothing was measured.
    """
    found = strata[list(STRATA)].reset_index(drop=True)
    clv = mean_clv_eur.reindex(pd.MultiIndex.from_frame(found)).to_numpy(np.float64)
    valued = clv > 0
    share, error = (
        (strata[name].reset_index(drop=True) / clv)[valued]
        for name in ("contact_uplift_eur", "contact_uplift_standard_error_eur")
    )
    errors = shrunk_errors(share, error)
    told = found[valued].assign(uplift=shrink(share, error), sd_shared=errors["shared"], sd_own=errors["own"])
    return told[told["uplift"].notna()].reset_index(drop=True)


def _of_action(
    customers: pd.DataFrame, action: Action, assumptions: Assumptions, measured: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, Ints]:
    assumed = [line for line in assumptions.uplifts if line.action == action.name]
    found, rows = _assumed(assumed, assumptions.shared_error), _first_match(customers, assumed)
    if action.experiment is not None and action.experiment in measured:
        strata = measured[action.experiment]
        place = pd.Series(range(len(strata)), pd.MultiIndex.from_frame(strata[list(STRATA)]))
        seen = place.reindex(pd.MultiIndex.from_frame(customers[list(STRATA)])).to_numpy(np.float64)
        rows = np.where(np.isnan(seen), rows, np.nan_to_num(seen) + len(found)).astype(np.int64)
        labels = strata[list(STRATA)].agg(" × ".join, axis=1)
        seen_lines = strata.assign(stratum=labels, source=f"experiment {action.experiment}", sd_tilt=0.0)
        found = pd.concat([found, seen_lines], ignore_index=True)
    return found, rows


def _with_model(
    customers: pd.DataFrame, model: Fitted, lines: pd.DataFrame, rows: Ints
) -> tuple[pd.DataFrame, Ints, Floats]:
    """Return lines, row and weight of each customer, of the model where it covers them."""
    weight = np.ones(len(customers))
    covered = np.flatnonzero(model.covers(customers))
    if not len(covered):
        return lines, rows, weight
    found, place = model.lines(customers.iloc[covered])
    clv = customers["clv_eur"].to_numpy(np.float64)[covered]
    rows, weight[covered] = rows.copy(), found["mean_clv_eur"].to_numpy(np.float64)[place] / clv
    rows[covered] = place + len(lines)
    return pd.concat([lines, found], ignore_index=True), rows, weight


def _assumed(lines: Sequence[AssumedUplift], shared: float) -> pd.DataFrame:
    sd = np.array([line.sd for line in lines], np.float64)
    return pd.DataFrame(
        {
            "stratum": pd.Series([line.label for line in lines], dtype=object),
            "source": pd.Series([ASSUMPTION] * len(lines), dtype=object),
            "uplift": np.array([line.uplift for line in lines], np.float64),
            "sd_shared": sd * np.sqrt(shared),
            "sd_tilt": np.zeros(len(lines)),
            "sd_own": sd * np.sqrt(1 - shared),
        }
    )


def _first_match(customers: pd.DataFrame, lines: Sequence[AssumedUplift]) -> Ints:
    rows = np.full(len(customers), NO_LINE, np.int64)
    for place in reversed(range(len(lines))):
        rows[_applies(customers, lines[place])] = place
    return rows


def _applies(customers: pd.DataFrame, line: AssumedUplift) -> npt.NDArray[np.bool_]:
    recency = customers["recency_days"].to_numpy(np.float64)
    applies = recency >= line.recency_from_days
    if line.recency_below_days is not None:
        applies &= recency < line.recency_below_days
    wanted = {"value_band": line.band, "segment": line.stage, "country": line.country}
    for column, value in wanted.items():
        if value is not None:
            applies &= customers[column].eq(value).to_numpy(np.bool_)
    return np.asarray(applies, np.bool_)
