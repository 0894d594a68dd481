"""What customers spent, seen from 2024-03-01."""

from math import sqrt

import pytest

from tests.spec.histories import Told

TOLD = Told(
    "2024-03-01",
    """
    customer_id | day        | net_eur | discount_eur | cost_eur
    three       | 2023-01-05 | 10.00   | 0            | -
    three       | 2023-01-05 | 20.00   | 0            | -
    three       | 2023-01-07 | 60.00   | 0            | -
    once        | 2023-01-05 | 10.00   | 0            | 4.00
    same        | 2023-01-05 | 0.10    | 0            | -
    same        | 2023-01-06 | 0.10    | 0            | -
    same        | 2023-01-07 | 0.10    | 0            | -
    free        | 2024-01-05 | 0       | 0            | 0
    free        | 2024-01-06 | 0       | 0            | 0
    costed      | 2023-03-01 | 99.00   | 0            | -
    costed      | 2023-03-02 | 10.00   | 0            | 4.00
    costed      | 2024-02-29 | 30.00   | 0            | 6.00
    one_unknown | 2023-03-02 | 10.00   | 0            | -
    one_unknown | 2024-02-29 | 30.00   | 0            | 6.00
    """,
    entries="""
    customer_id | day        | kind         | amount_eur
    edges       | 2024-01-31 | sale         | 1
    edges       | 2024-01-30 | sale         | 2
    edges       | 2023-12-02 | sale         | 4
    edges       | 2023-12-01 | sale         | 8
    edges       | 2023-09-03 | sale         | 16
    edges       | 2023-09-02 | sale         | 32
    edges       | 2023-03-02 | sale         | 64
    edges       | 2023-03-01 | sale         | 128
    edges       | 2022-03-02 | sale         | 256
    edges       | 2022-03-01 | sale         | 512
    returns     | 2024-01-05 | sale         | 100.00
    returns     | 2024-01-09 | refund       | -25.00
    returns     | 2024-01-15 | cancellation | -40.00
    returns     | 2024-01-16 | restatement  | 0.50
    growing     | 2023-09-03 | sale         | 30.00
    growing     | 2023-09-02 | sale         | 6.00
    growing     | 2023-03-07 | sale         | 4.00
    growing     | 2023-03-06 | sale         | 99.00
    refunded    | 2024-01-05 | refund       | -5.00
    long_ago    | 2020-02-29 | sale         | 7.00
    pennies     | 2024-02-29 | sale         | 0.10
    pennies     | 2024-02-29 | sale         | 0.20
    """,
)


def test_windows_hold_their_first_day_and_not_the_day_before():
    windows = TOLD("edges", *(f"monetary_{d}_eur" for d in ("30d", "90d", "180d", "365d", "all")))
    assert windows == [1, 1 + 2 + 4, 1 + 2 + 4 + 8 + 16, 127, 1023]


def test_the_previous_year_ends_where_the_last_one_begins():
    assert TOLD("edges", "monetary_previous_365d_eur") == 128 + 256


def test_money_is_net_of_refunds_cancellations_and_restatements():
    assert TOLD("returns", "monetary_all_eur") == 100 - 25 - 40 + 0.5
    assert TOLD("returns", "refund_share", "cancelled_share") == [25 / 100, 40 / 100]


def test_cents_add_up_exactly():
    assert TOLD("pennies", "monetary_30d_eur") == 0.3


def test_trend_compares_the_last_180_days_with_the_180_before():
    assert TOLD("growing", "monetary_trend_180d") == (30 - (6 + 4)) / (30 + (6 + 4))
    assert TOLD("refunded", "monetary_trend_180d") == -1
    assert TOLD("long_ago", "monetary_trend_180d") is None


def test_spend_is_the_net_value_of_an_order():
    names = ("spend_mean_eur", "spend_repeat_mean_eur", "spend_max_eur")
    assert TOLD("three", *names) == [(10 + 20 + 60) / 3, (20 + 60) / 2, 60]
    assert TOLD("once", *names) == [10, None, 10]


def test_spend_spread_is_the_standard_deviation_over_the_mean():
    squares = (10 - 30) ** 2 + (20 - 30) ** 2 + (60 - 30) ** 2
    assert TOLD("three", "spend_spread") == pytest.approx(sqrt(squares / 3) / 30, rel=1e-12)
    assert TOLD("same", "spend_spread") == 0
    assert TOLD("once", "spend_spread") is None


def test_orders_of_price_zero_count_and_divide_nothing():
    names = ("orders_all", "spend_mean_eur", "spend_spread", "discount_share_all", "margin_share_365d")
    assert TOLD("free", *names) == [2, 0, None, None, None]
    assert TOLD("free", "first_order_value_band", "first_order_discount_share") == ["0-20", None]


def test_margin_is_net_less_cost_of_the_last_365_days():
    assert TOLD("costed", "margin_365d_eur", "margin_share_365d") == [10 - 4 + 30 - 6, 30 / 40]


def test_margin_is_null_where_an_order_of_the_year_has_no_cost_or_there_is_none():
    assert TOLD("one_unknown", "margin_365d_eur", "margin_share_365d") == [None, None]
    assert TOLD("once", "margin_365d_eur") is None
