"""Verb: read the treatments of a lake with what came of them, and fit the uplift of each action."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.contracts import HOLDOUT
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.segment_figures import UNKNOWN, clv_band
from clv.segments import LEAD
from clv.settings import Settings
from clv.timeline import t0
from decisions.actions import AUTO, MODEL, Action, Assumptions
from decisions.experiment import STRATA
from decisions.uplift_log import CATEGORIES, NUMBERS, Log
from decisions.uplift_model import Fitted, learn

OLDEST_SCORES_DAYS = 35
"""A wave counts where the customer had been scored so many days before it, at most."""

_TREATMENTS = [
    "customer_id", "campaign", "treatment_ts", "purpose", "propensity", "known_ts", "known_until_ts",
]  # fmt: skip
Floats = npt.NDArray[np.float64]
_ENTRIES = ["customer_id", "entry_ts", "known_ts", "amount_eur_cents"]


def fitted_by(lake: Lake, as_of: date, assumptions: Assumptions) -> tuple[dict[str, Fitted], list[str]]:
    """Return the fitted uplift of each action that has one, and what is to know of them and of the others.

    Only treatments of the action's campaigns that were known at t₀, and whose window had ended then, teach.
    Folds follow the settings' seed and no plan's. UserError where a model was insisted on and there is none.
    """
    found: dict[str, Fitted] = {}
    notes = []
    for action in assumptions.actions if assumptions.uplift_from in {AUTO, MODEL} else ():
        if not action.logged:
            continue
        log = log_of(lake, as_of, action.logged, assumptions.window_days)
        taught = (
            "no treatment of theirs is known with its outcome" if log is None else learn(log, Settings().seed)
        )
        if isinstance(taught, Fitted):
            found[action.name] = taught
            notes.append(_told(action, taught))
        elif assumptions.uplift_from == MODEL:
            raise UserError(f"no uplift model of {action.name} from {action.taught_by}: {taught}")
        else:
            notes.append(f"no uplift model of {action.name} from {action.taught_by}: {taught}")
    if assumptions.uplift_from == MODEL and not found:
        raise UserError(
            "no action names campaigns whose treatments could teach a model: --campaign ACTION=NAME"
        )
    return found, notes


def log_of(lake: Lake, as_of: date, campaigns: Sequence[str], window_days: int) -> Log | None:
    """Return the treatments of campaigns with what came of them, None without any.

    Of a customer's rows in one campaign and window the first counts, with what the later ones added: an
    experiment contacts the same customers several times.
    """
    rows = _treated(lake, as_of, campaigns, window_days)
    if rows.empty:
        return None
    known = _scored(lake, rows)
    if known.empty:
        return None
    entries = read_frame(lake.files("ledger", "entries/"), _ENTRIES)
    entries = entries[entries["customer_id"].notna()].sort_values("entry_ts", ignore_index=True)
    waves = [
        wave.assign(outcome_eur=_came(entries, wave["day"].iloc[0], window_days, wave["customer_id"]))
        for _, wave in known.groupby("day", sort=True)
    ]
    return Log(pd.concat(waves).sort_values(["customer_id", "treatment_ts"], ignore_index=True))


def _treated(lake: Lake, as_of: date, campaigns: Sequence[str], window_days: int) -> pd.DataFrame:
    commit = lake.current("ledger")
    if commit is None or not any("/treatments/" in name for name in commit.files):
        return pd.DataFrame()
    rows = read_frame(lake.files("ledger", "treatments/"), _TREATMENTS)
    at = pd.Timestamp(t0(as_of))
    known = (rows["known_ts"] < at) & (rows["known_until_ts"].isna() | (rows["known_until_ts"] >= at))
    rows = rows.assign(day=rows["treatment_ts"].dt.normalize(), contacted=rows["purpose"] != HOLDOUT)
    closed = rows["day"] + timedelta(days=window_days) <= at
    rows = rows[known & closed & rows["campaign"].isin(campaigns)]
    begun = rows["day"] - rows.groupby("campaign")["day"].transform("min")
    rows = rows.assign(window=begun.dt.days // window_days).sort_values(["customer_id", "treatment_ts"])
    return rows.drop_duplicates(["customer_id", "campaign", "window"])


def _scored(lake: Lake, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of customers who had been scored shortly before, with their scores of then."""
    days = [date.fromisoformat(day) for day in lake.partitions("scores", "as_of")]
    parts = []
    for _, wave in rows.groupby("day", sort=True):
        sent = wave["day"].iloc[0].date()
        before = [one for one in days if 0 <= (sent - one).days <= OLDEST_SCORES_DAYS]
        if not before:
            continue
        wanted = ["customer_id", "decile", *NUMBERS, *CATEGORIES]
        scores = read_frame(lake.files(scores_at(max(before))), wanted)
        scores = scores[scores["segment"] != LEAD]
        scores = scores.assign(value_band=clv_band(scores))
        scores[list(STRATA)] = scores[list(STRATA)].astype(object).fillna(UNKNOWN)
        parts.append(wave.merge(scores, on="customer_id", validate="many_to_one"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _came(entries: pd.DataFrame, day: pd.Timestamp, days: int, customer_id: "pd.Series[str]") -> Floats:
    """Return the net revenue in EUR of [day, day + days), as known at its end, by customer."""
    end = day + timedelta(days=days)
    begin, stop = entries["entry_ts"].searchsorted([day, end])
    own = entries.iloc[begin:stop]
    cents = own[own["known_ts"] < end].groupby("customer_id")["amount_eur_cents"].sum()
    return np.asarray(cents.reindex(customer_id).fillna(0).to_numpy(np.float64) / 100.0)


def _told(action: Action, taught: Fitted) -> str:
    told = taught.judgement
    lot, strata = told.over_lot, told.over_strata
    return (
        f"uplift of {action.name} by a model fitted on {told.rows:,} treatments of {action.taught_by}, "
        f"{told.contacted:,} contacted: out of fold {lot.words} over contacting by lot, {strata.words} over "
        "uplift by stratum"
    )
