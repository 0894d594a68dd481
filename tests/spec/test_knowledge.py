"""What was known: History before t₀, Future in [t₀, t₀ + H), each as it looked at its own end."""

from datetime import date

import ibis
import pytest

from glue_jobs.labels import labels
from tests.spec.lakes import pulled
from tests.spec.stories import story

EDGE = story(
    orders="""
    order_id | order_ts                   | recorded_ts
    before   | 2024-01-31 23:59:59.999999 |
    at       | 2024-02-01                 |
    late     | 2024-01-20                 | 2024-02-01
    in time  | 2024-01-20                 | 2024-01-31 23:59:59
    end      | 2024-03-01                 |
    """,
    order_lines="""
    order_id | gross_amount
    before   | 1
    at       | 2
    late     | 4
    in time  | 8
    end      | 16
    """,
)


def test_history_ends_just_before_t0_in_event_time_and_in_knowledge():
    assert EDGE.counted("2024-02-01") == {"before": 1_00, "in time": 8_00}
    assert EDGE.revenue("2024-02-01") == {"ann": 1_00 + 8_00}


def test_the_future_begins_at_t0_and_ends_before_the_horizon_does():
    assert EDGE.label("2024-02-01", 29) == {"ann": 2_00}
    assert EDGE.label("2024-02-01", 30) == {"ann": 2_00 + 16_00}


def test_what_became_known_after_t0_about_the_time_before_it_is_in_neither():
    assert EDGE.revenue("2024-02-02") == {"ann": 1_00 + 2_00 + 4_00 + 8_00}


CANCELLED = story(
    orders="order_id | order_ts | cancelled_ts\no1 | 2024-01-10 | 2024-02-15\no2 | 2024-01-11 |",
    order_lines="order_id | gross_amount\no1 | 70\no2 | 30",
)


def test_an_order_counts_until_its_cancellation_is_known():
    assert CANCELLED.counted("2024-02-15") == {"o1": 70_00, "o2": 30_00}
    assert CANCELLED.counted("2024-02-16") == {"o2": 30_00}


def test_a_cancellation_lowers_the_window_in_which_it_happens():
    assert CANCELLED.revenue("2024-02-01") == {"ann": 100_00}
    assert CANCELLED.label("2024-02-01", 30) == {"ann": -70_00}
    assert CANCELLED.revenue("2024-03-02") == {"ann": 30_00}


REFUNDED = story(
    orders="order_id | order_ts\no1 | 2024-01-10",
    order_lines="order_id | gross_amount\no1 | 70",
    refunds="""
    refund_id | order_id | refund_ts  | amount | recorded_ts
    full      | o1       | 2024-02-10 | 70     |
    late      |          | 2024-02-20 | 5      | 2024-04-01
    """,
)


def test_a_refund_lowers_the_window_of_its_own_date_and_its_order_still_counts():
    assert REFUNDED.label("2024-02-01", 29) == {"ann": -70_00}
    assert REFUNDED.counted("2024-03-01") == {"o1": 70_00}
    assert REFUNDED.revenue("2024-03-01") == {"ann": 0}


def test_a_refund_recorded_after_the_horizon_closed_is_not_in_its_label():
    assert REFUNDED.label("2024-02-01", 60) == {"ann": -70_00}, "closes on Apr 1, when it is recorded"
    assert REFUNDED.label("2024-02-01", 61) == {"ann": -70_00 - 5_00}


RESTATED = story(
    orders="""
    order_id | customer_id | order_ts   | country | voucher_code | recorded_ts
    o1       | ann         | 2024-01-10 | DE      |              |
    o1       | bob         | 2024-01-12 | FR      | TEN          | 2024-02-01
    """,
    order_lines="""
    order_id | line_no | sku   | quantity | gross_amount | recorded_ts
    o1       | 1       | shoes | 1        | 60           |
    o1       | 2       | socks | 2        | 10           |
    o1       | 2       | socks | 3        | 15           | 2024-02-01
    o1       | 3       | laces | 1        | 5            | 2024-03-01
    """,
)


@pytest.mark.parametrize(
    ("as_of", "customer", "country", "voucher", "net_cents", "lines", "units"),
    [
        ("2024-02-01", "ann", "DE", 0, 60_00 + 10_00, 2, 3),
        ("2024-02-02", "bob", "FR", 1, 60_00 + 15_00, 2, 4),
        ("2024-03-02", "bob", "FR", 1, 60_00 + 15_00 + 5_00, 3, 5),
    ],
)
def test_history_shows_an_order_as_it_was_known_at_t0(
    as_of, customer, country, voucher, net_cents, lines, units
):
    (order,) = RESTATED.history("orders", as_of)
    assert (order["customer_id"], order["country"], order["voucher"]) == (customer, country, voucher)
    assert (order["net_eur_cents"], order["line_count"], order["units"]) == (net_cents, lines, units)
    known_lines = RESTATED.history("lines", as_of)
    assert sum(line["net_eur_cents"] for line in known_lines) == net_cents
    assert {line["customer_id"] for line in known_lines} == {customer}
    assert {customer: net_cents}.items() <= RESTATED.revenue(as_of).items()


def test_a_restated_customer_takes_the_revenue_along():
    assert RESTATED.revenue("2024-02-02") == {"ann": 0, "bob": 75_00}


COSTS = story(
    orders="order_id\nknown\npartly",
    order_lines="""
    order_id | line_no | quantity | unit_cost
    known    | 1       | 3        | 2.50
    known    | 2       | 1        | 0
    partly   | 1       | 3        | 2.50
    partly   | 2       | 1        |
    """,
)


def test_the_cost_of_an_order_is_known_where_each_line_has_one():
    costs = {row["order_id"]: row["cost_eur_cents"] for row in COSTS.history("orders", "2024-02-01")}
    assert costs == {"known": 3 * 2_50, "partly": None}


ABROAD = story(
    orders="order_id | order_ts | currency\no1 | 2024-01-05 | GBP",
    order_lines="order_id | line_no | gross_amount | discount | tax\no1 | 1 | 8 | 1 | 1\no1 | 2 | 4 | 0 | 0",
)


def test_gross_discount_and_net_of_an_order_are_in_euros_of_its_date():
    (order,) = ABROAD.history("orders", "2024-02-01")
    assert order["gross_eur_cents"] == (8_00 + 4_00) / 0.80
    assert order["discount_eur_cents"] == 1_00 / 0.80
    assert order["net_eur_cents"] == (8_00 + 4_00 - 1_00 - 1_00) / 0.80


ATTRIBUTES = story(
    customers="""
    customer_id | country | marketing_consent | valid_from
    ann         | DE      | true              |
    ann         | FR      | false             | 2024-02-01
    bob         | DE      | true              | 2024-01-15
    eve         | IT      |                   |
    """,
    products="""
    sku   | category | brand | valid_from
    shoes | sport    | A     |
    shoes | outdoor  | A     | 2024-02-01
    """,
    orders="order_id\no1",
    order_lines="order_id | sku\no1 | shoes",
)


@pytest.mark.parametrize(
    ("as_of", "countries"),
    [
        ("2024-01-15", {"ann": "DE", "eve": "IT"}),
        ("2024-02-01", {"ann": "DE", "bob": "DE", "eve": "IT"}),
        ("2024-02-02", {"ann": "FR", "bob": "DE", "eve": "IT"}),
    ],
)
def test_attributes_are_those_valid_before_t0(as_of, countries):
    assert {row["customer_id"]: row["country"] for row in ATTRIBUTES.history("customers", as_of)} == countries


def test_a_product_has_the_category_it_had_at_t0():
    (before,), (after,) = (ATTRIBUTES.history("products", day) for day in ("2024-02-01", "2024-02-02"))
    assert (before["category"], after["category"]) == ("sport", "outdoor")


BUYERS = story(
    orders="""
    order_id | customer_id | order_ts   | cancelled_ts
    o1       | ann         | 2024-02-01 |
    o2       | ann         | 2024-02-10 |
    o3       | ann         | 2024-02-11 | 2024-02-12
    o4       | bob         | 2024-01-10 |
    o5       | eve         | 2024-03-02 |
    o6       | lea         | 2024-02-02 |
    o7       |             | 2024-02-02 |
    """,
    order_lines="""
    order_id | gross_amount
    o1       | 20.50
    o2       | 10.00
    o3       | 99.00
    o4       | 10.00
    o5       | 10.00
    o6       | 10.00
    o7       | 10.00
    """,
    refunds="""
    refund_id | customer_id | order_id | refund_ts
    r1        | ann         | o1       | 2024-02-20
    r2        | bob         | o4       | 2024-02-20
    """,
)


def test_labels_are_euros_per_scored_customer_and_zero_where_nothing_came():
    _, future = BUYERS.cut("2024-02-01", 30)
    ids = {name: f"{BUYERS.name}{name}" for name in ("ann", "bob", "eve", "lea")}
    features = ibis.memtable(
        {"customer_id": list(ids.values()), "segment": ["early", "established", "early", "lead"]}
    ).mutate(as_of=ibis.date("2024-02-01"))
    told = {row["customer_id"]: row for row in pulled(labels(features, future))}
    assert {
        name: (told[id_]["label_eur"], told[id_]["label_orders"]) for name, id_ in ids.items() if id_ in told
    } == {
        "ann": (20.50 + 10.00 - 10.00, 2),
        "bob": (-10.00, 0),
        "eve": (0.0, 0),
    }
    assert {(row["as_of"], row["horizon_days"]) for row in told.values()} == {(date(2024, 2, 1), 30)}
