"""The walk forward: the same judgement at several past t₀s."""

from typing import Any

from app.report import words
from app.report.blocks import Cell, Grid
from app.report.inputs import Inputs

NO_SEASON = "season not known"


def walk_grid(inputs: Inputs) -> Grid | None:
    """Return a row per t₀ of the walk of the same horizon; None where nobody has walked."""
    if inputs.walk is None:
        return None
    told = inputs.walk
    columns = (
        *("t₀", "customers", "closed snapshots", "normalised Gini", "less that of 12m"),
        *("less that of the best BTYD", "forecast / came"),
    )
    body: list[list[str | Cell]] = [_row(one) for one in told["t0s"]]
    title = "Walk forward: the same judgement at several t₀s"
    return Grid(title, columns, body, note=f"{told['sentence']} {words.BASELINE}.")


def _row(one: dict[str, Any]) -> list[str | Cell]:
    season = "" if one["knows_last_years_season"] else NO_SEASON
    return [
        one["as_of"],
        words.number(one["n"]),
        words.number(one["snapshots"]),
        words.number(words.figure(one["gini_normalised"]), 3),
        _difference(one, "gini_normalised_vs_12m"),
        _difference(one, "gini_normalised_vs_btyd"),
        Cell(words.number(words.figure(one["calibration_ratio"]), 2), season),
    ]


def _difference(one: dict[str, Any], name: str) -> Cell:
    value, low, high = (
        words.signed(words.figure(one.get(f"{name}{end}")), 3) for end in ("", "_low", "_high")
    )
    return Cell(value, words.span(low, high))
