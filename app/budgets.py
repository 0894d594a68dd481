"""What `clv budget` and `clv simulate` do and show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pandas as pd
from rich.table import Table

from app.console import Console, grid
from clv.decision_tables import AUDIENCE, FRONTIER, SENSITIVITY, SPEND_CURVE
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import budget_at, simulation_at
from decisions.actions import EXAMPLE, Action, Assumptions, Source
from decisions.assumptions_file import read_assumptions
from decisions.labels import labels
from decisions.plan_budget import plan_budget, simulate_budget
from decisions.spend import AtLeast, Wishes


def told_assumptions(
    file: Path | None,
    experiments: Sequence[str],
    campaigns: Sequence[str] = (),
    uplift: str | None = None,
) -> Assumptions:
    """Return the assumptions of a JSON file, the example without one, with what the command line adds.

    experiments, campaigns : ACTION=NAME; uplift : what uplifts are taken from. UserError where the file is
    not there or says something else, and for unknown actions.
    """
    found = EXAMPLE if file is None else _read(file)
    for text in experiments:
        action, experiment = _of_action(found, "--experiment", text)
        found = _with(found, replace(action, experiment=experiment))
    for text in campaigns:
        action, campaign = _of_action(found, "--campaign", text)
        found = _with(found, replace(action, campaigns=(*action.campaigns, campaign)))
    # What is none of the words is refused by the class, in its one line.
    return found if uplift is None else replace(found, uplift_from=cast("Source", uplift))


def _of_action(assumptions: Assumptions, option: str, text: str) -> tuple[Action, str]:
    name, _, value = text.partition("=")
    known = {one.name: one for one in assumptions.actions}
    if name not in known or not value:
        raise UserError(f"{option} {text}: write ACTION=NAME; actions are {', '.join(known)}")
    return known[name], value


def _with(assumptions: Assumptions, changed: Action) -> Assumptions:
    actions = tuple(changed if one.name == changed.name else one for one in assumptions.actions)
    return replace(assumptions, actions=actions)


def wishes_of(budget_eur: float, exploration_share: float, at_least: Sequence[str]) -> Wishes:
    """Return the wishes of the command line; UserError for a minimum spend that cannot be read."""
    return Wishes(
        budget_eur, exploration_share, tuple(AtLeast.from_text(text, "--at-least") for text in at_least)
    )


def show_budget(
    lake: Lake,
    as_of: date,
    wishes: Wishes,
    assumptions: Assumptions,
    seed: int,
    csv: Path | None,
    console: Console,
) -> None:
    """Spend a budget, commit the audience and show it; write it as CSV where asked."""
    found = plan_budget(lake, as_of, wishes, assumptions, seed)
    told = found.told | {"notes": _notes(found.told, assumptions)}
    if csv is not None:
        draft = csv.with_name(f".{csv.name}")
        found.audience.assign(as_of=as_of)[list(AUDIENCE.names)].to_csv(draft, index=False)
        draft.replace(csv)
    console.show(told, actions_table(told))
    for line in (*summary_lines(told), *_held_out(told), *told["notes"]):
        console.tell(line)
    console.tell(f"audience: {lake.url(budget_at(as_of))}" + (f" and {csv}" if csv else ""))


def show_simulation(
    lake: Lake, as_of: date, wishes: Wishes, assumptions: Assumptions, seed: int, console: Console
) -> None:
    """Simulate a budget, commit the tables and show them."""
    tables, told = simulate_budget(lake, as_of, wishes, assumptions, seed)
    told = told | {"notes": _notes(told, assumptions)}
    shown = {name.name: tables[name] for name in (SPEND_CURVE, FRONTIER, SENSITIVITY)}
    console.show(
        told | {name: frame.to_dict("records") for name, frame in shown.items()},
        curve_table(tables[SPEND_CURVE]),
        frontier_table(tables[FRONTIER]),
        sensitivity_table(tables[SENSITIVITY]),
    )
    for line in (*summary_lines(told), *told["notes"]):
        console.tell(line)
    console.tell(f"tables: {lake.url(simulation_at(as_of))}")


def actions_table(told: dict[str, Any]) -> Table:
    """Return what is done to how many, at what cost, and what comes back."""
    rows = [
        [
            f"{one['action']}, {one['purpose']}",
            f"{one['customers']:,}",
            *(_eur(one[name]) for name in ("mean_clv_eur", "cost_eur", "gain_eur", "return_eur")),
        ]
        for one in told["by_action"]
    ]
    title = f"Budget of {_eur(told['budget_eur'])} on the scores of {told['as_of']}"
    return grid(title, ["action", "customers", "mean CLV", "cost", "gain", "return"], rows)


def curve_table(curve: pd.DataFrame) -> Table:
    """Return what budgets bring."""
    rows = [
        [
            _eur(one["budget_eur"]),
            f"{one['contacts']:,}",
            _eur(one["spent_eur"]),
            _eur(one["profit_eur"]),
            f"{one['roi']:.2f}",
            f"{one['marginal_roi']:.2f}",
            f"{one['loss_probability']:.1%}",
            _eur(one["cvar_eur"]),
            f"{one['gap']:.4%}",
        ]
        for one in curve.to_dict("records")
    ]
    names = ["budget", "contacts", "spent", "profit", "ROI", "of next €", "P(loss)", "CVaR 95 %", "gap"]
    return grid("Spend curve: best plans, without a lot", names, rows)


def frontier_table(frontier: pd.DataFrame) -> Table:
    """Return the efficient plans, most profit first."""
    kept = frontier[frontier["efficient"]].sort_values("profit_eur", ascending=False)
    rows = [
        [
            *(_eur(one[name]) for name in ("profit_eur", "profit_bound_eur", "cvar_eur", "spent_eur")),
            f"{one['aversion']:.2f}",
            f"{one['contacts']:,}",
        ]
        for one in kept.to_dict("records")
    ]
    names = ["profit", "at most", "CVaR 95 %", "spent", "weight of CVaR", "contacts"]
    return grid("Efficient frontier: none has more profit at no more risk", names, rows)


def sensitivity_table(tornado: pd.DataFrame) -> Table:
    """Return what profit depends on, most first."""
    rows = [
        [one["figure"], one["low"], _eur(one["profit_low_eur"]), one["high"], _eur(one["profit_high_eur"])]
        for one in tornado.to_dict("records")
    ]
    return grid(
        "What profit depends on, the audience kept", ["figure", "low", "profit", "high", "profit"], rows
    )


def summary_lines(told: dict[str, Any]) -> list[str]:
    """Return expectation and risk in sentences."""
    risk = told["risk"]
    roi = "" if told["roi"] is None else f", ROI {told['roi']:.2f}"
    contacted = (
        f"{told['contacts']:,} of {told['contactable']:,} contactable customers, {told['by_lot']:,} by lot: "
        f"{_eur(told['spent_eur'])} spent, {_eur(told['gain_eur'])} gained, "
        f"profit {_eur(told['profit_eur'])}{roi}"
    )
    optimal = (
        f"one euro more would bring {told['marginal_roi']:.2f} beyond itself; no choice is better by "
        f"more than {told['gap']:.4%} ({told['method']})"
    )
    risky = (
        f"profit, 80 % of draws: {_eur(risk['q10_eur'])} to {_eur(risk['q90_eur'])}; P(loss) "
        f"{risk['loss_probability']:.1%}; VaR 95 % {_eur(risk['var_eur'])}, CVaR {_eur(risk['cvar_eur'])} "
        "(losses; negative: earned even then)"
    )
    return [contacted, optimal, risky]


def _held_out(told: dict[str, Any]) -> list[str]:
    held = told.get("held_out", 0)
    return [f"holdout: {held:,} more are left alone by the lake's standing holdout"] if held else []


def _notes(told: dict[str, Any], assumptions: Assumptions) -> list[str]:
    return [*labels(told["uplift_sources"], assumptions, "--assumptions"), *told["notes"]]


def _read(file: Path) -> Assumptions:
    if not file.is_file():
        raise UserError(f"--assumptions {file}: no such file")
    return read_assumptions(file.read_text(encoding="utf-8"), f"--assumptions {file}")


def _eur(value: float) -> str:
    return f"€{value:,.0f}" if value >= 0 else f"−€{-value:,.0f}"
