"""When customers order, seen from 2024-03-01, the day after a leap day."""

from math import sqrt

import pytest

from tests.spec.histories import Told

TOLD = Told(
    "2024-03-01",
    """
    customer_id  | day
    edges        | 2024-01-31
    edges        | 2024-01-30
    edges        | 2023-12-02
    edges        | 2023-12-01
    edges        | 2023-09-03
    edges        | 2023-09-02
    edges        | 2023-03-02
    edges        | 2023-03-01
    trend        | 2024-02-01
    trend        | 2023-09-03
    trend        | 2023-09-02
    trend        | 2023-03-07
    trend        | 2023-03-06
    trend        | 2023-09-01
    two_gaps     | 2024-01-01
    two_gaps     | 2024-01-01
    two_gaps     | 2024-01-05
    two_gaps     | 2024-01-15
    weekly       | 2024-01-01
    weekly       | 2024-01-08
    weekly       | 2024-01-15
    weekly       | 2024-01-22
    one_gap      | 2024-01-01
    one_gap      | 2024-01-05
    one_order    | 2024-02-29
    one_day      | 2024-02-28
    one_day      | 2024-02-28
    first_month  | 2024-01-01
    first_month  | 2024-01-30
    first_month  | 2024-01-31
    month_ago    | 2024-01-31
    not_yet      | 2024-02-01
    """,
)


def test_windows_hold_their_first_day_and_not_the_day_before():
    counts = TOLD("edges", "orders_30d", "orders_90d", "orders_180d", "orders_365d", "orders_all")
    assert counts == [1, 3, 5, 7, 8]


def test_order_trend_is_the_last_180_days_less_the_180_before():
    assert TOLD("trend", "orders_trend_180d") == 2 - 3  # 2023-03-06 lies before both


def test_a_leap_day_is_a_day():
    assert TOLD("one_order", "recency_days", "tenure_days") == [1, 1]
    assert TOLD("one_day", "recency_days") == 2


def test_frequency_counts_order_days_after_the_first():
    assert TOLD("two_gaps", "orders_all", "frequency") == [4, 2]
    assert TOLD("one_day", "orders_all", "frequency") == [2, 0]
    assert TOLD("one_order", "orders_all", "frequency") == [1, 0]


def test_t_x_runs_from_the_first_order_to_the_last():
    assert TOLD("two_gaps", "t_x_days", "recency_days", "tenure_days") == [14, 46, 60]
    assert TOLD("one_order", "t_x_days") == 0


def test_gaps_lie_between_order_days():
    names = ("gap_first_days", "gap_mean_days", "gap_max_days", "gap_spread_days", "recency_to_gap")
    spread = sqrt(((4 - 7) ** 2 + (10 - 7) ** 2) / 2)
    assert TOLD("two_gaps", *names) == [4, (4 + 10) / 2, 10, spread, pytest.approx(46 / 7, rel=1e-15)]


def test_equal_gaps_have_no_spread():
    assert TOLD("weekly", "gap_mean_days", "gap_spread_days") == [7, 0]


def test_one_gap_has_a_mean_and_no_spread():
    assert TOLD("one_gap", "gap_mean_days", "gap_spread_days") == [4, None]


@pytest.mark.parametrize("customer", ["one_order", "one_day"])
def test_one_order_day_has_no_gap(customer):
    names = ("gap_first_days", "gap_mean_days", "gap_max_days", "gap_spread_days", "recency_to_gap")
    assert TOLD(customer, *names) == [None] * 5


def test_first_30_days_hold_day_29_and_not_day_30():
    assert TOLD("first_month", "first_30d_orders") == 2


def test_first_30_days_are_complete_once_they_lie_before_t0():
    assert TOLD("month_ago", "tenure_days", "first_30d_complete") == [30, True]
    assert TOLD("not_yet", "tenure_days", "first_30d_complete") == [29, False]
