"""What drives the forecasts: the largest drivers over all customers, and of some customers one by one."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from app.drivers.figures import sizes
from app.drivers.sample import Sample
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
    """Return the largest drivers of the sampled customers, and of some customers; a sentence if unknown."""
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
    bars = [_bars(sample) for sample in inputs.samples.values()]
    return Section("drivers", TITLE, [says], [*bars, _examples(known)])


def _bars(sample: Sample) -> Figure:
    shown = sizes(sample.eur, len(sample.everybody)).head(BARS)
    place = np.arange(len(shown))
    with chart(f"drivers-{sample.segment}", 1.2 + 0.44 * len(shown)) as drawn:
        axes = drawn.axes
        axes.grid(visible=False, axis="y")
        axes.barh(place, shown.up_eur, 0.6, color=BLUE, label="lifts")
        bars = axes.barh(
            place, -shown.down_eur, 0.6, left=shown.up_eur, label="lowers", color="white", hatch="///"
        )
        for bar in bars:
            bar.set_edgecolor(VERMILLION)
        span = [shown.size_eur - shown.low_eur, shown.high_eur - shown.size_eur]
        axes.errorbar(shown.size_eur, place, xerr=span, fmt="none", ecolor="black", elinewidth=1.2, capsize=3)
        axes.set_yticks(place, [fill(words.short(name), LABEL_WIDTH) for name in shown.driver])
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(EUROS)
        axes.set_xlabel("EUR per customer, up or down")
        axes.legend(loc="lower right")
        largest = shown.iloc[0]
        return drawn.figure(
            f"{words.short(sample.segment).capitalize()}: “{largest.driver}” moves a forecast most, by "
            f"{words.eur(float(largest.size_eur), 2)} on average",
            f"Mean size of a driver (mean |SHAP| in EUR) over {words.counted(len(sample.eur), 'customer')} "
            f"drawn by lot; whiskers: 95{words.SPACE}% intervals of what the draw leaves open.",
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
