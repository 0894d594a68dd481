"""Tables of the monitoring page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from clv.html import Cell, said, table
from monitoring.plot_segments import flag_class
from monitoring.rows import records

Row = Mapping[str, Any]


class Column(NamedTuple):
    """One column: its heading, what it shows of a row, and the class of the cell."""

    heading: str
    show: Callable[[Row], str]
    of: Callable[[Row], str] = lambda _: ""
    name: bool = False


LEFT = "left"
MOST_ROWS = 15
"""Of a table whose rows are not ours to choose."""


def _name(key: str) -> Column:
    return Column(key.replace("_", " "), lambda row: str(row[key]), lambda _: LEFT, name=True)


def _figure(heading: str, key: str, form: str = ",.2f") -> Column:
    return Column(heading, lambda row: said(row[key], form))


def _span(heading: str, key: str, low: str, high: str, of: Callable[[Row], str]) -> Column:
    def show(row: Row) -> str:
        return f"{said(row[key], '.2f')} ({said(row[low], '.2f')} to {said(row[high], '.2f')})"

    return Column(heading, show, of)


def _calibration_class(row: Row) -> str:
    return flag_class(raw=row["out_of_calibration"], sure=row["surely_out_of_calibration"])


def _risk_class(row: Row) -> str:
    return flag_class(raw=row["high_risk"], sure=row["surely_high_risk"])


def _hindsight_class(row: Row) -> str:
    return flag_class(raw=row["flag"], sure=row["sure"])


SEGMENT_COLUMNS: tuple[Column, ...] = (
    _name("dimension"),
    _name("value"),
    _figure("customers", "customers", ",d"),
    _figure("of revenue", "share_of_revenue", ".1%"),
    _figure("mean forecast €", "mean_predicted_eur"),
    _figure("mean that came €", "mean_actual_eur"),
    _span("forecast / came", "calibration_ratio", "calibration_low", "calibration_high", _calibration_class),
    _figure("RMSE €", "rmse"),
    _figure("MAE €", "mae"),
    _figure("MAPE", "mape"),
    _span("MAPE ratio", "mape_ratio", "mape_ratio_low", "mape_ratio_high", _risk_class),
    _figure("WAPE", "wape"),
    _figure("Gini", "gini_normalised", ".3f"),
    _figure("top 10 %", "capture_top10", ".1%"),
)

HINDSIGHT_COLUMNS: tuple[Column, ...] = (
    _name("scored_as_of"),
    _name("segment"),
    _figure("after days", "days", "d"),
    _figure("customers", "customers", ",d"),
    _figure("said €", "said_eur", ",.0f"),
    _figure("usual share", "expected_share", ".1%"),
    _figure("seasons", "years", ".0f"),
    _figure("expected €", "expected_eur", ",.0f"),
    _figure("came €", "came_eur", ",.0f"),
    _span("came / expected", "ratio", "ratio_low", "ratio_high", _hindsight_class),
)


def grid(rows: Iterable[Row], columns: Sequence[Column]) -> str:
    """Return an HTML table."""
    heads = (Cell(escape(column.heading), LEFT if column.name else "") for column in columns)
    return table(heads, ((_cell(row, column) for column in columns) for row in rows))


def plain_grid(frame: pd.DataFrame) -> str:
    """Return a frame as it is, its first rows where there are many."""
    ours = [name for name in frame.columns if name not in {"as_of", "horizon_days"}]
    columns = [
        _figure(name.replace("_", " "), name, ".4g")
        if pd.api.types.is_float_dtype(frame[name])
        else _name(name)
        for name in ours
    ]
    left_out = len(frame) - MOST_ROWS
    more = f'<p class="note">{left_out} more rows are in the table.</p>' if left_out > 0 else ""
    return grid(records(frame.head(MOST_ROWS)), columns) + more


def _cell(row: Row, column: Column) -> Cell:
    return Cell(escape(column.show(row)), column.of(row))
