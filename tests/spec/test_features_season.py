"""The season of t₀."""

from datetime import date
from math import sqrt

import ibis
import pytest

from glue_jobs.features import season


def _season(day):
    row = ibis.memtable({"one": [1]}).select(**season.columns(date.fromisoformat(day)))
    return ibis.duckdb.connect().to_pyarrow(row).to_pylist()[0]


@pytest.mark.parametrize(
    ("day", "sine", "cosine"),
    [("2024-01-31", 0, 1), ("2024-04-01", 1, 0), ("2024-07-01", 0, -1), ("2024-12-31", -0.5, sqrt(0.75))],
)
def test_months_lie_on_a_circle_that_begins_in_january(day, sine, cosine):
    found = _season(day)
    assert (found["t0_month_sin"], found["t0_month_cos"]) == pytest.approx((sine, cosine), abs=1e-12)


@pytest.mark.parametrize(
    ("day", "days"),
    [("2024-11-28", 1), ("2024-11-29", 0), ("2024-11-30", 363), ("2025-11-27", 1), ("2019-11-29", 0)],
)
def test_black_friday_is_the_day_after_the_fourth_thursday_of_november(day, days):
    assert _season(day)["t0_days_to_black_friday"] == days
