"""Who has a row at t₀ and in which segment; t₀ is 2024-07-01."""

import pyarrow.parquet as pq

from clv.conform import check_written
from clv.engine import DuckEngine
from clv.feature_catalogue import CATEGORICAL, FEATURES, NUMERIC
from glue_jobs.features.assemble import features
from tests.spec.histories import Told, history

ORDERS = """
customer_id     | day        | country | device
one_90_days_ago | 2024-04-02 | DE      | mobile
one_91_days_ago | 2024-04-01 | DE      | mobile
two_last_week   | 2024-06-24 | -       | -
two_last_week   | 2024-06-25 | FR      | desktop
account_later   | 2024-06-24 | IT      | desktop
no_account      | 2024-06-24 | IT      | desktop
no_account      | 2024-06-23 | PL      | tablet
"""
ENTRIES = """
customer_id     | day        | kind         | amount_eur
one_90_days_ago | 2024-04-02 | sale         | 10
refunded_only   | 2024-06-01 | refund       | -5
cancelled_only  | 2024-06-01 | sale         | 20
cancelled_only  | 2024-06-03 | cancellation | -20
"""
CUSTOMERS = """
customer_id       | signup_day | country | device | acquisition_channel | campaign | marketing_consent
signed_up_before  | 2024-06-30 | SE      | app    | search              | spring   | True
signs_up_at_t0    | 2024-07-01 | SE      | app    | search              | -        | True
signup_unknown    | -          | -       | -      | -                   | -        | -
account_later     | 2024-07-05 | AT      | -      | social              | -        | False
one_90_days_ago   | 2024-03-01 | -       | -      | -                   | -        | -
"""
WEB = """
customer_id | day
only_clicks | 2024-06-01
"""
MARKETS = """
country | launch_day
SE      | 2024-06-01
PL      | 2024-08-01
"""

TOLD = Told(
    "2024-07-01", ORDERS, entries=ENTRIES, customers=CUSTOMERS, web=WEB, markets=MARKETS, lines="customer_id"
)


def test_population_is_accounts_before_t0_and_whoever_has_an_order_or_a_ledger_entry():
    assert set(TOLD.rows()) == {
        "one_90_days_ago",
        "one_91_days_ago",
        "two_last_week",
        "account_later",
        "no_account",
        "refunded_only",
        "cancelled_only",
        "signed_up_before",
        "signup_unknown",
    }


def test_without_a_counted_order_a_customer_is_a_lead():
    leads = {name for name, row in TOLD.rows().items() if row["segment"] == "lead"}
    assert leads == {"refunded_only", "cancelled_only", "signed_up_before", "signup_unknown"}


def test_one_order_is_early_up_to_90_days_and_established_after():
    assert TOLD("one_90_days_ago", "segment", "tenure_days") == ["early", 90]
    assert TOLD("one_91_days_ago", "segment", "tenure_days") == ["established", 91]


def test_two_orders_are_established_however_young():
    assert TOLD("two_last_week", "segment") == "established"


def test_a_lead_counts_zero_and_has_no_recency():
    names = ("orders_all", "frequency", "orders_365d", "distinct_skus", "recency_days", "spend_mean_eur")
    assert TOLD("cancelled_only", *names) == [0, 0, 0, 0, None, None]


def test_money_of_a_lead_is_what_the_ledger_says():
    assert TOLD("cancelled_only", "monetary_all_eur", "cancelled_share") == [20 - 20, 20 / 20]
    assert TOLD("refunded_only", "monetary_30d_eur", "refund_share") == [-5, None]


def test_tenure_of_a_lead_runs_from_signup():
    assert TOLD("signed_up_before", "tenure_days", "signup_age_days") == [1, 1]
    assert TOLD("signup_unknown", "tenure_days", "signup_age_days") == [None, None]


def test_tenure_of_a_buyer_runs_from_the_first_order():
    assert TOLD("one_90_days_ago", "tenure_days", "signup_age_days") == [90, 122]


def test_country_and_device_are_the_accounts_else_the_first_orders():
    assert TOLD("account_later", "country", "device") == ["AT", "desktop"]
    assert TOLD("no_account", "country", "device") == ["PL", "tablet"]
    assert TOLD("two_last_week", "country", "device") == [None, None]


def test_account_attributes_are_carried():
    names = ("acquisition_channel", "campaign", "marketing_consent")
    assert TOLD("signed_up_before", *names) == ["search", "spring", True]
    assert TOLD("no_account", *names) == [None, None, None]


def test_market_age_runs_from_the_launch_of_the_customers_country():
    assert TOLD("signed_up_before", "market_age_days") == 30
    assert TOLD("no_account", "market_age_days") == -31
    assert TOLD("account_later", "market_age_days") is None


def test_written_columns_order_and_types_are_those_of_the_catalogue(tmp_path):
    engine = DuckEngine.start(tmp_path / "spill")
    known = history("2024-07-01", ORDERS, customers=CUSTOMERS, web=WEB, lines="customer_id")
    engine.write(engine.keep(features(known)), tmp_path / "features")
    written = pq.read_schema(tmp_path / "features" / "part-000.parquet")
    arrow = {"float64": "double", "boolean": "bool", "date": "date32[day]"}
    assert [(field.name, str(field.type)) for field in written] == [
        (column.name, arrow.get(column.type, column.type)) for column in FEATURES.columns
    ]
    check_written(FEATURES, engine.read([str(tmp_path / "features" / "part-000.parquet")]))


def test_every_column_but_the_key_and_segment_is_a_model_input_once():
    assert sorted((*NUMERIC, *CATEGORICAL)) == sorted(FEATURES.names[3:])
    assert len(set(FEATURES.names)) == len(FEATURES.names)
