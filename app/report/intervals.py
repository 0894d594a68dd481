"""How sure the forecast of one customer is: median, 80 % interval, and how often the interval held."""

from typing import Any

import pandas as pd

from app.report import words
from app.report.blocks import Cell, Grid, Section
from app.report.inputs import Backtest, Inputs

TITLE = "How sure the forecast of one customer is"
ALL, TOP = ("all", "all"), ("decile", "10")
SHOWN = {ALL: "all customers", TOP: "top tenth by forecast"}
STAGE = "stage"


def intervals(inputs: Inputs) -> Section:
    """Return mean, median and interval by decile of the scores, and how often intervals held out of time."""
    known = inputs.scored[inputs.scored.clv_low_eur.notna()]
    if known.empty:
        says = "Median and interval are null: too little has closed to estimate them."
        return Section("intervals", TITLE, [says])
    blocks = [_by_decile(known)]
    held = inputs.backtest.leaderboard.get("intervals", []) if inputs.backtest else []
    if inputs.backtest is not None and held:
        blocks.append(_held(inputs.backtest, held))
    return Section("intervals", TITLE, [_meaning(known)], [*blocks])


def interval(row: dict[Any, Any]) -> str:
    """Return `€12 to €340` of a customer's scores, nothing where it is unknown."""
    return words.span(words.eur(row["clv_low_eur"]), words.eur(row["clv_high_eur"]))


def _meaning(known: pd.DataFrame) -> str:
    idle = words.percent(float((known.clv_median_eur <= 0).mean()))
    return (
        "The mean is right for totals, budgets and ranking. The median is what a customer of this kind "
        f"typically brings: for {idle} of customers it is €0, since most of their kind bring nothing. With a "
        f"chance of 80{words.SPACE}% a customer brings an amount within the interval."
    )


def _by_decile(known: pd.DataFrame) -> Grid:
    body: list[list[str | Cell]] = []
    for place in sorted(known.decile.unique(), reverse=True):
        rows = known[known.decile == place]
        means = {name: rows[name].mean() for name in ("clv_eur", "clv_median_eur")}
        middle = rows[["clv_low_eur", "clv_high_eur"]].median().to_dict()
        body.append(
            [
                str(place),
                words.number(len(rows)),
                *(words.eur(value, 2) for value in means.values()),
                interval(middle),
                words.percent(float((rows.clv_low_eur <= 0).mean())),
            ]
        )
    columns = ("decile", "customers", "mean forecast", "mean of medians", "typical interval", "starts at €0")
    note = f"Typical: the medians of the lower and of the upper ends of the 80{words.SPACE}% intervals."
    return Grid("Mean, median and interval by decile of the forecast", columns, body, note=note)


def _held(back: Backtest, found: list[dict[str, Any]]) -> Grid:
    body: list[list[str | Cell]] = [
        [
            SHOWN.get((row["dimension"], row["value"]), row["value"]),
            words.number(row["customers"]),
            *(words.percent(row[name], 1) for name in ("coverage", "below", "above", "unavoidable")),
            words.eur(row["mae_mean_eur"], 2),
            words.eur(row["mae_median_eur"], 2),
        ]
        for row in found
        if (row["dimension"], row["value"]) in SHOWN or row["dimension"] == STAGE
    ]
    columns = ("customers", "n", "held", "below", "above", "unavoidably over", "MAE of mean", "MAE of median")
    note = (
        f"Should hold 80{words.SPACE}%. Where over 80{words.SPACE}% of a kind bring nothing the interval is "
        f"€0 alone and holds more: by how much that lifts the share is unavoidable."
    )
    return Grid(
        f"Out of time at {words.day(back.as_of)}: how often the interval held", columns, body, note=note
    )
