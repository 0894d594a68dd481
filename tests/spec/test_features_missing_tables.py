"""A table that is not delivered leaves its columns null and nothing else changes."""

from dataclasses import replace
from functools import cache

import pytest

from clv.feature_catalogue import FEATURES
from tests.spec.histories import features_of, history

ORDERS = """
order_id | customer_id | day        | country | device  | cost_eur | payment_method
a1       | ann         | 2023-11-01 | DE      | desktop | 4.00     | card
a2       | ann         | 2024-02-01 | DE      | mobile  | 4.00     | card
a3       | ann         | 2024-02-09 | DE      | mobile  | 4.00     | card
b1       | ben         | 2024-02-01 | DE      | desktop | 4.00     | card
"""
DRAWN = {
    "lines": "order_id | customer_id | sku\na1 | ann | x\na2 | ann | y\na3 | ann | y\nb1 | ben | x",
    "customers": """
        customer_id | signup_day | country | device | acquisition_channel | campaign | marketing_consent
        ann         | 2023-10-01 | DE      | mobile | search              | autumn   | True
        ben         | 2024-01-01 | DE      | mobile | search              | autumn   | False
    """,
    "products": "sku | category | brand\nx | books | north\ny | toys | south",
    "web": "customer_id | day | device\nann | 2024-02-01 | app\nben | 2024-02-11 | desktop",
    "email": "customer_id|day|type\nann|2024-02-01|open\nann|2024-02-01|click\nben|2024-02-01|click",
    "markets": "country | launch_day\nDE | 2020-01-01",
}
ACCOUNT = {"acquisition_channel", "campaign", "marketing_consent", "signup_age_days"}
WEB_WORDS = ("web_", "searches", "add_to_carts", "logins", "sessions", "installs", "since_web")
LEFT_NULL = {
    "customers": lambda name: name in ACCOUNT,
    "products": lambda name: name != "distinct_skus" and ("category" in name or "brand" in name),
    "web": lambda name: any(word in name for word in WEB_WORDS),
    "email": lambda name: "email" in name,
    "markets": lambda name: name == "market_age_days",
}


@cache
def whole():
    return features_of(history("2024-03-01", ORDERS, **DRAWN))


def test_with_every_table_no_column_is_null_for_everybody():
    empty = [name for name in FEATURES.names if all(row[name] is None for row in whole().values())]
    assert empty == []


@pytest.mark.parametrize("absent", [("products", "web"), ("customers", "email", "markets")])
def test_absent_tables_null_their_columns_and_change_nothing_else(absent):
    known = replace(history("2024-03-01", ORDERS, **DRAWN), **dict.fromkeys(absent))
    first_orders = {"device": "desktop"} if "customers" in absent else {}
    expected = {
        customer: {
            name: None if any(LEFT_NULL[table](name) for table in absent) else value
            for name, value in (row | first_orders).items()
        }
        for customer, row in whole().items()
    }
    assert features_of(known) == expected
