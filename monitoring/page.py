"""The monitoring page of one run: one HTML text that needs nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from clv import html
from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW, MAPE_LIMIT
from monitoring.drift import DRIFTED_PSI, SHIFTED_PSI
from monitoring.outcomes import milestones
from monitoring.page_style import STYLE
from monitoring.page_tables import HINDSIGHT_COLUMNS, SEGMENT_COLUMNS, grid, plain_grid
from monitoring.plot_hindsight import amount_drawing, ratio_drawing
from monitoring.plot_lorenz import lorenz_drawing
from monitoring.plot_segments import calibration_drawing
from monitoring.rows import records
from monitoring.segments import MATURED
from monitoring.spread import Spread

Row = Mapping[str, Any]

BAND = f"{CALIBRATION_LOW} to {CALIBRATION_HIGH}"
SAYS_CALIBRATION = (
    f"<p>Forecast over what came, with 95 % bootstrap intervals over customers. Green: {BAND}. Red: the "
    "whole interval is outside; amber: only the figure is, which may be luck. Only material segments (200 "
    "customers, and 2 % of customers or of revenue); pairs only where they are surely outside and neither "
    "side is.</p>"
)
SAYS_HINDSIGHT = (
    "<p>Expected by a day: the forecasts of a t₀ times the share of a horizon's revenue that usually has "
    "come by then, from closed snapshots of the same season. Large marks: all customers; pale ones: early "
    f"(left) and established (right). Intervals are 95 %. Green: {BAND}.</p>"
)
SAYS_LORENZ = (
    "<p>Lorenz curves: the share of revenue of the lowest customers. Lines: forecasts at several t₀s; "
    "dashed: what came in a closed horizon. Forecasts are means, and are spread less than what comes.</p>"
)
SAYS_DRIFT = (
    "<p>PSI against the first scores of the model in force, and against the week before: from "
    f"{SHIFTED_PSI} on a variable has shifted, from {DRIFTED_PSI} on drifted, where that is no chance.</p>"
)


@dataclass(frozen=True)
class Shown:
    """What the page is made of.

    notes : a line per flag
    segments, hindsight, drift : the tables of the run, of `drift` the columns to show
    spreads : Lorenz curves, oldest first
    """

    as_of: date
    horizon_days: int
    run_id: str
    notes: Sequence[str]
    segments: pd.DataFrame
    hindsight: pd.DataFrame
    spreads: Sequence[Spread]
    drift: pd.DataFrame


def page(shown: Shown) -> str:
    """Return the page."""
    return html.page(
        f"Monitoring of {shown.as_of}",
        STYLE,
        (
            f'<p class="note">Horizon {shown.horizon_days} days, run {escape(shown.run_id)}.</p>',
            _notes(shown.notes),
            *_calibration(records(shown.segments)),
            *_hindsight(records(shown.hindsight), shown.horizon_days),
            *_lorenz(shown.spreads),
            *_drift(shown.drift),
        ),
    )


def _notes(notes: Sequence[str]) -> str:
    return html.listed(notes, "notes") if notes else "<p>No figure is outside its limits.</p>"


def _calibration(rows: Sequence[Row]) -> Iterator[str]:
    yield "<h2>Are the euros right, segment by segment?</h2>"
    if not rows:
        yield "<p>Nothing has been judged yet: no horizon has closed.</p>"
        return
    yield SAYS_CALIBRATION
    judged = list(dict.fromkeys((row["source"], row["model"], row["judged_as_of"]) for row in rows))
    groups = {key: [row for row in rows if _key(row) == key] for key in judged}
    yield '<div class="blocks">'
    for key, own in groups.items():
        yield f"<div><h3>{_heading(*key)}</h3>{calibration_drawing(own, _heading(*key))}</div>"
    yield "</div>"
    for key, own in groups.items():
        yield html.folded(f"All figures: {_heading(*key)}", grid(own, SEGMENT_COLUMNS))
    yield f'<p class="note">MAPE ratio: mean relative error over that of all; the limit is {MAPE_LIMIT}.</p>'


def _key(row: Row) -> tuple[str, str, date]:
    return row["source"], row["model"], row["judged_as_of"]


def _heading(source: str, model: str, judged_as_of: date) -> str:
    if source == MATURED:
        return f"Scores of {judged_as_of}, by what has come"
    return f"Model in force, {model}: out of time at {judged_as_of}"


def _hindsight(rows: Sequence[Row], horizon_days: int) -> Iterator[str]:
    yield "<h2>What was said against what came</h2>"
    if not rows:
        yield "<p>No earlier scores are old enough to be compared yet.</p>"
        return
    yield SAYS_HINDSIGHT
    drawings = [ratio_drawing(rows, days) for days in milestones(horizon_days)]
    yield f'<div class="blocks">{"".join(str(one) for one in drawings if one)}</div>'
    amounts = amount_drawing(rows)
    yield str(amounts) if amounts else ""
    latest = sorted(rows, key=lambda row: row["scored_as_of"], reverse=True)
    yield html.folded("All figures", grid(latest, HINDSIGHT_COLUMNS))


def _lorenz(spreads: Sequence[Spread]) -> Iterator[str]:
    yield "<h2>How concentrated is the value?</h2>"
    if not spreads:
        yield "<p>There are no scores with a positive total.</p>"
        return
    yield SAYS_LORENZ
    yield str(lorenz_drawing(spreads))


def _drift(drift: pd.DataFrame) -> Iterator[str]:
    yield "<h2>Have customers or scores changed?</h2>"
    if drift.empty:
        yield "<p>There is nothing to compare with yet.</p>"
        return
    yield SAYS_DRIFT
    yield plain_grid(drift)
