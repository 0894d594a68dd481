"""What lies in the baskets: size, discounts, vouchers, categories and brands."""

from tests.spec.histories import Told

TOLD = Told(
    "2024-03-01",
    """
    order_id | customer_id | entry_ts         | net_eur | gross_eur | discount_eur | voucher | line_count | units | payment_method | device
    a1       | ann         | 2024-01-01       | 60.00   | 80.00     | 20.00        | 1       | 2          | 5     | card           | app
    a2       | ann         | 2024-01-02       | 30.00   | 80.00     | 20.00        | 0       | 1          | 1     | paypal         | mobile
    a3       | ann         | 2024-01-03       | 10.00   | 40.00     | 0            | 0       | 3          | 3     | invoice        | desktop
    a4       | ann         | 2024-01-03       | 10.00   | 40.00     | 0            | 0       | 2          | 3     | -              | -
    b1       | ben         | 2024-01-03 10:00 | 10.00   | 10.00     | 0            | 0       | 1          | 1     | card           | desktop
    b2       | ben         | 2024-01-03 09:00 | 10.00   | 10.00     | 0            | 0       | 1          | 1     | paypal         | mobile
    c1       | cyd         | 2024-01-03       | 10.00   | 10.00     | 0            | 0       | 1          | 1     | -              | -
    d1       | dee         | 2024-01-03       | 0       | 0         | 0            | 0       | 1          | 1     | -              | -
    """,
    lines="""
    order_id | customer_id | sku     | net_eur
    a1       | ann         | shirt   | 10.00
    a1       | ann         | novel   | 50.00
    a2       | ann         | shirt   | 10.00
    a2       | ann         | trouser | 20.00
    a3       | ann         | atlas   | 10.00
    a4       | ann         | ghost   | 70.00
    a4       | ann         | -       | 30.00
    b1       | ben         | trouser | 10.00
    b2       | ben         | novel   | 10.00
    c1       | cyd         | ghost   | 10.00
    d1       | dee         | shirt   | 0
    """,
    products="""
    sku     | category | brand
    shirt   | clothes  | north
    trouser | clothes  | south
    novel   | books    | -
    atlas   | books    | south
    """,
)


def test_size_is_per_order():
    assert TOLD("ann", "units_mean", "lines_mean") == [(5 + 1 + 3 + 3) / 4, (2 + 1 + 3 + 2) / 4]


def test_discount_share_is_of_gross_and_order_shares_are_of_orders():
    names = ("discount_share_all", "discount_order_share", "voucher_order_share")
    assert TOLD("ann", *names) == [(20 + 20) / (80 + 80 + 40 + 40), 2 / 4, 1 / 4]


def test_mobile_share_is_of_the_orders_whose_device_is_known():
    assert TOLD("ann", "mobile_order_share") == 2 / 3
    assert TOLD("cyd", "mobile_order_share") is None


def test_payment_method_and_device_are_those_of_the_last_order_by_time_then_id():
    assert TOLD("ben", "payment_method_last", "device_last") == ["card", "desktop"]
    assert TOLD("ann", "payment_method_last", "device_last") == [None, None]


def test_distinct_products_need_a_name_and_no_catalogue_entry():
    assert TOLD("ann", "distinct_skus") == len({"shirt", "novel", "trouser", "atlas", "ghost"})


def test_top_category_holds_most_net_value_among_lines_of_known_category():
    clothes, books = 10 + 10 + 20, 50 + 10
    names = ("top_category", "top_category_share", "distinct_category")
    assert TOLD("ann", *names) == ["books", books / (clothes + books), 2]


def test_concentration_is_the_sum_of_squared_shares():
    assert TOLD("ann", "category_concentration") == (40**2 + 60**2) / 100**2
    assert TOLD("ann", "brand_concentration") == (20**2 + 30**2) / 50**2


def test_top_brand_leaves_lines_without_a_brand_aside():
    names = ("top_brand", "top_brand_share", "distinct_brand")
    assert TOLD("ann", *names) == ["south", (20 + 10) / (10 + 10 + 20 + 10), 2]


def test_a_tie_goes_to_the_first_category_by_name():
    assert TOLD("ben", "top_category", "top_category_share", "category_concentration") == ["books", 0.5, 0.5]


def test_without_a_known_category_there_is_none():
    names = ("distinct_skus", "top_category", "top_category_share", "distinct_category")
    assert TOLD("cyd", *names, "category_concentration") == [1, None, None, 0, None]


def test_a_category_bought_for_nothing_has_a_name_and_no_share():
    names = ("top_category", "top_category_share", "distinct_category", "category_concentration")
    assert TOLD("dee", *names) == ["clothes", None, 1, None]


def test_first_order_category_is_of_the_first_order_alone():
    assert TOLD("ann", "first_order_category") == "books"
    assert TOLD("ben", "first_order_category", "top_category") == ["books", "books"]
    assert TOLD("cyd", "first_order_category") is None
