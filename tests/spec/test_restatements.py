"""What is restated, late or replaced: the ledger appends the difference, known from when it was recorded."""

from tests.spec.stories import story

MOVED = story(
    orders="""
    order_id | customer_id | order_ts   | country | recorded_ts
    customer | ann         | 2024-01-10 | DE      |
    customer | bob         | 2024-01-10 | DE      | 2024-02-01
    date     | ann         | 2024-01-10 | DE      |
    date     | ann         | 2024-01-15 | DE      | 2024-02-01
    country  | ann         | 2024-01-10 | DE      |
    country  | ann         | 2024-01-10 | FR      | 2024-02-01
    guest    |             | 2024-01-10 | DE      |
    guest    | ann         | 2024-01-10 | DE      | 2024-02-01
    again    | ann         | 2024-01-10 | DE      |
    again    | ann         | 2024-01-10 | DE      | 2024-01-11
    """,
    order_lines="order_id\ncustomer\ndate\ncountry\nguest\nagain",
)


def test_a_restated_customer_date_or_country_reverses_the_old_entry_and_writes_a_new_one():
    told = MOVED.entries(
        "known_ts", "order_id", "kind", "customer_id", "entry_ts", "amount_eur_cents", "country"
    )
    assert sorted((row[1:] for row in told if row[0] == "2024-02-01"), key=repr) == [
        ("country", "restatement", "ann", "2024-01-10", -100_00, "DE"),
        ("country", "restatement", "ann", "2024-01-10", 100_00, "FR"),
        ("customer", "restatement", "ann", "2024-01-10", -100_00, "DE"),
        ("customer", "restatement", "bob", "2024-01-10", 100_00, "DE"),
        ("date", "restatement", "ann", "2024-01-10", -100_00, "DE"),
        ("date", "restatement", "ann", "2024-01-15", 100_00, "DE"),
        ("guest", "restatement", "ann", "2024-01-10", 100_00, "DE"),
        ("guest", "restatement", None, "2024-01-10", -100_00, "DE"),
    ]


def test_a_restatement_that_changes_no_money_appends_nothing():
    assert [row for row in MOVED.entries("order_id", "kind") if row[0] == "again"] == [("again", "sale")]


AMOUNTS = story(
    orders="order_id | order_ts\no1 | 2024-01-10",
    order_lines="""
    order_id | line_no | gross_amount | recorded_ts
    o1       | 1       | 50           |
    o1       | 1       | 30           | 2024-02-01
    o1       | 2       | 20           |
    o1       | 3       | 7            | 2024-03-01
    """,
)


def test_a_restated_or_late_line_appends_the_difference_when_recorded():
    assert AMOUNTS.entries("kind", "entry_ts", "known_ts", "amount_eur_cents") == [
        ("sale", "2024-01-10", "2024-01-10", 50_00 + 20_00),
        ("restatement", "2024-01-10", "2024-02-01", 30_00 - 50_00),
        ("restatement", "2024-01-10", "2024-03-01", 7_00),
    ]


CANCELLED_THEN_RESTATED = story(
    orders="order_id | order_ts | cancelled_ts\no1 | 2024-01-10 | 2024-01-20",
    order_lines="""
    order_id | gross_amount | recorded_ts
    o1       | 50           |
    o1       | 30           | 2024-02-01
    """,
)


def test_restating_a_cancelled_order_restates_its_cancellation_too():
    assert CANCELLED_THEN_RESTATED.entries("kind", "entry_ts", "known_ts", "amount_eur_cents") == [
        ("sale", "2024-01-10", "2024-01-10", 50_00),
        ("cancellation", "2024-01-20", "2024-01-20", -50_00),
        ("restatement", "2024-01-20", "2024-02-01", 20_00),
        ("restatement", "2024-01-10", "2024-02-01", -20_00),
    ]


REFUND_RESTATED = story(
    orders="order_id | order_ts\no1 | 2024-01-10",
    order_lines="order_id\no1",
    refunds="""
    refund_id | order_id | refund_ts  | amount | recorded_ts
    r1        | o1       | 2024-01-15 | 30     |
    r1        | o1       | 2024-01-15 | 25     | 2024-02-01
    r1        | o1       | 2024-01-16 | 25     | 2024-03-01
    """,
)


def test_a_restated_refund_appends_the_difference():
    assert REFUND_RESTATED.entries("kind", "entry_ts", "known_ts", "amount_eur_cents") == [
        ("sale", "2024-01-10", "2024-01-10", 100_00),
        ("refund", "2024-01-15", "2024-01-15", -30_00),
        ("restatement", "2024-01-15", "2024-02-01", 5_00),
        ("restatement", "2024-01-16", "2024-03-01", -25_00),
        ("restatement", "2024-01-15", "2024-03-01", 25_00),
    ]


FORESEEN = story(
    orders="order_id | order_ts\no1 | 2024-01-10",
    order_lines="order_id\no1",
    refunds="""
    refund_id | order_id | refund_ts  | amount | recorded_ts
    r1        | o1       | 2024-02-15 | 30     | 2024-02-01
    r1        | o1       | 2024-02-15 | 25     | 2024-02-02
    r2        | o1       | 2024-03-20 | 40     | 2024-02-01
    r2        | o1       | 2024-03-08 | 40     | 2024-02-02
    """,
)


def test_a_version_that_was_replaced_before_its_event_never_enters_the_ledger():
    assert FORESEEN.entries("kind", "entry_ts", "known_ts", "amount_eur_cents")[1:] == [
        ("refund", "2024-02-15", "2024-02-15", -25_00),
        ("refund", "2024-03-08", "2024-03-08", -40_00),
    ]


TAKEN_BACK = story(
    orders="""
    order_id | order_ts   | cancelled_ts | recorded_ts
    o1       | 2024-01-10 |              |
    o1       | 2024-01-10 | 2024-01-20   | 2024-01-21
    o1       | 2024-01-10 |              | 2024-01-30
    o1       | 2024-01-10 | 2024-02-05   | 2024-02-06
    """,
    order_lines="order_id\no1",
)


def test_an_order_can_be_cancelled_revived_and_cancelled_again():
    assert TAKEN_BACK.entries("kind", "entry_ts", "known_ts", "amount_eur_cents") == [
        ("sale", "2024-01-10", "2024-01-10", 100_00),
        ("cancellation", "2024-01-20", "2024-01-21", -100_00),
        ("restatement", "2024-01-20", "2024-01-30", 100_00),
        ("restatement", "2024-02-05", "2024-02-06", -100_00),
    ]


def test_entry_ids_are_unique():
    for told in (MOVED, AMOUNTS, TAKEN_BACK, REFUND_RESTATED):
        ids = told.entries("entry_id")
        assert len(set(ids)) == len(ids)
