"""Verb: read an experiment out."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from app.experiment_data import Behaviour, arms_in, design_of, models_of, planned, scored_days
from app.experiment_words import as_json, summary
from clv.errors import UserError
from clv.experiment_tables import UPLIFTS
from clv.frames import write_frame
from clv.lake import Lake
from clv.partitions import readouts_of
from decisions.effects import winsorised
from decisions.experiment import CHURN_DAYS, Design
from decisions.readout import Look, readout
from decisions.uplifts import uplifts
from decisions.verdict import verdict, warnings
from glue_jobs.weekly import Say

READOUT_FILE, SUMMARY_FILE = "readout.json", "summary.md"


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
