"""The first order, by time and then by id."""

import pytest

from tests.spec.histories import Told

EDGES = ("0", "19.99", "20", "49.99", "50", "99.99", "100", "199.99", "200", "499.99", "500", "9999")
BANDS = ("0-20", "0-20", "20-50", "20-50", "50-100", "50-100")
BANDS += ("100-200", "100-200", "200-500", "200-500", "500+", "500+")
AT_THE_EDGES = "\n".join(f"e{n} | {n} | 2024-01-05 | {eur} | 0 | 0 | 1 | 1" for n, eur in enumerate(EDGES))

TOLD = Told(
    "2024-03-01",
    f"""
    order_id | customer_id | entry_ts         | net_eur | discount_eur | voucher | line_count | units
    a2       | ann         | 2024-02-29 08:00 | 30.00   | 10.00        | 1       | 2          | 7
    a1       | ann         | 2024-02-29 09:00 | 99.00   | 0            | 0       | 1          | 1
    a3       | ann         | 2024-02-29 23:59 | 99.00   | 0            | 0       | 1          | 1
    b2       | ben         | 2023-12-31 12:00 | 99.00   | 0            | 1       | 5          | 5
    b1       | ben         | 2023-12-31 12:00 | 20.00   | 5.00         | 0       | 3          | 4
    b3       | ben         | 2024-01-01 00:00 | 99.00   | 0            | 1       | 5          | 5
    {AT_THE_EDGES}
    """,
)


def test_first_order_is_the_first_by_time():
    names = ("first_order_net_eur", "first_order_voucher", "first_order_lines", "first_order_units")
    assert TOLD("ann", *names) == [30, True, 2, 7]


def test_of_two_orders_at_one_instant_the_first_is_the_first_by_id():
    names = ("first_order_net_eur", "first_order_voucher", "first_order_lines", "first_order_units")
    assert TOLD("ben", *names) == [20, False, 3, 4]


def test_discount_share_is_of_its_gross_value():
    assert TOLD("ann", "first_order_discount_share") == 10 / (30 + 10)


def test_weekday_counts_from_monday_and_month_from_january():
    assert TOLD("ann", "first_order_weekday", "first_order_month") == [3, 2]  # Thursday, 29 February
    assert TOLD("ben", "first_order_weekday", "first_order_month") == [6, 12]  # Sunday, 31 December


def test_orders_of_the_first_day_end_at_midnight_utc():
    assert TOLD("ann", "first_order_day_orders") == 3
    assert TOLD("ben", "first_order_day_orders") == 2


@pytest.mark.parametrize(("number", "band"), list(enumerate(BANDS)))
def test_a_value_band_holds_its_lower_edge_and_not_its_upper(number, band):
    assert TOLD(str(number), "first_order_value_band") == band
