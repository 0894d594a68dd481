"""How few customers hold how much of the value."""

import pandas as pd

from app.report import words
from app.report.blocks import Figure, Grid, Section
from app.report.canvas import BLUE, VERMILLION
from app.report.curves import TOPS, Curve, Words, curves_figure
from app.report.inputs import Inputs
from clv.metrics import capture, gini

TITLE = "Who holds the value"
FORECAST, LAST_YEAR = "expected revenue", "last year's revenue (12m)"
LOOKS = {FORECAST: (BLUE, "-"), LAST_YEAR: (VERMILLION, "--")}


def concentration(inputs: Inputs) -> Section:
    """Return the Lorenz curves of expected and of last year's revenue, with the shares read off them."""
    amounts = {FORECAST: inputs.scored.clv_eur, LAST_YEAR: inputs.scored.baseline_last_year_eur}
    held = {name: amount for name, amount in amounts.items() if amount.sum() > 0}
    if FORECAST not in held:
        return Section(
            "concentration", TITLE, ["No net revenue is expected in total, so nobody holds a share of it."]
        )
    return Section("concentration", TITLE, blocks=[_curves(held), _shares(held)])


def _curves(held: dict[str, "pd.Series[float]"]) -> Figure:
    top = words.percent(capture(held[FORECAST], held[FORECAST]))
    said = Words(
        f"The top tenth of customers holds {top} of expected net revenue",
        "Each curve ranks customers by its own amount, the most valuable first (the Lorenz curve, read from "
        "the top). "
        f"{words.BASELINE}.",
        "share of customers, most valuable first",
        "share of net revenue",
        "all customers equal",
    )
    return curves_figure("lorenz", [Curve(name, a, a, *LOOKS[name]) for name, a in held.items()], said)


def _shares(held: dict[str, "pd.Series[float]"]) -> Grid:
    rows = [
        [f"top {words.percent(share)}", *(words.percent(capture(a, a, share), 1) for a in held.values())]
        for share in TOPS
    ]
    rows.append(
        ["Gini (0: all equal, 1: one has all)", *(words.number(gini(a, a), 3) for a in held.values())]
    )
    note = f"{words.ABOVE_ALL} {words.BASELINE}."
    return Grid(
        "Share of net revenue held", ("customers", *held), [list(row) for row in rows], note=note, wide=False
    )
