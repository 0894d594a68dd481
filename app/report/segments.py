"""Where the value lies: segment × country × acquisition channel."""

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section
from app.report.canvas import BLUE, SHARES, VERMILLION, chart
from app.report.inputs import Inputs

ROWS = 40  # the rest is added up in one row, so that the table still sums to the total
COUNTRIES = 12
KEYS = ["segment", "country", "acquisition_channel"]
NOT_GIVEN = "not given"


def segments(inputs: Inputs) -> Section:
    """Return the table of segment × country × channel, and the countries' parts of customers and value."""
    scored = inputs.scored
    named = scored.assign(**{key: scored[key].map(words.short) for key in KEYS})
    table = _totals(named, KEYS)
    shown, rest = table.head(ROWS), table.iloc[ROWS:]
    total = float(scored.clv_eur.sum())
    body = [_row([str(row[key]) for key in KEYS], row, total) for _, row in shown.iterrows()]
    if len(rest):
        group = named.merge(rest[KEYS], on=KEYS)
        body.append(_row([f"{words.counted(len(rest), 'smaller group')}", "", ""], _sums(group), total))
    everyone = _row(["all", "", ""], _sums(scored), total)
    columns = ("segment", "country", "channel", "customers", "expected €", "share of €", "mean €", "P(order)")
    grid = Grid(
        "Segment × country × acquisition channel, by expected net revenue", columns, body, 3, everyone
    )
    return Section("segments", "Segments", blocks=[*_countries(named, total), grid])


def _sums(rows: pd.DataFrame) -> "pd.Series[float]":
    return pd.Series(
        {
            "n": len(rows),
            "sum_eur": rows.clv_eur.sum(),
            "mean_eur": rows.clv_eur.mean(),
            "p_active": rows.p_active.mean(),
        }
    )


def _totals(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return count, sum, mean and mean P(order) of each group, the largest sum first."""
    grouped = rows.groupby(keys, sort=True)
    table = grouped.agg(
        n=("clv_eur", "size"),
        sum_eur=("clv_eur", "sum"),
        mean_eur=("clv_eur", "mean"),
        p_active=("p_active", "mean"),
    )
    return table.reset_index().sort_values("sum_eur", ascending=False, kind="stable", ignore_index=True)


def _row(names: list[str], of: "pd.Series[float]", total: float) -> list[str | Cell]:
    return [
        *names,
        words.number(of["n"]),
        words.eur(of["sum_eur"]),
        words.percent(words.share_of(of["sum_eur"], total), 1),
        words.eur(of["mean_eur"], 2),
        words.percent(of["p_active"]),
    ]


def _countries(named: pd.DataFrame, total: float) -> list[Figure]:
    table = _totals(named, ["country"]).head(COUNTRIES)
    if len(table) < 2 or total <= 0:
        return []
    customers, value = table.n / len(named), table.sum_eur / total
    place = np.arange(len(table))
    with chart("countries", 1.2 + 0.36 * len(table)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        axes.barh(place - 0.19, value, 0.36, color=BLUE, label="of expected net revenue")
        axes.barh(
            place + 0.19,
            customers,
            0.36,
            color="white",
            edgecolor=VERMILLION,
            label="of customers",
            hatch="///",
        )
        axes.set_yticks(place, [name if len(name) <= 16 else f"{name[:15]}…" for name in table.country])
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(SHARES)
        axes.set_xlabel("share of the total")
        axes.legend(loc="lower right")
        first = f"{table.country[0]} holds {words.percent(value[0])} of expected net revenue"
        title = f"{first} with {words.percent(customers[0])} of customers"
        note = (
            f"The {len(table)} countries with the most expected net revenue."
            if len(table) == COUNTRIES
            else ""
        )
        return [drawn.figure(title, note)]
