"""Where invoices are delivered they date the revenue."""

from tests.spec.stories import story

INVOICED = story(
    orders="""
    order_id | order_ts   | cancelled_ts
    billed   | 2024-01-10 |
    never    | 2024-01-10 |
    moved    | 2024-01-10 |
    undone   | 2024-01-10 | 2024-01-11
    """,
    order_lines="order_id\nbilled\nnever\nmoved\nundone",
    invoices="""
    invoice_id | order_id | invoice_ts | recorded_ts
    i1         | billed   | 2024-01-12 |
    i2         | moved    | 2024-01-12 |
    i2         | moved    | 2024-01-14 | 2024-01-20
    i3         | undone   | 2024-01-12 |
    """,
)


def test_where_invoices_are_delivered_they_date_the_revenue_and_an_order_without_one_is_none():
    told = INVOICED.entries("order_id", "kind", "entry_ts", "known_ts")
    assert [row for row in told if row[0] in {"billed", "never"}] == [
        ("billed", "sale", "2024-01-12", "2024-01-12")
    ]


def test_a_restated_invoice_moves_the_revenue():
    told = INVOICED.entries("order_id", "entry_ts", "known_ts", "amount_eur_cents")
    assert [row[1:] for row in told if row[0] == "moved"] == [
        ("2024-01-12", "2024-01-12", 100_00),
        ("2024-01-14", "2024-01-20", 100_00),
        ("2024-01-12", "2024-01-20", -100_00),
    ]


def test_a_cancellation_is_never_dated_before_the_revenue_it_reverses():
    told = INVOICED.entries("order_id", "kind", "entry_ts")
    assert sorted(row[1:] for row in told if row[0] == "undone") == [
        ("cancellation", "2024-01-12"),
        ("sale", "2024-01-12"),
    ]


ABROAD = story(
    orders="""
    order_id | order_ts   | currency | recorded_ts
    early    | 2024-01-10 | GBP      |
    moved    | 2024-01-10 | GBP      |
    undated  | 2024-01-10 | GBP      |
    changed  | 2024-01-14 | EUR      |
    changed  | 2024-01-14 | GBP      | 2024-01-28
    """,
    order_lines="order_id\nearly\nmoved\nundated\nchanged",
    invoices="""
    invoice_id | order_id | invoice_ts | recorded_ts
    i1         | early    | 2024-01-12 |
    i2         | moved    | 2024-01-12 |
    i2         | moved    | 2024-01-25 | 2024-01-26
    i3         | undated  | 2024-01-25 |
    i4         | changed  | 2024-01-25 |
    """,
)
NO_RATE = "no rate of its currency within 7 days"


def test_of_an_order_and_its_invoice_the_later_known_is_blamed_where_no_rate_counts():
    blamed = {
        table: sorted((row["order_id"], row["reason"]) for row in ABROAD.rows(f"table={table}", "quarantine"))
        for table in ("orders", "invoices")
    }
    assert blamed == {
        "orders": [("changed", NO_RATE)],
        "invoices": [("moved", NO_RATE), ("undated", NO_RATE)],
    }


def test_an_invoice_restated_onto_a_day_without_a_rate_changes_nothing_known_before():
    told = ABROAD.entries("order_id", "entry_ts", "amount_eur_cents")
    assert sorted(told) == [
        ("changed", "2024-01-25", 100_00),
        ("early", "2024-01-12", 200_00),
        ("moved", "2024-01-12", 200_00),
    ]
