"""Verbs of an experiment: declare it, draw its arms."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from app.experiment_data import DESIGN_FILE, Behaviour, arms_in, design_of, members_at, models_of, scored_days
from app.experiment_power import Question, power_of
from app.experiment_words import as_json
from clv.errors import UserError
from clv.experiment_tables import ARMS
from clv.frames import write_frame
from clv.lake import Lake
from clv.parquet import PART
from clv.partitions import arms_at, experiment_at
from decisions.contacts import arms_of, contact_rows
from decisions.experiment import CONTROL, TREATMENT, Design
from decisions.power import Arms, cap_of
from decisions.rfm_rule import RfmRule
from glue_jobs.weekly import Say


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


def _contacts(wanted: Wanted, members: pd.DataFrame) -> int:
    """Return how many customers each rule names: what is paid for, at most whom the RFM rule finds."""
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
