"""Verbs of an experiment: design it, draw its arms, read it out."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from app.experiment_data import Behaviour, members_at, models_of, planned, scored_days
from app.experiment_power import Question, power_of
from app.experiment_words import as_json, summary
from clv.errors import UserError
from clv.experiment_tables import ARMS, UPLIFTS
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.parquet import PART
from clv.partitions import arms_at, experiment_at, readouts_of
from decisions.contacts import arms_of, contact_rows
from decisions.effects import winsorised
from decisions.experiment import CHURN_DAYS, CONTROL, TREATMENT, Design
from decisions.power import Arms, cap_of
from decisions.readout import Look, readout
from decisions.rfm_rule import RfmRule
from decisions.uplifts import uplifts
from decisions.verdict import verdict, warnings
from glue_jobs.weekly import Say

DESIGN_FILE, READOUT_FILE, SUMMARY_FILE = "design.json", "readout.json", "summary.md"


@dataclass(frozen=True)
class Wanted:
    """What a person asks of a design; `chosen` are fields of `Design` given as they are."""

    name: str
    as_of: date | None
    start: date | None
    budget_eur: float | None
    lift: float
    rule: RfmRule
    chosen: dict[str, Any]


def design_experiment(lake: Lake, wanted: Wanted, say: Say, *, replace: bool = False) -> dict[str, Any]:
    """Declare an experiment on the scores of one t₀, write `design.json`, and return it with its power.

    UserError where a design stands that was drawn by already, or that `replace` does not say to replace.
    """
    _require_undrawn(lake, wanted.name, replace=replace)
    as_of = wanted.as_of or max(scored_days(lake), default=None)
    if as_of is None:
        raise UserError(f"{lake.root}: no scores are published; start a weekly run first")
    members = members_at(lake, as_of)
    say(f"{len(members):,} customers have an order and consent; looking at what they did before {as_of}")
    share = float(wanted.chosen.get("treatment_share", 0.5))
    treated = round(len(members) * share)
    sizes = Arms(len(members) - treated, treated, wanted.chosen["alpha"], wanted.chosen["power"])
    contacts = _contacts(wanted, members)
    with Behaviour.of(lake) as behaviour:
        asked = Question(lake, behaviour, members, as_of, sizes, wanted.rule, contacts)
        power = power_of(asked, wanted.chosen["weeks"], wanted.chosen["decides"], wanted.lift)
    design = _declared(wanted, as_of, members, contacts, power["cap_eur"])
    told = {"design": json.loads(design.to_json()), "fingerprint": design.fingerprint, "power": power}
    told["rule_names"] = len(design.rule.ranking(members))
    name = f"{experiment_at(design.name)}/{DESIGN_FILE}"
    lake.write_text(name, as_json(told))
    return told | {"file": lake.url(name)}


def assign_experiment(lake: Lake, name: str) -> dict[str, Any]:
    """Draw the arms of a design once, write who is in which and the contacts of each; return the counts.

    Drawn arms are kept for good: a second call reads them. UserError where the scores that the design names
    have been replaced by those of another model.
    """
    design = design_of(lake, name)
    drawn = lake.current(arms_at(name)) is None
    if drawn:
        _require_models(lake, design)
        members = arms_of(members_at(lake, design.as_of), design)
        with lake.commit(arms_at(name), f"draw-{design.fingerprint}") as draft:
            for part in ("arms", "contacts"):
                (draft.folder / part).mkdir(parents=True)
            write_frame(members, ARMS, draft.folder / "arms")
            contact_rows(members, design).to_parquet(draft.folder / "contacts" / PART.format(0), index=False)
    members = arms_in(lake, design)
    counts = members.groupby("arm").agg(
        customers=("customer_id", "size"), contacted=("contacted", "sum"), mean_clv_eur=("clv_eur", "mean")
    )
    cost = counts["contacted"] * design.cost_per_customer_eur
    return {
        "experiment": name,
        "drawn_now": drawn,
        "arms": counts.assign(cost_eur=cost).reindex([CONTROL, TREATMENT]).reset_index().to_dict("records"),
        "named_by_both": int((members["named_by_control"] & members["named_by_treatment"]).sum()),
        "named_by_one": int((members["named_by_control"] != members["named_by_treatment"]).sum()),
        "arms_file": lake.files(arms_at(name), "arms/")[0],
        "contacts_file": lake.files(arms_at(name), "contacts/")[0],
    }


def read_experiment(lake: Lake, name: str, as_of: date | None, seed: int, say: Say) -> dict[str, Any]:
    """Read an experiment out, write figures, uplifts and a summary, and return the figures with the verdict.

    `as_of` is the day by which things are known, by default the day after the last entry of the ledger.
    UserError where nothing is drawn, the window has not begun, or the data end before `as_of`.
    """
    design = design_of(lake, name)
    members = arms_in(lake, design)
    with Behaviour.of(lake) as behaviour:
        day = _day_of(behaviour, design, as_of)
        say(f"reading {name} on {day}")
        customers, source = _outcomes(behaviour, members, design, day)
    newest = max(scored_days(lake), default=None)
    look = Look(day, _looks(lake, name, day), models_of(lake, newest) if newest else ())
    told = readout(design, customers, look, seed) | {
        "costs_from": source,
        "lost": len(members) - len(customers),
    }
    state, sentence = verdict(told)
    told |= {"state": state, "verdict": sentence, "warnings": warnings(told)}
    return told | {"folder": _write(lake, design, told, customers)}


def design_of(lake: Lake, name: str) -> Design:
    """Return a design; UserError where there is none of this name."""
    text = lake.read_text(f"{experiment_at(name)}/{DESIGN_FILE}")
    if text is None:
        raise UserError(
            f"{lake.url(experiment_at(name))}: no such experiment; `clv experiment design` declares one"
        )
    return Design.from_json(json.dumps(json.loads(text)["design"]))


def arms_in(lake: Lake, design: Design) -> pd.DataFrame:
    """Return the drawn arms; UserError where there are none, or the design has changed since."""
    if lake.current(arms_at(design.name)) is None:
        raise UserError(f"{lake.url(arms_at(design.name))}: not drawn yet; run `clv experiment assign` first")
    members = read_frame(lake.files(arms_at(design.name), "arms/"))
    if set(members["design"]) != {design.fingerprint}:
        raise UserError(
            f"{lake.url(experiment_at(design.name))}/{DESIGN_FILE}: changed since the arms were drawn; "
            "put back the design that was declared"
        )
    return members


def _contacts(wanted: Wanted, members: pd.DataFrame) -> int:
    """Return how many customers each rule names: what the budget pays for, at most whom the RFM rule finds."""
    each = wanted.chosen["cost_per_contact_eur"] * len(wanted.chosen["contact_days"])
    named = len(wanted.rule.ranking(members))
    if not named:
        raise UserError("the RFM rule names nobody: lower --min-orders or --spend-above-eur")
    return named if wanted.budget_eur is None or each == 0 else min(int(wanted.budget_eur // each), named)


def _declared(wanted: Wanted, as_of: date, members: pd.DataFrame, contacts: int, cap_eur: float) -> Design:
    unscored = int(members["clv_eur"].isna().sum())
    if unscored:
        raise UserError(
            f"scores of {as_of}: {unscored} customers with an order have no clv_eur; run the week anew"
        )
    return Design(
        name=wanted.name,
        as_of=as_of,
        start=wanted.start or as_of,
        contacts=contacts,
        winsor_cap_eur=cap_eur,
        covariate_cap_eur=cap_of(members["clv_eur"].to_numpy()),
        model_versions=tuple(sorted(members["model_version"].dropna().unique())),
        rule=wanted.rule,
        **({"salt": wanted.name} | wanted.chosen),
    )


def _require_undrawn(lake: Lake, name: str, *, replace: bool) -> None:
    place = lake.url(experiment_at(name))
    if lake.current(arms_at(name)) is not None:
        raise UserError(f"{place}: its arms are drawn, the design is fixed; take another --name")
    if lake.read_text(f"{experiment_at(name)}/{DESIGN_FILE}") is not None and not replace:
        raise UserError(f"{place}: declared already; take another --name or say --replace")


def _require_models(lake: Lake, design: Design) -> None:
    now = tuple(models_of(lake, design.as_of))
    if not set(design.model_versions) <= set(now):
        raise UserError(
            f"scores of {design.as_of} are now those of {', '.join(now)}, the design names "
            f"{', '.join(design.model_versions)}; declare it anew with --replace"
        )


def _day_of(behaviour: Behaviour, design: Design, as_of: date | None) -> date:
    reached = behaviour.last_day + timedelta(days=1)
    day = as_of or reached
    if day > reached:
        raise UserError(
            f"readout on {day}: the ledger ends on {behaviour.last_day}; run the week with newer data"
        )
    if day <= design.start:
        raise UserError(f"readout on {day}: the experiment starts on {design.start}; read it later")
    return day


def _outcomes(
    behaviour: Behaviour, members: pd.DataFrame, design: Design, day: date
) -> tuple[pd.DataFrame, str]:
    """Return members who still have an account, with what they did by a day, and where costs are from."""
    accounts = behaviour.known_customers()
    if accounts is not None:
        members = members[members["customer_id"].isin(accounts)].reset_index(drop=True)
    ids, until = members["customer_id"], min(day, design.end)
    came = behaviour.within(design.start, (until - design.start).days, ids)
    churn = behaviour.within(design.start, CHURN_DAYS, ids)["orders"] if day >= design.churn_end else None
    made = behaviour.contacts(design, day, ids)
    contacts = planned(members, design, until) if made is None else made
    source = "plan" if made is None else "treatments"
    found = pd.concat([members, came, contacts], axis=1)
    found["orders_churn"] = np.nan if churn is None else churn
    return found, source


def _looks(lake: Lake, name: str, day: date) -> list[date]:
    looks = (date.fromisoformat(one) for one in lake.partitions(readouts_of(name), "as_of"))
    return [one for one in looks if one < day]


def _write(lake: Lake, design: Design, told: dict[str, Any], customers: pd.DataFrame) -> str:
    partition = f"{readouts_of(design.name)}/as_of={told['as_of']}"
    standing = lake.current(partition)
    number = 1 if standing is None else int(standing.run_id.rsplit("-", 1)[1]) + 1
    outcome = winsorised(customers["revenue_eur"].to_numpy(), design.winsor_cap_eur)
    strata = uplifts(customers.assign(outcome_eur=outcome)).assign(
        experiment=design.name, as_of=told["as_of"], finished=told["elapsed"] >= 1
    )
    with lake.commit(partition, f"readout-{number}") as draft:
        folder = draft.folder / "uplifts"
        folder.mkdir(parents=True)
        write_frame(strata, UPLIFTS, folder)
        (draft.folder / READOUT_FILE).write_text(as_json(told), encoding="utf-8")
        (draft.folder / SUMMARY_FILE).write_text(summary(told), encoding="utf-8")
    return lake.url(f"{partition}/run=readout-{number}")
