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
from decisions.experiment import ALL, CHURN_DAYS, HIGH_VALUE, WEEK
from decisions.power import (
    ADJUSTED,
    DIFFERING_ONLY,
    NO_SEASON,
    Arms,
    Past,
    Season,
    Window,
    mde_share,
    power_table,
    season_of,
    shortest,
)
from decisions.rfm_rule import ORDERS_IN, RULE_DAYS, SPEND_IN, RfmRule, clv_ranking

YEAR = timedelta(days=364)
"""Back to the same weekdays."""
FEWEST = 200
"""Customers of a past window whose spread tells of a season."""
WEEKS = (2, 4, 6, 8, 10, 12, 16, 20, 26)
"""Lengths that a design is held against."""
COVARIATE_DAYS = 365


@dataclass(frozen=True)
class Question:
    """What the past before t₀ of `as_of` is asked for: whose, with which arms, rule and contacts."""

    lake: Lake
    behaviour: Behaviour
    members: pd.DataFrame
    as_of: date
    arms: Arms
    rule: RfmRule
    contacts: int


def before(asked: Question, days: int) -> tuple[pd.DataFrame, str]:
    """Return what members did in [as_of − days, as_of), and what the covariate is.

    Only those who had ordered before: `customer_id`, `revenue_eur`, `orders`, `clv_eur`, and what the RFM
    rule reads, as of that day. `clv_eur` is the score of that day or, where it was not kept, the revenue of
    the year before. UserError where hardly anybody had ordered.
    """
    start = asked.as_of - timedelta(days=days)
    known = asked.members[asked.members["tenure_days"] > days]
    if len(known) < 2:
        raise UserError(
            f"experiment at {asked.as_of}: hardly a customer ordered before {start}; no power without a past"
        )
    ids = known["customer_id"].reset_index(drop=True)
    rows = asked.behaviour.within(start, days, ids).assign(customer_id=ids)
    half_year = asked.behaviour.within(start - timedelta(days=RULE_DAYS), RULE_DAYS, ids)
    rows = rows.assign(**{ORDERS_IN: half_year["orders"], SPEND_IN: half_year["revenue_eur"]})
    if asked.lake.current(scores_at(start)) is not None:
        scores = read_frame(asked.lake.files(scores_at(start)), ["customer_id", "clv_eur"])
        score = scores.set_index("customer_id")["clv_eur"].reindex(ids).fillna(0.0).to_numpy()
        return rows.assign(clv_eur=score), f"clv_eur of {start}"
    year = asked.behaviour.within(start - timedelta(days=COVARIATE_DAYS), COVARIATE_DAYS, ids)
    return rows.assign(clv_eur=year["revenue_eur"]), f"revenue of the {COVARIATE_DAYS} days before {start}"


def past(asked: Question, rows: pd.DataFrame) -> Past:
    """Return a past window of `before`, with the share of customers contacted that the design has."""
    then = _apart(asked, rows, round(asked.contacts * len(rows) / len(asked.members)))
    now = _apart(asked, asked.members, asked.contacts)
    return Past(rows["revenue_eur"].to_numpy(), rows["clv_eur"].to_numpy(), then, float(now.mean()))


def _apart(asked: Question, rows: pd.DataFrame, contacts: int) -> npt.NDArray[np.bool_]:
    """Return whom one of the rules alone names among its first so many."""
    rankings = (asked.rule.ranking(rows), clv_ranking(rows))
    by_rule, by_score = (rows.index.isin(ranking[:contacts]) for ranking in rankings)
    return np.asarray(by_rule != by_score, dtype=np.bool_)


def season(asked: Question, days: int) -> Season | None:
    """Return by what the window of these days a year ago differed from the one before it.

    None where the ledger does not reach so far back, or hardly anybody had ordered by then.
    """
    middle = asked.as_of - YEAR
    if asked.behaviour.first_day > middle - timedelta(days=days):
        return None
    first, second = (_revenue(asked, start, days) for start in (middle - timedelta(days=days), middle))
    return season_of(first, second) if len(first.outcome) >= FEWEST else None


def _revenue(asked: Question, start: date, days: int) -> Window:
    """Return what those brought in a past window who had ordered before it."""
    known = asked.members["tenure_days"] > (asked.as_of - start).days
    ids = asked.members.loc[known, "customer_id"].reset_index(drop=True)
    came = asked.behaviour.within(start, days, ids)["revenue_eur"]
    year = asked.behaviour.within(start - timedelta(days=COVARIATE_DAYS), COVARIATE_DAYS, ids)["revenue_eur"]
    return Window(came.to_numpy(), year.to_numpy())


def power_of(asked: Question, weeks: int, decides: str, lift: float) -> dict[str, Any]:
    """Return the power of an experiment of `weeks`, and how many weeks a relative lift would take.

    `cap_eur`, at which revenue is winsorised; `season`, by what revenue is expected to change, null where it
    is not known; `table` for `weeks`; `durations`, the smallest relative effect of the figure that decides,
    by length; `weeks_for_lift`, None where the longest does not do; `churn`.
    """
    windows = {length: before(asked, length * WEEK) for length in sorted({*WEEKS, weeks})}
    pasts = {length: past(asked, rows) for length, (rows, _) in windows.items()}
    seasons = {length: season(asked, length * WEEK) for length in pasts}
    tables = {n: power_table(one, asked.arms, seasons[n] or NO_SEASON) for n, one in pasts.items()}
    method, now = ADJUSTED if decides == ALL else DIFFERING_ONLY, seasons[weeks]
    best = {n: _relative(table, method) for n, table in tables.items()}
    return {
        "members": len(asked.members),
        "control": asked.arms.control,
        "treatment": asked.arms.treatment,
        "cap_eur": pasts[weeks].cap_eur,
        "covariate": windows[weeks][1],
        "season": None if now is None else now._asdict(),
        "table": tables[weeks],
        "durations": [{"weeks": length, "mde_relative": mde} for length, mde in best.items()],
        "lift": lift,
        "weeks_for_lift": shortest(lambda length: best[length], tuple(best), lift),
        "churn": _churn(asked),
    }


def _relative(table: list[dict[str, Any]], method: str) -> float:
    return next(float(row["mde_relative"]) for row in table if row["method"] == method)


def _churn(asked: Question) -> dict[str, Any]:
    """Return past churn of those who were of high value then, and the fall of it that would be found."""
    rows, _ = before(asked, CHURN_DAYS)
    high = decile(rows["clv_eur"], rows["customer_id"]) > CLV_BAND_EDGES[1]
    share = float((rows["orders"].to_numpy()[high] == 0).mean()) if high.any() else float("nan")
    part = float(asked.members["value_band"].eq(HIGH_VALUE).mean())
    sizes = [max(int(n * part), 1) for n in (asked.arms.control, asked.arms.treatment)]
    found = mde_share(share, asked.arms._replace(control=sizes[0], treatment=sizes[1]))
    return {"days": CHURN_DAYS, "control": sizes[0], "treatment": sizes[1], "churn": share, "mde": found}
