"""What drives a forecast, in the words of the business: one phrase for every feature and prior."""

from collections.abc import Mapping
from types import MappingProxyType

from clv.feature_catalogue import (
    EMAIL_COUNTS,
    ENGAGEMENT_WINDOWS_DAYS,
    FIRST_DAYS,
    FIRST_DAYS_WEB_COUNTS,
    ORDER_WINDOWS_DAYS,
    WEB_COUNTS,
)

RHYTHM, BASKET, ALIKE, OTHER = "rhythm", "basket", "alike", "other"
"""Drivers that are no single feature."""

VALUE_OF = MappingProxyType({RHYTHM: "btyd_expected_orders", BASKET: "btyd_expected_spend_eur"})
"""The prior that says how much there is of a driver that is no single feature."""

_SPANS = {30: "last 30 days", 90: "last 90 days", 180: "last 180 days", 365: "last year"}
_COUNTED = {
    **{name: name.replace("_", " ") for name in (*WEB_COUNTS.values(), *EMAIL_COUNTS.values())},
    "sessions": "days with a visit",
    "web_views": "pages viewed",
    "add_to_carts": "products put into the cart",
    "email_opens": "e-mails opened",
    "email_clicks": "clicks in e-mails",
}

_ACCOUNT = {
    "country": "country",
    "acquisition_channel": "acquisition channel",
    "campaign": "campaign that brought the customer",
    "device": "device at signup",
    "marketing_consent": "marketing consent",
    "signup_age_days": "time since signup",
    "market_age_days": "age of the market",
}
_RHYTHM = {
    "recency_days": "time since the last order",
    "tenure_days": "time since the first order",
    "t_x_days": "time from first to last order",
    "orders_all": "number of orders",
    "frequency": "number of repeat purchase days",
    "orders_trend_180d": "trend of orders over half a year",
    "gap_mean_days": "usual time between orders",
    "gap_spread_days": "regularity of orders",
    "gap_max_days": "longest time between orders",
    "gap_first_days": "time from first to second order",
    "recency_to_gap": "silence compared with the usual time between orders",
    **{f"orders_{days}d": f"orders of the {_SPANS[days]}" for days in ORDER_WINDOWS_DAYS},
}
_MONEY = {
    **{f"monetary_{days}d_eur": f"net revenue of the {_SPANS[days]}" for days in ORDER_WINDOWS_DAYS},
    "monetary_all_eur": "net revenue of all time",
    "monetary_previous_365d_eur": "net revenue of the year before the last",
    "monetary_trend_180d": "trend of net revenue over half a year",
    "refund_share": "share refunded",
    "cancelled_share": "share cancelled",
    "spend_mean_eur": "mean order value",
    "spend_repeat_mean_eur": "mean value of repeat orders",
    "spend_max_eur": "largest order value",
    "spend_spread": "spread of order values",
    "margin_365d_eur": "margin of the last year",
    "margin_share_365d": "margin rate of the last year",
}
_BASKETS = {
    "units_mean": "pieces per order",
    "lines_mean": "products per order",
    "distinct_skus": "different products ordered",
    "top_category": "favourite category",
    "top_category_share": "share of the favourite category",
    "distinct_category": "number of categories ordered",
    "category_concentration": "focus on few categories",
    "top_brand": "favourite brand",
    "top_brand_share": "share of the favourite brand",
    "distinct_brand": "number of brands ordered",
    "brand_concentration": "focus on few brands",
    "discount_share_all": "share of discounts",
    "discount_order_share": "share of orders with a discount",
    "voucher_order_share": "share of orders with a voucher",
    "payment_method_last": "payment method of the last order",
    "device_last": "device of the last order",
    "mobile_order_share": "share of mobile orders",
}
_FIRST_ORDER = {
    "first_order_net_eur": "value of the first order",
    "first_order_value_band": "value band of the first order",
    "first_order_discount_share": "discount of the first order",
    "first_order_voucher": "voucher in the first order",
    "first_order_weekday": "weekday of the first order",
    "first_order_month": "month of the first order",
    "first_order_category": "category of the first order",
    "first_order_lines": "products in the first order",
    "first_order_units": "pieces in the first order",
    "first_order_day_orders": "orders on the first day",
}
_ENGAGEMENT = {
    **{
        f"{name}_{days}d": f"{said} in the {_SPANS[days]}"
        for name, said in _COUNTED.items()
        for days in ENGAGEMENT_WINDOWS_DAYS
    },
    "installs": "installations of the app",
    "days_since_web": "time since the last visit",
    "days_since_email_open": "time since the last opened e-mail",
    "days_since_email_click": "time since the last click in an e-mail",
    "web_trend_90d": "trend of visits",
    "web_mobile_share_365d": "share of mobile visits",
}
_FIRST_COUNTED = {*FIRST_DAYS_WEB_COUNTS, "sessions", *EMAIL_COUNTS.values()}
_FIRST_DAYS = {
    **{
        f"first_{FIRST_DAYS}d_{name}": f"{said} in the first {FIRST_DAYS} days"
        for name, said in _COUNTED.items()
        if name in _FIRST_COUNTED
    },
    f"first_{FIRST_DAYS}d_orders": f"orders in the first {FIRST_DAYS} days",
    f"first_{FIRST_DAYS}d_complete": f"whether the first {FIRST_DAYS} days are over",
}
_SEASON = {
    "t0_month_sin": "season, spring against autumn",
    "t0_month_cos": "season, winter against summer",
    "t0_days_to_black_friday": "time to Black Friday",
}
_PRIORS = {
    RHYTHM: "how often and how lately the customer orders",
    BASKET: "usual value of a purchase",
    ALIKE: "customers of the same country and first order value",
    OTHER: "everything else together",
    "btyd_clv_eur": "forecast from order history alone",
    "btyd_p_active": "probability of an order from order history alone",
    "btyd_expected_orders": "orders expected from order history alone",
    "btyd_expected_spend_eur": "order value expected from order history alone",
    "trailing_clv_eur": "last year's revenue at the level expected",
}

DRIVER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **_ACCOUNT,
        **_RHYTHM,
        **_MONEY,
        **_BASKETS,
        **_FIRST_ORDER,
        **_ENGAGEMENT,
        **_FIRST_DAYS,
        **_SEASON,
        **_PRIORS,
    }
)
"""The phrase of every feature, prior and combined driver; no two share one."""
