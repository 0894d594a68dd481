"""What to do with the scores: whom to contact, what it costs and brings, at what risk."""

from datetime import date
from typing import Any

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section, Tile
from app.report.decisions import Decisions, ReadOut
from app.report.inputs import Inputs
from app.report.plan_charts import curve_figure, frontier_figure, outcomes_figure, tornado_figure
from clv.contracts import EXPLORE
from decisions.actions import ASSUMPTION

TITLE = "What to do with it"
PURPOSES = {EXPLORE: "by lot, to learn"}
CHOSEN = "for the best return"
LABEL = "ASSUMED"
"""Begins the note of a plan that the page says in its own words."""


def plan(inputs: Inputs) -> Section:
    """Return the plan of the week with its money and risk, and what experiments found.

    Without a plan a sentence says what makes one.
    """
    found = inputs.decisions
    tried: list[Figure | Grid] = [_experiments(found.readouts)] if found.readouts else []
    if found.plan is None:
        return Section("plan", TITLE, [_no_plan(found, inputs.as_of)], tried)
    told = found.plan.told
    says = [_spends(told), _risks(told, len(found.plan.draws)), *_no_frontier(found, inputs.as_of)]
    notes = [_assumed(told), *(_sentence(note) for note in told["notes"] if not note.startswith(LABEL))]
    blocks = [_actions(told), *_charts(found), *tried]
    return Section("plan", TITLE, says, blocks, _tiles(told), [note for note in notes if note])


def _no_plan(found: Decisions, as_of: date) -> str:
    why = "; ".join(found.notes)
    start = f"{_sentence(why)} " if why else "Nothing is decided on these scores yet. "
    return (
        f"{start}`clv run --lake DIR --as-of {as_of}` plans the budget of its settings, "
        f"`clv simulate --lake DIR --as-of {as_of} --budget-eur EUR` any other; `clv report` then shows it."
    )


def _tiles(told: dict[str, Any]) -> list[Tile]:
    low, high = (words.eur_short(told["risk"][name]) for name in ("q10_eur", "q90_eur"))
    roi = words.figure(told["roi"])
    more = words.eur(told["marginal_roi"], 2)
    return [
        Tile(
            words.number(told["contacts"]),
            "customers to contact",
            f"of {words.number(told['contactable'])} who may be",
        ),
        Tile(words.eur(told["spent_eur"]), "to spend", f"of {words.eur(told['budget_eur'])}"),
        Tile(words.eur_short(told["profit_eur"]), "expected profit", f"80{words.SPACE}%: {low} to {high}"),
        Tile(words.eur(roi, 2), "profit per euro spent", f"of one euro more {more}"),
        Tile(words.percent(told["risk"]["loss_probability"], 1), "risk of a loss", "of simulated outcomes"),
    ]


def _spends(told: dict[str, Any]) -> str:
    spent, budget, gain, profit = (
        words.eur(told[name]) for name in ("spent_eur", "budget_eur", "gain_eur", "profit_eur")
    )
    return (
        f"The plan spends {spent} of a budget of {budget} on {words.counted(told['contacts'], 'customer')}; "
        f"{words.number(told['by_lot'])} of them are drawn by lot, to learn what the others would bring. "
        f"It is expected to gain {gain}, a profit of {profit} after its cost."
    )


def _risks(told: dict[str, Any], draws: int) -> str:
    risk = told["risk"]
    lost = words.percent(risk["loss_probability"], 1)
    return (
        f"The risk: of {words.number(draws)} simulated outcomes, in which forecasts, uplifts and luck vary, "
        f"{lost} end in a loss. One in twenty ends with {_lost(risk['var_eur'])} or worse (value at risk); "
        f"the mean of these is {_lost(risk['cvar_eur'])} (CVaR)."
    )


def _lost(loss_eur: float) -> str:
    return f"a loss of {words.eur(loss_eur)}" if loss_eur > 0 else f"a profit of {words.eur(-loss_eur)}"


def _no_frontier(found: Decisions, as_of: date) -> list[str]:
    if found.simulated is not None:
        return []
    command = f"clv simulate --lake DIR --as-of {as_of} --budget-eur EUR"
    return [f"Plans of less risk take longer to find: `{command}`, then `clv report`, adds them here."]


def _assumed(told: dict[str, Any]) -> str:
    sources = told["uplift_sources"]
    assumed, contacts = sources.get(ASSUMPTION, 0), sum(sources.values())
    if assumed == 0:
        return ""
    return (
        f"Uplifts of {words.number(assumed)} of {words.number(contacts)} contacts are assumed: nobody has "
        "measured what contacting these customers adds."
    )


def _actions(told: dict[str, Any]) -> Grid:
    rows: list[list[str | Cell]] = [_action(one) for one in told["by_action"]]
    columns = (
        *("action", "chosen", "uplift", "customers", "mean forecast", "cost", "gain", "return"),
        "return per € spent",
    )
    sums = {
        "customers": told["contacts"],
        **{name: told[name] for name in ("gain_eur", "profit_eur")},
        "cost_eur": told["spent_eur"],
    }
    total: list[str | Cell] = [
        *("all", "", "", words.number(sums["customers"]), ""),
        *(words.eur(sums[name]) for name in ("cost_eur", "gain_eur", "profit_eur")),
        _per_euro(sums["profit_eur"], sums["cost_eur"]),
    ]
    note = "Gain = uplift × forecast × margin; return = gain − cost. Vouchers cost where they are used."
    return Grid("Whom to contact, how, and what comes back", columns, rows, names=3, total=total, note=note)


def _action(one: dict[str, Any]) -> list[str | Cell]:
    money = (words.eur(one[name]) for name in ("mean_clv_eur", "cost_eur", "gain_eur", "return_eur"))
    return [
        words.short(one["action"]),
        PURPOSES.get(one["purpose"], CHOSEN),
        _source(one.get("uplift_sources", [])),
        words.number(one["customers"]),
        *money,
        _per_euro(one["return_eur"], one["cost_eur"]),
    ]


def _per_euro(return_eur: float, cost_eur: float) -> str:
    return words.eur(words.share_of(return_eur, cost_eur), 2)


def _source(names: list[str]) -> Cell:
    measured = [words.short(name) for name in names if name != ASSUMPTION]
    if not names:
        return Cell(words.NOTHING)
    if not measured:
        return Cell("assumed")
    return Cell("measured" if ASSUMPTION not in names else "measured and assumed", ", ".join(measured))


def _charts(found: Decisions) -> list[Figure]:
    known, other = found.plan, found.simulated
    if known is None:
        return []
    charts = [outcomes_figure(known), tornado_figure(known), curve_figure(known)]
    return charts if other is None else [*charts, *frontier_figure(other)]


def _experiments(readouts: list[ReadOut]) -> Grid:
    rows: list[list[str | Cell]] = [
        [
            words.short(one.experiment),
            one.day or words.NOTHING,
            one.verdict or f"not read out yet: `clv experiment readout --lake DIR --name {one.experiment}`",
        ]
        for one in readouts
    ]
    return Grid("Experiments, as last read out", ("experiment", "read on", "what it found"), rows, names=3)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
