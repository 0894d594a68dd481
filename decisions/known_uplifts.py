"""Verb: what is known of the uplifts of actions at one t₀, from fitted models and finished experiments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import arms_at, readouts_of
from decisions.actions import ASSUMPTION, Assumptions
from decisions.experiment import STRATA
from decisions.learn_uplift import fitted_by
from decisions.uplift_lines import UpliftLines, measured_lines, uplift_lines
from decisions.uplift_model import Fitted


@dataclass(frozen=True)
class KnownUplifts:
    """What was measured: `measured_lines` by experiment, fitted models by action; notes for the reader."""

    measured: Mapping[str, pd.DataFrame]
    fitted: Mapping[str, Fitted]
    notes: list[str]

    def lines(self, customers: pd.DataFrame, assumptions: Assumptions) -> UpliftLines:
        """Return the lines of the assumptions' actions, which may be fewer than those that were read for."""
        return uplift_lines(customers, assumptions, self.measured, self.fitted)


def known_uplifts(lake: Lake, as_of: date, assumptions: Assumptions) -> KnownUplifts:
    """Return what is known of the uplifts of all actions.

    UserError for an experiment that was never drawn, and where a model was insisted on and there is none.
    """
    if assumptions.uplift_from == ASSUMPTION:
        return KnownUplifts({}, {}, [])
    fitted, of_models = fitted_by(lake, as_of, assumptions)
    measured, of_experiments = _measured_by(lake, as_of, assumptions)
    return KnownUplifts(measured, fitted, [*of_models, *of_experiments])


def _measured_by(
    lake: Lake, as_of: date, assumptions: Assumptions
) -> tuple[Mapping[str, pd.DataFrame], list[str]]:
    """Return `measured_lines` of the experiments that actions name and that had ended by t₀, and notes."""
    found, notes = {}, []
    for name in sorted({one.experiment for one in assumptions.actions if one.experiment}):
        if lake.current(arms_at(name)) is None:
            raise UserError(f"{lake.url(arms_at(name))}: there is no experiment {name}; correct its name")
        days = [day for day in lake.partitions(readouts_of(name), "as_of") if day <= str(as_of)]
        strata = (
            read_frame(lake.files(f"{readouts_of(name)}/as_of={day}", "uplifts/")) for day in reversed(days)
        )
        ended = next((one for one in strata if one["finished"].all()), None)
        if ended is None:
            notes.append(f"experiment {name} has no read-out after its end: its action rests on assumptions")
            continue
        members = read_frame(lake.files(arms_at(name), "arms/"))
        found[name] = measured_lines(ended, members.groupby(list(STRATA))["clv_eur"].mean())
    return found, notes
