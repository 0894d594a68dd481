"""What a lake's own past says of the power of an experiment."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.experiment_data import Behaviour
from clv.deciles import decile
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.segment_figures import CLV_BAND_EDGES
from decisions.experiment import CHURN_DAYS, HIGH_VALUE, WEEK
from decisions.power import Arms, cap_of, mde_share, power_table, shortest

Floats = npt.NDArray[np.float64]
WEEKS = (2, 4, 6, 8, 10, 12, 16, 20, 26)
"""Lengths that a design is held against."""
COVARIATE_DAYS = 365


@dataclass(frozen=True)
class Past:
    """A past window of customers who had ordered before it: revenue and orders in it, what was known before.

    `covariate` is their score of that day, or where it was not kept their revenue of the year before.
    """

    outcome: Floats
    orders: npt.NDArray[np.int64]
    covariate: Floats
    covariate_is: str
    customer_id: npt.NDArray[np.object_]


def past(lake: Lake, behaviour: Behaviour, members: pd.DataFrame, as_of: date, days: int) -> Past:
    """Return what members did in [as_of − days, as_of); UserError where there are too few of them."""
    start = as_of - timedelta(days=days)
    before = members[members["tenure_days"] > days]
    if len(before) < 2:
        raise UserError(
            f"experiment at {as_of}: hardly a customer ordered before {start}; no power without a past"
        )
    ids = before["customer_id"]
    came = behaviour.within(start, days, ids)
    if lake.current(scores_at(start)) is not None:
        scores = read_frame(lake.files(scores_at(start)), ["customer_id", "clv_eur"]).set_index("customer_id")
        known, name = scores["clv_eur"].reindex(ids).fillna(0.0).to_numpy(), f"clv_eur of {start}"
    else:
        earlier = behaviour.within(start - timedelta(days=COVARIATE_DAYS), COVARIATE_DAYS, ids)
        known, name = (
            earlier["revenue_eur"].to_numpy(),
            f"revenue of the {COVARIATE_DAYS} days before {start}",
        )
    return Past(came["revenue_eur"].to_numpy(), came["orders"].to_numpy(), known, name, ids.to_numpy())


def power_of(
    lake: Lake, behaviour: Behaviour, members: pd.DataFrame, as_of: date, arms: Arms, weeks: int, lift: float
) -> dict[str, Any]:
    """Return the power of an experiment of `weeks`, and how many weeks a relative lift would take.

    `cap_eur`, at which revenue is winsorised; `table` for `weeks`; `durations`, the smallest relative effect
    of the adjusted mean by length; `weeks_for_lift`, None where the longest does not do; `churn`.
    """
    rows = {}
    for length in sorted({*WEEKS, weeks}):
        seen = past(lake, behaviour, members, as_of, length * WEEK)
        caps = (cap_of(seen.outcome), cap_of(seen.covariate))
        rows[length] = (power_table(seen.outcome, seen.covariate, caps, arms), caps[0], seen.covariate_is)
    best = {length: table[-1]["mde_relative"] for length, (table, _, _) in rows.items()}
    table, cap, covariate = rows[weeks]
    return {
        "members": len(members),
        "control": arms.control,
        "treatment": arms.treatment,
        "cap_eur": cap,
        "covariate": covariate,
        "table": table,
        "durations": [{"weeks": length, "mde_relative": mde} for length, mde in best.items()],
        "lift": lift,
        "weeks_for_lift": shortest(lambda length: best[length], tuple(best), lift),
        "churn": _churn(lake, behaviour, members, as_of, arms),
    }


def _churn(
    lake: Lake, behaviour: Behaviour, members: pd.DataFrame, as_of: date, arms: Arms
) -> dict[str, Any]:
    """Return past churn of those who were of high value then, and the fall of it that would be found."""
    seen = past(lake, behaviour, members, as_of, CHURN_DAYS)
    high = decile(seen.covariate, seen.customer_id) > CLV_BAND_EDGES[1]
    share = float((seen.orders[high] == 0).mean()) if high.any() else float("nan")
    part = float(members["value_band"].eq(HIGH_VALUE).mean())
    sizes = [max(int(n * part), 1) for n in (arms.control, arms.treatment)]
    found = mde_share(share, arms._replace(control=sizes[0], treatment=sizes[1]))
    return {"days": CHURN_DAYS, "control": sizes[0], "treatment": sizes[1], "churn": share, "mde": found}
