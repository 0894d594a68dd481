"""The money rules: which entries a lake's orders, cancellations and refunds become."""

from clv.settings import Settings
from tests.spec.lakes import NO_LIMIT
from tests.spec.stories import story  # whose rates are: GBP 0.80, 0.50, 0.25 from Jan 5, Jan 8, Feb 1

ORDER_VIEW = Settings(quarantine_limit=NO_LIMIT.quarantine_limit, refund_view="order")

NET = story(
    orders="order_id\no1",
    order_lines="""
    order_id | gross_amount | discount | tax
    o1       | 120.00       | 20.00    | 16.67
    """,
)


def test_net_is_gross_minus_discount_minus_tax():
    assert NET.entries("kind", "amount_eur_cents") == [("sale", 120_00 - 20_00 - 16_67)]


LINES = story(
    orders="order_id | order_ts\no1 | 2024-01-10 15:30",
    order_lines="""
    order_id | line_no | gross_amount
    o1       | 1       | 30.00
    o1       | 2       | 12.50
    """,
)


def test_an_order_is_one_entry_at_its_own_time():
    assert LINES.entries("order_id", "entry_ts", "known_ts", "amount_eur_cents") == [
        ("o1", "2024-01-10 15:30", "2024-01-10 15:30", 30_00 + 12_50)
    ]


ROUNDED = story(
    orders="order_id | order_ts | currency\no1 | 2024-01-05 | JPY\no2 | 2024-01-05 | GBP",
    order_lines="""
    order_id | line_no | gross_amount
    o1       | 1       | 1
    o1       | 2       | 1
    o1       | 3       | 1
    o2       | 1       | 0.01
    o2       | 2       | 0.01
    """,
)


def test_an_order_is_rounded_once_on_its_sum():
    each, order = round(100 / 160), round(3 * 100 / 160)
    assert (3 * each, order) == (3, 2)
    assert ROUNDED.counted("2024-02-01")["o1"] == order


def test_half_a_cent_rounds_away_from_zero():
    assert ROUNDED.counted("2024-02-01")["o2"] == 3, "2 pence / 0.80 = 2.5 cents"


HALVES = story(
    orders="order_id\neighth\nless\nmore\nnothing",
    order_lines="""
    order_id | gross_amount | what it is in binary
    eighth   | 0.125        | exactly half a cent
    less     | 1.005        | 1.00499999999999989...
    more     | 1.0050001    | more than half
    nothing  | 0            | a free order
    """,
)


def test_amounts_become_cents_by_rounding_what_the_float_holds():
    assert HALVES.counted("2024-02-01") == {"eighth": 13, "less": 100, "more": 101, "nothing": 0}


def test_a_free_order_counts_and_has_an_entry_of_zero():
    assert ("nothing", "sale", 0) in HALVES.entries("order_id", "kind", "amount_eur_cents")


WEEKEND = story(
    orders="""
    order_id | order_ts         | currency
    friday   | 2024-01-05 09:00 | GBP
    sunday   | 2024-01-07 23:59 | GBP
    monday   | 2024-01-08       | GBP
    euro     | 2024-01-08       | EUR
    day7     | 2024-01-15 23:59 | GBP
    day8     | 2024-01-16       | GBP
    day-1    | 2024-01-04 23:59 | GBP
    dollars  | 2024-01-05       | USD
    """,
    order_lines="order_id\nfriday\nsunday\nmonday\neuro\nday7\nday8\nday-1\ndollars",
)


def test_the_rate_is_the_last_one_published_by_the_day_of_the_transaction():
    told = WEEKEND.counted("2024-03-01")
    assert told["friday"] == told["sunday"] == 100_00 / 0.80
    assert told["monday"] == 100_00 / 0.50
    assert told["euro"] == 100_00


def test_a_rate_counts_for_seven_days_and_not_for_eight():
    assert WEEKEND.counted("2024-03-01")["day7"] == 100_00 / 0.50
    reasons = {row["order_id"]: row["reason"] for row in WEEKEND.rows("table=orders", "quarantine")}
    assert reasons == {
        "day8": "no rate of its currency within 7 days",
        "day-1": "no rate of its currency within 7 days",
        "dollars": "unknown currency",
    }


PAID_BACK_ABROAD = story(
    orders="order_id | order_ts | currency\no1 | 2024-01-08 | GBP",
    order_lines="order_id | gross_amount\no1 | 40",
    refunds="refund_id | order_id | refund_ts | amount | tax | currency\nr1 | o1 | 2024-02-01 | 12 | 2 | GBP",
)


def test_a_refund_has_the_rate_of_its_own_date():
    assert PAID_BACK_ABROAD.entries("kind", "amount_eur_cents") == [
        ("sale", 40_00 / 0.50),
        ("refund", -(12_00 - 2_00) / 0.25),
    ]


REFUND = story(
    orders="order_id | order_ts | country\no1 | 2024-01-10 | DE",
    order_lines="order_id\no1",
    refunds="""
    refund_id | order_id | refund_ts  | recorded_ts | amount | tax
    prompt    | o1       | 2024-02-10 |             | 11.90  | 1.90
    late      | o1       | 2024-02-11 | 2024-04-01  | 23.80  | 3.80
    alone     |          | 2024-02-12 |             | 5.00   | 0.00
    """,
)


def test_a_refund_is_its_amount_without_tax_dated_when_paid_and_known_when_recorded():
    assert REFUND.entries("order_id", "entry_ts", "known_ts", "amount_eur_cents", "country") == [
        ("o1", "2024-01-10", "2024-01-10", 100_00, "DE"),
        ("o1", "2024-02-10", "2024-02-10", -(11_90 - 1_90), "DE"),
        (None, "2024-02-12", "2024-02-12", -5_00, None),
        ("o1", "2024-02-11", "2024-04-01", -(23_80 - 3_80), "DE"),
    ]


REFUND_ORDER_VIEW = story(
    settings=ORDER_VIEW,
    orders="order_id | order_ts | cancelled_ts\no1 | 2024-01-10 | \no2 | 2024-01-11 | 2024-01-20",
    order_lines="order_id\no1\no2",
    refunds="refund_id | order_id | refund_ts\nr1 | o1 | 2024-02-10\nr2 | | 2024-02-12",
)


def test_in_the_order_view_refund_and_cancellation_are_dated_with_their_order_and_known_when_they_happen():
    assert REFUND_ORDER_VIEW.entries("kind", "entry_ts", "known_ts") == [
        ("sale", "2024-01-10", "2024-01-10"),
        ("sale", "2024-01-11", "2024-01-11"),
        ("cancellation", "2024-01-11", "2024-01-20"),
        ("refund", "2024-01-10", "2024-02-10"),
        ("refund", "2024-02-12", "2024-02-12"),
    ]


CANCELLED = story(
    orders="""
    order_id  | order_ts   | cancelled_ts | recorded_ts
    in place  | 2024-01-10 | 2024-01-20   |
    restated  | 2024-01-10 |              |
    restated  | 2024-01-10 | 2024-01-20   | 2024-01-25
    scheduled | 2024-01-10 | 2024-01-20   | 2024-01-11
    at once   | 2024-01-10 | 2024-01-10   |
    """,
    order_lines="order_id\nin place\nrestated\nscheduled\nat once",
)


def test_a_cancellation_is_one_reversing_entry_at_its_time_and_known_then():
    told = CANCELLED.entries("order_id", "kind", "entry_ts", "known_ts", "amount_eur_cents")
    assert [row[1:] for row in told if row[0] == "in place"] == [
        ("sale", "2024-01-10", "2024-01-10", 100_00),
        ("cancellation", "2024-01-20", "2024-01-20", -100_00),
    ]
    assert [row[1:] for row in told if row[0] == "restated"] == [
        ("sale", "2024-01-10", "2024-01-10", 100_00),
        ("cancellation", "2024-01-20", "2024-01-25", -100_00),
    ]


def test_a_cancellation_said_in_advance_is_known_when_it_happens():
    told = CANCELLED.entries("order_id", "kind", "entry_ts", "known_ts")
    assert ("scheduled", "cancellation", "2024-01-20", "2024-01-20") in told


def test_an_order_cancelled_at_once_is_sold_and_reversed_at_one_instant():
    told = CANCELLED.entries("order_id", "entry_ts", "amount_eur_cents")
    assert sorted(row[1:] for row in told if row[0] == "at once") == [
        ("2024-01-10", -100_00),
        ("2024-01-10", 100_00),
    ]


GUEST = story(
    orders="order_id | customer_id\no1 |",
    order_lines="order_id\no1",
    refunds="refund_id | customer_id | order_id | refund_ts\nr1 | | o1 | 2024-02-01",
)


def test_guest_orders_and_refunds_are_revenue_of_nobody():
    assert GUEST.entries("kind", "customer_id", "amount_eur_cents") == [
        ("sale", None, 100_00),
        ("refund", None, -10_00),
    ]
    assert GUEST.revenue("2024-03-01") == {}


CHANNELS = story(
    customers="""
    customer_id | acquisition_channel | valid_from
    ann         | search              |
    ann         | social              | 2024-01-01
    bob         |                     |
    """,
    orders="order_id | customer_id\no1 | ann\no2 | bob\no3 |",
    order_lines="order_id\no1\no2\no3",
)


def test_the_channel_of_an_entry_is_the_one_that_first_brought_the_customer():
    assert CHANNELS.entries("order_id", "channel") == [("o1", "search"), ("o2", None), ("o3", None)]
