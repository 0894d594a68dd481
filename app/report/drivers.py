"""What drives the forecasts: the largest drivers over all customers, and of some customers one by one."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section
from app.report.canvas import BLUE, EUROS, VERMILLION, chart
from app.report.inputs import Inputs

TITLE = "What drives the forecasts"
PLACES = (1, 2, 3)
BARS = 9
LABEL_WIDTH = 28
EXAMPLES = 5
STARTS = "driver_start_eur"


def drivers(inputs: Inputs) -> Section:
    """Return the three largest drivers of customers in the mean and by example; a sentence if unknown."""
    known = inputs.scored[inputs.scored[STARTS].notna()]
    if known.empty:
        return Section("drivers", TITLE, ["Drivers are null: too little has closed to say what is typical."])
    typical = known.groupby("segment")[STARTS].median()
    starts = " or ".join(f"{words.eur(float(eur), 2)} ({segment})" for segment, eur in typical.items())
    says = (
        f"A forecast starts from the typical customer of its segment, {starts}. Drivers lift or lower it "
        "from there and add up to it exactly. They say what the model looked at, not what would happen if "
        "somebody changed it."
    )
    bars = [_bars(segment, rows) for segment, rows in known.groupby("segment") if rows.driver_1.notna().any()]
    return Section("drivers", TITLE, [says], [*bars, _examples(known)])


def _means(known: pd.DataFrame) -> pd.DataFrame:
    """Return `up` and `down` in EUR per customer by driver, the largest together first."""
    parts = [known[[f"driver_{k}", f"driver_{k}_eur"]].set_axis(["driver", "eur"], axis=1) for k in PLACES]
    named = pd.concat(parts).dropna()
    signed = named.assign(up=named.eur.clip(lower=0), down=named.eur.clip(upper=0))
    means = signed.groupby("driver")[["up", "down"]].sum() / len(known)
    return means.loc[(means.up - means.down).sort_values(ascending=False, kind="stable").index]


def _bars(segment: Any, rows: pd.DataFrame) -> Figure:
    shown = _means(rows).head(BARS)
    place = np.arange(len(shown))
    with chart(f"drivers-{segment}", 1.2 + 0.44 * len(shown)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        axes.barh(place, shown.up, 0.6, color=BLUE, label="lifts")
        bars = axes.barh(place, shown.down, 0.6, label="lowers", color="white", hatch="///")
        for bar in bars:
            bar.set_edgecolor(VERMILLION)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(place, [fill(words.short(name), LABEL_WIDTH) for name in shown.index])
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(EUROS)
        axes.set_xlabel("EUR per customer")
        axes.legend(loc="lower right")
        largest, top = str(shown.index[0]), shown.iloc[0]
        return drawn.figure(
            f"{words.short(segment).capitalize()}: “{largest}” moves a forecast most, on average by "
            f"{words.eur(float(top.up - top.down), 2)}",
            f"Mean over all {segment} customers, where the driver is one of the customer's three largest.",
        )


def _examples(known: pd.DataFrame) -> Grid:
    ordered = known.sort_values(["clv_eur", "customer_id"], ascending=[False, True])
    tenth = max(len(ordered) // 10, 1)
    picked = {
        "highest forecasts": ordered.head(EXAMPLES),
        "from the second tenth": ordered.iloc[tenth : tenth + EXAMPLES],
    }
    body: list[list[str | Cell]] = [
        [words.short(row["customer_id"]), group, words.eur(row["clv_eur"], 2), *_cells(row)]
        for group, rows in picked.items()
        for row in rows.to_dict("records")
    ]
    columns = ("customer_id", "", "forecast", "largest driver", "second", "third")
    return Grid("Customers and what drives their forecasts", columns, body, names=2)


def _cells(row: dict[Any, Any]) -> list[Cell]:
    return [
        Cell(words.signed(row[f"driver_{place}_eur"], 2), words.short(row[f"driver_{place}"]))
        if row[f"driver_{place}"] is not None
        else Cell(words.NOTHING)
        for place in PLACES
    ]
