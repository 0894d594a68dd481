"""What becomes of a row of `treatments`, and what the ledger keeps of those that are used."""

from collections import Counter
from datetime import datetime
from functools import cache

from tests.spec.lakes import Built, built, columns_of, lake, scratch

EXTRACTED = "2024-06-01 12:00"
ORDERS = """
order_id | customer_id
o1       | ann
"""
LINES = """
order_id
o1
"""
RATES = """
currency | rate_date  | rate_per_eur
GBP      | 2024-01-05 | 0.8
"""
CUSTOMERS = """
customer_id
ann
bob
"""
DELIVERED = """
treatment_id | customer_id | treatment_ts | purpose | propensity | cost | currency | recorded_ts | becomes
t1           | ann         | 2024-02-05   | exploit | 1          | 0.80 | EUR      |             | used
t2           | bob         | 2024-01-10   | explore | 0.05       | 0.80 | GBP      |             | used
t3           | bob         | 2024-02-05   | holdout | 0.999      | 0    | EUR      |             | used
t3           | bob         | 2024-02-05   | explore | 0.999      | 0.80 | EUR      | 2024-03-01  | used
t4           | bob         | 2024-02-05   | explore | 0          | 0.80 | EUR      |             | propensity outside (0, 1]
t5           | bob         | 2024-02-05   | explore | 1.01       | 0.80 | EUR      |             | propensity outside (0, 1]
t6           | bob         | 2024-02-05   | explore |            | 0.80 | EUR      |             | propensity is missing
t7           | bob         | 2024-02-05   | explore | NaN        | 0.80 | EUR      |             | propensity is not a number
t8           | bob         | 2024-02-05   | holdout | 1          | 0    | EUR      |             | holdout of propensity 1
t9           | bob         | 2024-02-05   | whim    | 0.5        | 0.80 | EUR      |             | unknown purpose
t10          | xyz         | 2024-02-05   | explore | 0.5        | 0.80 | EUR      |             | unknown customer_id
t11          | bob         | 2024-02-05   | explore | 0.5        | -1   | EUR      |             | negative cost
t12          | bob         | 2024-02-05   | explore | 0.5        | 0.80 | XXX      |             | unknown currency
t13          | bob         | 2024-02-05   | explore | 0.5        | 0.80 | GBP      |             | no rate of its currency within 7 days
t14          | bob         | 2024-06-02   | explore | 0.5        | 0.80 | EUR      |             | treatment_ts after the extraction
"""


@cache
def delivered() -> Built:
    tables = {"orders": ORDERS, "order_lines": LINES, "fx_rates": RATES, "customers": CUSTOMERS}
    return built(lake(scratch() / "lake", EXTRACTED, "csv", **tables, treatments=DELIVERED))


def test_an_impossible_propensity_and_every_other_fault_is_set_aside_for_its_reason():
    told = columns_of(DELIVERED, {})
    bad = {t: why for t, why in zip(told["treatment_id"], told["becomes"], strict=True) if why != "used"}
    found = {row["treatment_id"]: row["reason"] for row in delivered().rows("table=treatments", "quarantine")}
    assert found == bad


def test_rows_and_cents_in_are_those_used_and_quarantined():
    lines = [line for line in delivered().accounts if line.table == "treatments"]
    rows = Counter({fate: sum(x.rows for x in lines if x.fate == fate) for fate in ("used", "quarantined")})
    assert rows == {"used": 4, "quarantined": 11}
    cents = columns_of(DELIVERED, {})["cost"]
    assert sum(line.cents for line in lines) == sum(round(float(cost) * 100) for cost in cents)


def test_the_ledger_keeps_costs_in_eur_and_what_was_known_when():
    rows = sorted(delivered().rows("treatments"), key=lambda row: (row["treatment_id"], row["known_ts"]))
    kept = [
        (row["treatment_id"], row["purpose"], row["cost_eur_cents"], row["known_until_ts"]) for row in rows
    ]
    assert kept == [
        ("t1", "exploit", 80, None),
        ("t2", "explore", 100, None),  # 0.80 GBP at 0.8 a euro
        ("t3", "holdout", 0, datetime(2024, 3, 1)),
        ("t3", "explore", 80, None),
    ]
