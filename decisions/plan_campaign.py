"""Verb: who is contacted in a campaign, who is held out, and why; written as `plans/campaign=C/as_of=D`."""

import re
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pandas as pd

from clv.contracts import HOLDOUT, TREATMENTS
from clv.errors import UserError
from clv.frames import read_frame, write_file, write_frame
from clv.lake import Lake
from clv.partitions import features_at, plan_at, scores_at
from clv.tables import PLANS
from decisions.audience import CONTACT_COLUMNS, contactable
from decisions.exploration import Budget, assigned
from decisions.standing_holdout import RULE, SETTING, StandingHoldout

CONSENT = ["customer_id", "marketing_consent"]
DIGITS = 12


class NobodyToContactError(UserError):
    """No customer is known to have consented."""


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def plan_campaign(
    lake: Lake, as_of: date, campaign: str, budget: Budget, seed: int, *, replace: bool = False
) -> pd.DataFrame:
    """Return the plan of a campaign at t₀ and commit it; the same plan is committed once.

    Raises
    ------
    UserError
        Where scores of t₀ or a table of customers are missing, nobody may be contacted, the budget does not
        do, or another plan of this campaign and t₀ stands and `replace` is false.
    """
    if not _NAME.fullmatch(campaign):
        raise UserError(f"campaign {campaign!r}: write letters, digits, - _ and . only, 64 at most")
    agreed = _agreed_at(lake, as_of, _scores_at(lake, as_of))
    held = standing_holdout(lake).holds(agreed["customer_id"])
    chosen = assigned(agreed[~held], budget, campaign, as_of, seed)
    if held.any():
        chosen = pd.concat([chosen, _left_alone(agreed[held])])
    plan = chosen.sort_values("customer_id", ignore_index=True).assign(as_of=as_of, campaign=campaign)[
        list(PLANS.names)
    ]
    _commit(lake, plan_at(campaign, as_of), plan, replace=replace)
    return plan


def people_at(lake: Lake, as_of: date, scores: pd.DataFrame) -> pd.DataFrame:
    """Return whom of the scores of t₀ a plan may contact, as `contactable`, without the standing holdout.

    UserError where no table says who has consented, or the setting of the holdout cannot be read.
    """
    agreed = _agreed_at(lake, as_of, scores)
    return agreed[~standing_holdout(lake).holds(agreed["customer_id"])].reset_index(drop=True)


def held_out_at(lake: Lake, as_of: date) -> pd.DataFrame:
    """Return those of the standing holdout who have consented, as `contactable`, nobody without a holdout.

    UserError as `people_at` where there is one.
    """
    holdout = standing_holdout(lake)
    if not holdout.share:
        return pd.DataFrame(columns=CONTACT_COLUMNS)
    agreed = _agreed_at(lake, as_of, _scores_at(lake, as_of))
    return agreed[holdout.holds(agreed["customer_id"])].reset_index(drop=True)


def standing_holdout(lake: Lake) -> StandingHoldout:
    """Return what the lake's setting says, no holdout without one; UserError where it cannot be read."""
    text = lake.read_text(SETTING)
    return StandingHoldout() if text is None else StandingHoldout.from_json(text, lake.url(SETTING))


def _scores_at(lake: Lake, as_of: date) -> pd.DataFrame:
    return read_frame(lake.files(scores_at(as_of)), CONTACT_COLUMNS)


def _agreed_at(lake: Lake, as_of: date, scores: pd.DataFrame) -> pd.DataFrame:
    consent_at_t0 = read_frame(lake.files(features_at(as_of)), CONSENT)
    return contactable(scores, consent_at_t0, _consent_now(lake))


def treatments_of(plan: pd.DataFrame, sent_at: datetime) -> pd.DataFrame:
    """Return a plan that was carried out as rows of the raw table `treatments`, costs in EUR.

    The standing holdout is left out: no lot of the campaign could contact it.

    sent_at : when the wave went out, naive UTC
    """
    plan = plan[plan["rule"] != RULE]
    wave = plan["campaign"] + "/" + plan["as_of"].astype(str) + "/"
    return pd.DataFrame(
        {
            "treatment_id": wave + plan["customer_id"],
            **{name: plan[name] for name in ("customer_id", "campaign", "rule", "purpose", "propensity")},
            "treatment_ts": pd.Timestamp(sent_at).as_unit("us"),
            "cost": plan["cost_eur"],
            "currency": "EUR",
            "recorded_ts": pd.Series(pd.NaT, plan.index, dtype="datetime64[us]"),
        }
    )[list(TREATMENTS.names)]


def deliver_treatments(plan: pd.DataFrame, sent_at: datetime, file: Path) -> None:
    """Write `treatments_of` as one Parquet file, to be put into `raw/treatments/`; it replaces its like."""
    draft = file.with_name(f".{file.name}")
    write_file(treatments_of(plan, sent_at), TREATMENTS, draft)
    draft.replace(file)


def contacted(plan: pd.DataFrame) -> pd.DataFrame:
    """Return whom the campaign goes to."""
    return plan[plan["purpose"] != HOLDOUT].reset_index(drop=True)


def _left_alone(people: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a plan for the standing holdout."""
    return people.assign(rule=RULE, purpose=HOLDOUT, propensity=0.0, cost_eur=0.0)


def _consent_now(lake: Lake) -> pd.DataFrame:
    """Return the consents known last; UserError without a table of customers."""
    files = lake.files("ledger", "customers/")
    if not files:
        raise NobodyToContactError(
            f"{lake.url('raw/customers')}: not delivered, so nobody is known to have consented; "
            "bring it and run the week again"
        )
    rows = read_frame(files, [*CONSENT, "known_until_ts"])
    return rows.loc[rows["known_until_ts"].isna(), CONSENT]


def _commit(lake: Lake, partition: str, plan: pd.DataFrame, *, replace: bool) -> None:
    """Commit a plan under the digest of its rows: the same plan again changes nothing."""
    run_id = "plan-" + sha256(plan.to_csv(index=False).encode()).hexdigest()[:DIGITS]
    standing = lake.current(partition)
    if standing is not None and standing.run_id == run_id:
        return
    if standing is not None and not replace:
        raise UserError(
            f"{lake.url(partition)}: holds another plan, which may have been sent; "
            "say --replace, or give the campaign another name"
        )
    with lake.commit(partition, run_id) as draft:
        write_frame(plan, PLANS, draft.folder)
