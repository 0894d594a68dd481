"""What becomes of an input row: used, quarantined with a reason, or excluded; all of it adds up exactly."""

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

import pytest

from clv.timeline import epoch_day
from tests.spec.lakes import Built, built, columns_of, lake, pulled, scratch
from tests.spec.stories import story

EXTRACTED = "2024-06-01 12:00"

# Each table says in its last column what becomes of the row; the contract does not know that column.
DELIVERED = {
    "customers": """
    customer_id | signup_ts           | marketing_consent | becomes
    ann         | 2024-01-01          | yes               | used
    bob         |                     | false             | used
    bob         |                     | false             | excluded: exact duplicate
    two         |                     | true              | quarantined: same key, different content
    two         |                     | false             | quarantined: same key, different content
    eve         |                     | perhaps           | quarantined: marketing_consent is not true or false
    tom         | 2024-06-01 12:00:01 |                   | quarantined: signup_ts after the extraction
                | 2024-01-01          |                   | quarantined: customer_id is missing
    """,
    "orders": """
    order_id | customer_id | order_ts                  | currency | cancelled_ts | recorded_ts | becomes
    good     | ann         | 2024-01-10                | EUR      |              |             | used
    guest    |             | 2024-01-10T10:00:00Z      | EUR      |              |             | used
    pound    | bob         | 2024-1-12                 | GBP      |              |             | used
    now      | bob         | 2024-06-01 12:00:00       | EUR      |              |             | used
    twice    | ann         | 2024-01-10                | EUR      |              |             | used
    twice    | ann         | 2024-01-10                | EUR      |              |             | excluded: exact duplicate
    twice    | ann         | 2024-01-10                | EUR      |              |             | excluded: exact duplicate
    restated | ann         | 2024-01-10                | EUR      |              |             | used
    restated | bob         | 2024-01-10                | EUR      |              | 2024-02-01  | used
    fought   | ann         | 2024-01-10                | EUR      |              |             | quarantined: same key, different content
    fought   | bob         | 2024-01-10                | EUR      |              |             | quarantined: same key, different content
    dates    | ann         | 2024-01-10                | EUR      |              |             | quarantined: same key, different content
    dates    | ann         | 2024-01-11                | EUR      |              |             | quarantined: same key, different content
    default  | ann         | 2024-01-10                | EUR      |              |             | quarantined: same key, different content
    default  | bob         | 2024-01-10                | EUR      |              | 2024-01-10  | quarantined: same key, different content
    half     | ann         | 2024-01-10                | EUR      |              |             | used
    half     | ann         | 2024-01-10                | EUR      |              | 2024-02-01  | quarantined: same key, different content
    half     | bob         | 2024-01-10                | EUR      |              | 2024-02-01  | quarantined: same key, different content
    mended   | ann         | 2024-01-10                | XXX      |              |             | quarantined: unknown currency
    mended   | ann         | 2024-01-10                | EUR      |              |             | used
             | ann         | 2024-01-10                | EUR      |              |             | quarantined: order_id is missing
    words    | ann         | yesterday                 | EUR      |              |             | quarantined: order_ts is not a time in UTC
    offset   | ann         | 2024-01-10T10:00:00+02:00 | EUR      |              |             | quarantined: order_ts is not a time in UTC
    feb30    | ann         | 2024-02-30                | EUR      |              |             | quarantined: order_ts is not a time in UTC
    year     | ann         | 2024                      | EUR      |              |             | quarantined: order_ts is not a time in UTC
    endless  | ann         | infinity                  | EUR      |              |             | quarantined: order_ts is not a time in UTC
    undated  | ann         |                           | EUR      |              |             | quarantined: order_ts is missing
    future   | ann         | 2024-06-01 12:00:01       | EUR      |              |             | quarantined: order_ts after the extraction
    future2  | ann         | 2024-01-10                | EUR      | 2024-07-01   |             | quarantined: cancelled_ts after the extraction
    future3  | ann         | 2024-01-10                | EUR      |              | 2024-07-01  | quarantined: recorded_ts after the extraction
    early    | ann         | 2024-01-10                | EUR      | 2024-01-09   |             | quarantined: cancelled before it was placed
    nomoney  | ann         | 2024-01-10                |          |              |             | quarantined: currency is missing
    dollars  | ann         | 2024-01-10                | USD      |              |             | quarantined: unknown currency
    stale    | ann         | 2024-01-13                | GBP      |              |             | quarantined: no rate of its currency within 7 days
    nobody   | xyz         | 2024-01-10                | EUR      |              |             | quarantined: unknown customer_id
    ofbad    | eve         | 2024-01-10                | EUR      |              |             | quarantined: its customer is quarantined
    """,
    "order_lines": """
    order_id | line_no | quantity | gross_amount | discount | tax  | unit_cost | becomes
    good     | 1       | 1        | 120.00       | 20       | 16.7 | 3         | used
    good     | 2       | 1.0      | 1e1          | 0        | 0    |           | used
    good     | 3       | -1       | 10           | 0        | 0    |           | quarantined: negative quantity
    good     | 4       | 1.5      | 10           | 0        | 0    |           | quarantined: quantity is not a whole number
    good     | 5       | many     | 10           | 0        | 0    |           | quarantined: quantity is not a whole number
    good     | 6       | 1        | 12,50        | 0        | 0    |           | quarantined: gross_amount is not an amount
    good     | 7       | 1        | NaN          | 0        | 0    |           | quarantined: gross_amount is not an amount
    good     | 8       | 1        | 1e400        | 0        | 0    |           | quarantined: gross_amount out of range
    good     | 9       | 1        | 1e13         | 0        | 0    |           | quarantined: gross_amount out of range
    good     | 10      | 1        | -10          | 0        | 0    |           | quarantined: negative gross_amount
    good     | 11      | 1        | 10           | -1       | 0    |           | quarantined: negative discount
    good     | 12      | 1        | 10           | 10.01    | 0    |           | quarantined: discount above gross_amount
    good     | 13      | 1        | 10           | 5        | 5.01 |           | quarantined: tax above what was paid
    good     | 14      | 1        |              | 0        | 0    |           | quarantined: gross_amount is missing
    good     | 15      | 1        | 10           | 0        | 0    | 1 EUR     | quarantined: unit_cost is not an amount
    good     | 16      | 1e13     | 10           | 0        | 0    |           | quarantined: quantity out of range
    good     | 17      | 1e9      | 10           | 0        | 0    | 1e9       | quarantined: unit_cost times quantity out of range
    good     |         | 1        | 10           | 0        | 0    |           | quarantined: line_no is missing
    good     | 19      | 1        | 10           | 10       | 0    |           | used
             | 1       | 1        | 10           | 0        | 0    |           | quarantined: order_id is missing
    absent   | 1       | 1        | 10           | 0        | 0    |           | quarantined: unknown order_id
    dollars  | 1       | 1        | 10           | 0        | 0    |           | quarantined: its order is quarantined
    ofbad    | 1       | 1        | 10           | 0        | 0    |           | quarantined: its order is quarantined
    guest    | 1       | 1        | 7            | 0        | 0    |           | used
    pound    | 1       | 1        | 8            | 0        | 0    |           | used
    twice    | 1       | 1        | 5            | 0        | 0    |           | used
    twice    | 1       | 1        | 5.00         | 0        | 0    |           | excluded: exact duplicate
    restated | 1       | 1        | 5            | 0        | 0    |           | quarantined: same key, different content
    restated | 1       | 2        | 5            | 0        | 0    |           | quarantined: same key, different content
    mended   | 1       | 1        | 5            | 0        | 0    |           | used
    """,
    "refunds": """
    refund_id | customer_id | order_id | refund_ts  | amount | tax | currency | becomes
    r1        | ann         | good     | 2024-02-01 | 10     | 2   | EUR      | used
    r2        | ann         |          | 2024-02-01 | 10     | 0   | EUR      | used
    r3        | ann         | absent   | 2024-02-01 | 10     | 0   | EUR      | quarantined: unknown order_id
    r4        | ann         | dollars  | 2024-02-01 | 10     | 0   | EUR      | quarantined: its order is quarantined
    r5        | xyz         | good     | 2024-02-01 | 10     | 0   | EUR      | quarantined: unknown customer_id
    r6        | ann         | good     | 2024-02-01 | -10    | 0   | EUR      | quarantined: negative amount
    r7        | ann         | good     | 2024-02-01 | 10     | 11  | EUR      | quarantined: tax above amount
    r8        | ann         | good     | 2024-02-01 | 10     | 0   | GBP      | quarantined: no rate of its currency within 7 days
    r9        | ann         | good     | 2024-06-02 | 10     | 0   | EUR      | quarantined: refund_ts after the extraction
    r10       | ann         | good     | 2024-02-01 | 10     | 0   | EUR      | quarantined: same key, different content
    r10       | ann         | good     | 2024-02-01 | 11     | 0   | EUR      | quarantined: same key, different content
    """,
    "fx_rates": """
    currency | rate_date  | rate_per_eur | becomes
    GBP      | 2024-01-05 | 0.8          | used
    GBP      | 2024-01-20 | 0            | quarantined: rate_per_eur out of range
    GBP      | 2024-01-21 | -1           | quarantined: rate_per_eur out of range
    GBP      | Jan 22     | 0.8          | quarantined: rate_date is not a date
    """,
    "web_events": """
    event_id | customer_id | ts         | type | becomes
    e1       | ann         | 2024-01-10 | view | used
    e2       | xyz         | 2024-01-10 | view | quarantined: unknown customer_id
    e3       | ann         | 2024-01-10 | gaze | quarantined: unknown type
    e4       | ann         | 2024-09-10 | view | quarantined: ts after the extraction
    """,
}
KEYS = {"customers": "customer_id", "refunds": "refund_id", "fx_rates": "rate_date", "web_events": "event_id"}


@cache
def faulty() -> Built:
    return built(lake(scratch() / "lake", EXTRACTED, "csv", **DELIVERED))


def fates_told(table: str) -> Counter[tuple[str, str]]:
    columns = columns_of(DELIVERED[table], {})
    return Counter(zip(columns[KEYS.get(table, "order_id")], columns["becomes"], strict=True))


@pytest.mark.parametrize("table", DELIVERED)
def test_every_bad_row_is_set_aside_for_the_reason_it_is_bad(table):
    key = KEYS.get(table, "order_id")
    found: Counter[tuple[str, str]] = Counter()
    for partition, fate in (("quarantine", "quarantined"), ("excluded", "excluded")):
        for row in faulty().rows(f"table={table}", partition):
            text = row.get(f"{key}_text", row[key]) or ""
            found[text, f"{fate}: {row['reason']}"] += 1
    told = fates_told(table)
    assert found == Counter({row: n for row, n in told.items() if row[1] != "used"})


def test_the_faults_shown_are_of_more_than_twenty_kinds():
    reasons = {why for table in DELIVERED for _, why in fates_told(table) if why.startswith("quarantined")}
    assert len(reasons) >= 30


@pytest.mark.parametrize("table", DELIVERED)
def test_rows_used_quarantined_and_excluded_are_the_rows_in(table):
    counted = Counter(
        line.fate for line in faulty().accounts if line.table == table for _ in range(line.rows)
    )
    assert counted == Counter(told.split(":")[0] for told in columns_of(DELIVERED[table], {})["becomes"])


@pytest.mark.parametrize(("table", "signs"), [("order_lines", (1, -1, -1)), ("refunds", (1, -1))])
def test_cents_used_quarantined_and_excluded_are_the_cents_in(table, signs):
    columns = columns_of(DELIVERED[table], {})
    names = ("gross_amount", "discount", "tax") if table == "order_lines" else ("amount", "tax")
    wanted: Counter[str] = Counter()
    for n, told in enumerate(columns["becomes"]):
        wanted[told.split(":")[0]] += sum(
            sign * cents_read(columns[name][n]) for sign, name in zip(signs, names, strict=True)
        )
    found: Counter[str] = Counter()
    for line in faulty().accounts:
        if line.table == table:
            found[line.fate] += line.cents
    assert found == wanted


def cents_read(text: str) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return 0
    readable = amount.is_finite() and abs(amount) <= Decimal("1e12")
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP)) if readable else 0


def test_the_ledger_is_made_of_the_used_rows_alone():
    sales = {
        "good": 120_00 - 20_00 - 16_70 + 10_00 + 0,
        "guest": 7_00,
        "pound": 8_00 / 0.80,
        "twice": 5_00,
        "mended": 5_00,
    }
    entries = faulty().rows("entries")
    assert {e["order_id"]: e["amount_eur_cents"] for e in entries if e["kind"] == "sale"} == sales
    assert sorted(e["amount_eur_cents"] for e in entries if e["kind"] != "sale") == [-10_00, -(10_00 - 2_00)]


def test_what_could_not_be_read_is_kept_as_it_came():
    lines = faulty().rows("table=order_lines", "quarantine")
    texts = {row["line_no"]: row for row in lines if row["order_id"] == "good"}
    assert texts[6]["gross_amount_text"] == "12,50"
    assert texts[5]["quantity_text"] == "many"
    dates = {row["order_id"]: row["order_ts_text"] for row in faulty().rows("table=orders", "quarantine")}
    assert (dates["words"], dates["offset"]) == ("yesterday", "2024-01-10T10:00:00+02:00")


def test_an_event_in_quarantine_is_no_event_and_a_table_not_delivered_is_none():
    told = faulty().history("2024-10-01")
    assert [row["day"] for row in pulled(told.web)] == [epoch_day(date(2024, 1, 10))]
    assert (told.products, told.markets, told.email) == (None, None, None)


NO_NUMBERS = """
order_id | line_no | gross_amount | quantity | becomes
o1       | 1       | 10           | 1        | used
o1       | 2       | nan          | 1        | gross_amount out of range
o1       | 3       | inf          | 1        | gross_amount out of range
o1       | 4       | -inf         | 1        | gross_amount out of range
o1       | 5       | 1e13         | 1        | gross_amount out of range
o1       | 6       | 1e12         | 1        | used
o1       | 7       | 10           | -1       | negative quantity
"""
IN_PARQUET = story(orders="order_id\no1", order_lines=NO_NUMBERS)


def test_amounts_that_are_no_numbers_are_quarantined_and_worth_nothing():
    bad = {
        row["line_no"]: (row["reason"], row["cents"])
        for row in IN_PARQUET.rows("table=order_lines", "quarantine")
    }
    columns = columns_of(NO_NUMBERS, {})
    rows = zip(columns["line_no"], columns["becomes"], strict=True)
    worth = {"negative quantity": 10_00}
    assert bad == {int(line_no): (why, worth.get(why, 0)) for line_no, why in rows if why != "used"}
    assert IN_PARQUET.entries("amount_eur_cents") == [(10_00 + 10**14,)]
