"""Verb: decide on the published scores of one t₀: the plan of the budget, and what the dashboard reads first.

Everything is one commit, `decisions/as_of=D`. It stands as long as what it was made of does.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pandas as pd

from clv.decision_tables import AUDIENCE, CONTACTABLE, HELD_OUT
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import decided_at, readouts_of, scores_at
from clv.schema import Table
from decisions.actions import Assumptions
from decisions.base_figures import COLUMNS, base_figures
from decisions.decided import SUMMARY, made_of_now
from decisions.options import Options
from decisions.outlook import TABLES
from decisions.plan_budget import level_at
from decisions.plan_campaign import standing_holdout
from decisions.weekly_plan import WeeklyPlan, weekly_assumptions, weekly_plan

DIGITS = 12
PLAN_SETTINGS = ("plan_budget_eur", "plan_exploration_share", "plan_at_least", "seed")
Say = Callable[[str], None]
Told = dict[str, Any]


def decide(lake: Lake, options: Options, say: Say) -> Told:
    """Return the summary of what is decided, and commit it with its tables unless it stands already.

    UserError where scores, an experiment or the assumptions are missing or faulty, or minimum spends cannot
    be kept; the scores stay published.
    """
    as_of, place = options.as_of, decided_at(options.as_of)
    scores = read_frame(lake.files(scores_at(as_of)), list(COLUMNS))
    assumptions = weekly_assumptions(lake)
    made_of = _made_of(lake, options, assumptions)
    digest = sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:DIGITS]
    run_id = f"{digest}.{options.run_id}"
    standing = lake.current(place)
    if standing is not None and (standing.run_id == run_id or _stands(standing.run_id, digest, options)):
        say("decisions: stand, made of the same scores, consents and settings")
        told: Told = json.loads(lake.committed_text(place, SUMMARY) or "{}")
        return told
    say("decisions: spending the budget, summing up the customer base")
    plan = weekly_plan(lake, as_of, options.settings, assumptions)
    told = {"as_of": str(as_of), "made_of": made_of, "plan": plan.told, "notes": plan.notes}
    _commit(lake, options, run_id, {**base_figures(scores, as_of), **_rows(plan)}, told)
    return told


def _stands(run_id: str, digest: str, options: Options) -> bool:
    return run_id.startswith(f"{digest}.") and not options.replace


def _made_of(lake: Lake, options: Options, assumptions: Assumptions) -> Told:
    """Return all that the tables follow from, beside the code."""
    settings = asdict(options.settings)
    experiments = sorted({one.experiment for one in assumptions.actions if one.experiment})
    return {
        **made_of_now(lake, options.as_of),
        "settings": {name: settings[name] for name in PLAN_SETTINGS},
        "assumptions": asdict(assumptions),
        "holdout": asdict(standing_holdout(lake)),
        "level_sd": level_at(lake, options.as_of, assumptions),
        "outlook": [table.name for table in TABLES],
        "read_outs": {name: lake.partitions(readouts_of(name), "as_of") for name in experiments},
    }


def _rows(plan: WeeklyPlan) -> Mapping[Table, pd.DataFrame]:
    return {CONTACTABLE: plan.contactable, AUDIENCE: plan.audience, HELD_OUT: plan.held_out, **plan.outlook}


def _commit(
    lake: Lake, options: Options, run_id: str, tables: Mapping[Table, pd.DataFrame], told: Told
) -> None:
    with lake.commit(decided_at(options.as_of), run_id) as draft:
        for table, frame in tables.items():
            (draft.folder / table.name).mkdir(parents=True)
            write_frame(frame.assign(as_of=options.as_of), table, draft.folder / table.name)
        (draft.folder / SUMMARY).write_text(json.dumps(told, indent=1), encoding="utf-8")
