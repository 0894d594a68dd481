"""Whether the euros are right in the segments that matter: forecast against actual, by group."""

from typing import Any

from app.report import words
from app.report.blocks import Cell, Grid
from app.report.inputs import Backtest
from clv.group_calibration import CELL
from clv.segment_figures import CLV_BANDS
from training.promotion import CALIBRATION_LIMITS

HEADINGS = {
    "stage": "By stage",
    "country": "By country",
    "channel": "By acquisition channel",
    "device": "By device",
    "clv_band": "By band of the forecast",
    CELL: "By country × channel × stage × band",
}


def group_grid(back: Backtest) -> Grid | None:
    """Return forecast over actual of the material groups; None where the backtest tells of none."""
    told = [row for row in back.leaderboard.get("calibration", {}).get("groups", []) if row["material"]]
    if not told:
        return None
    body: list[list[str | Cell]] = []
    for dimension, heading in HEADINGS.items():
        rows = [row for row in told if row["dimension"] == dimension and row["share_of_customers"] < 1]
        rows.sort(key=lambda row: CLV_BANDS.index(row["value"]) if row["value"] in CLV_BANDS else 0)
        body += [[heading], *map(_row, rows)] if rows else []
    columns = (
        *("segment", "customers", "share of what came", "forecast", "came", "forecast / came"),
        "over the ratio of all",
    )
    low, high = CALIBRATION_LIMITS
    note = (
        f"Material segments only: at least 2{words.SPACE}% of customers or of revenue, and 200 customers. In "
        f"small print: 95{words.SPACE}% bootstrap intervals over customers. A season moves all segments at "
        "once; what is left after dividing by everybody's ratio is the segment's own. An exclamation mark: "
        f"surely outside {low} to {high}."
    )
    return Grid("Forecast against what came, by segment", columns, body, note=note) if body else None


def _row(row: dict[str, Any]) -> list[str | Cell]:
    low, high = (words.figure(row[f"relative_{end}"]) for end in ("low", "high"))
    outside = low > CALIBRATION_LIMITS[1] or high < CALIBRATION_LIMITS[0]
    relative = words.number(words.figure(row["relative"]), 2)
    return [
        words.short(row["value"].replace("unknown", "not given")),
        words.number(row["customers"]),
        words.percent(words.figure(row["share_of_revenue"]), 1),
        words.eur(row["predicted_eur"]),
        words.eur(row["actual_eur"]),
        _cell(row, "calibration_ratio", ""),
        Cell(f"{relative} !" if outside else relative, _span(low, high)),
    ]


def _cell(row: dict[str, Any], name: str, prefix: str) -> Cell:
    low, high = (words.figure(row[f"{prefix}{end}"]) for end in ("low", "high"))
    return Cell(words.number(words.figure(row[name]), 2), _span(low, high))


def _span(low: float, high: float) -> str:
    return words.span(words.number(low, 2), words.number(high, 2))
