from datetime import date, datetime

import pytest

from clv.errors import UserError
from clv.timeline import Horizon, epoch_day, parse_as_of, t0


def test_t0_is_as_of_at_midnight():
    assert t0(date(2011, 12, 9)) == datetime(2011, 12, 9, 0, 0)


def test_days_are_counted_from_1970():
    assert [epoch_day(date(1969, 12, 31)), epoch_day(date(1970, 1, 1)), epoch_day(date(2024, 2, 29))] == [
        -1,
        0,
        54 * 365 + 13 + 31 + 28,
    ]


def test_a_horizon_ends_before_its_last_day():
    assert Horizon(1).end(date(2024, 2, 28)) == date(2024, 2, 29)
    assert Horizon(365).end(date(2023, 3, 1)) == date(2024, 2, 29), "365 days, not a year"


@pytest.mark.parametrize(
    ("known_at", "lag_days", "closed"),
    [
        (date(2024, 1, 30), 0, False),
        (date(2024, 1, 31), 0, True),
        (date(2024, 2, 29), 30, False),
        (date(2024, 3, 1), 30, True),
    ],
)
def test_a_snapshot_is_closed_when_horizon_and_lag_have_passed(known_at, lag_days, closed):
    assert Horizon(30).closed(date(2024, 1, 1), known_at, lag_days) is closed


@pytest.mark.parametrize("days", [0, -1])
def test_a_horizon_has_at_least_one_day(days):
    with pytest.raises(ValueError, match="must be at least 1"):
        Horizon(days)


def test_an_as_of_is_an_iso_date():
    assert parse_as_of("2011-12-09") == date(2011, 12, 9)


@pytest.mark.parametrize("text", ["", "09.12.2011", "2011-13-01", "2011-02-29", "today", "2011-12-09T00:00"])
def test_anything_else_is_one_line_saying_what_to_write(text):
    with pytest.raises(UserError, match=r"^as_of .*: write a date as YYYY-MM-DD$"):
        parse_as_of(text)
