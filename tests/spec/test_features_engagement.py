"""Web and e-mail events, seen from 2024-03-01; a session is a day with a web event."""

from math import isclose

import pytest

from tests.spec.histories import Told

TOLD = Told(
    "2024-03-01",
    """
    customer_id | day
    buyer       | 2023-11-01
    quiet       | 2023-11-01
    fresh       | 2024-02-20
    """,
    customers="customer_id\nlooker",
    web="""
    customer_id | day        | type        | device
    looker      | 2024-01-31 | view        | app
    looker      | 2024-01-31 | view        | mobile
    looker      | 2024-01-31 | search      | desktop
    looker      | 2024-01-30 | view        | desktop
    looker      | 2024-01-30 | login       | -
    looker      | 2023-12-02 | add_to_cart | desktop
    looker      | 2023-12-01 | view        | desktop
    looker      | 2023-03-02 | login       | desktop
    looker      | 2023-03-01 | login       | app
    looker      | 2022-01-01 | install     | app
    buyer       | 2023-10-31 | view        | mobile
    buyer       | 2023-11-01 | view        | mobile
    buyer       | 2023-11-01 | search      | mobile
    buyer       | 2023-11-30 | add_to_cart | mobile
    buyer       | 2023-11-30 | install     | mobile
    buyer       | 2023-12-01 | view        | mobile
    fresh       | 2024-02-29 | view        | desktop
    stranger    | 2024-02-29 | view        | desktop
    """,
    email="""
    customer_id | day        | type
    looker      | 2024-01-31 | open
    looker      | 2024-01-30 | open
    looker      | 2024-01-30 | click
    looker      | 2023-12-02 | open
    looker      | 2023-12-01 | open
    looker      | 2023-03-02 | open
    looker      | 2023-03-01 | click
    buyer       | 2023-10-31 | open
    buyer       | 2023-11-01 | open
    buyer       | 2023-11-30 | open
    buyer       | 2023-11-30 | click
    buyer       | 2023-12-01 | click
    """,
)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("web_views", [2, 3, 4]),
        ("searches", [1, 1, 1]),
        ("add_to_carts", [0, 1, 1]),
        ("logins", [0, 1, 2]),
        ("sessions", [1, 3, 5]),
        ("email_opens", [1, 3, 5]),
        ("email_clicks", [0, 1, 1]),
    ],
)
def test_windows_hold_their_first_day_and_not_the_day_before(name, counts):
    assert TOLD("looker", f"{name}_30d", f"{name}_90d", f"{name}_365d") == counts


def test_installs_count_whenever_they_were():
    assert TOLD("looker", "installs") == 1


def test_days_since_run_from_the_last_event_of_the_kind():
    names = ("days_since_web", "days_since_email_open", "days_since_email_click")
    assert TOLD("looker", *names) == [30, 30, 31]


def test_web_trend_compares_daily_rates_of_30_days_and_the_60_before():
    recent, before = 3 / 30, 3 / 60
    assert isclose(TOLD("looker", "web_trend_90d"), (recent - before) / (recent + before))
    assert TOLD("fresh", "web_trend_90d") == 1
    assert TOLD("buyer", "web_trend_90d") is None


def test_mobile_share_is_of_all_web_events_of_the_year():
    assert TOLD("looker", "web_mobile_share_365d") == 2 / 8
    assert TOLD("quiet", "web_mobile_share_365d") is None


def test_without_an_event_counts_are_zero_and_days_since_null():
    counts = ("web_views_365d", "sessions_365d", "email_opens_365d", "installs", "first_30d_web_views")
    assert TOLD("quiet", *counts) == [0] * 5
    assert TOLD("quiet", "days_since_web", "days_since_email_open", "web_trend_90d") == [None] * 3


def test_first_30_days_begin_with_the_first_order_and_hold_day_29():
    names = ("web_views", "searches", "add_to_carts", "sessions", "email_opens", "email_clicks")
    assert TOLD("buyer", *(f"first_30d_{name}" for name in names)) == [1, 1, 1, 2, 2, 1]


def test_first_30_days_still_running_count_what_came():
    assert TOLD("fresh", "first_30d_web_views", "first_30d_complete") == [1, False]


def test_a_lead_has_no_first_30_days():
    names = ("first_30d_web_views", "first_30d_sessions", "first_30d_email_opens", "first_30d_complete")
    assert TOLD("looker", *names) == [None] * 4


def test_events_alone_make_no_customer():
    assert "stranger" not in TOLD.rows()
