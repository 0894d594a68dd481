"""What trees of early-stage customers read: how they came, the first basket, the first weeks.

With one order there is no rhythm and no history; what else the catalogue has is empty or repeats these.
"""

from clv.feature_catalogue import EMAIL_COUNTS, FIRST_DAYS, FIRST_DAYS_WEB_COUNTS, WEB_COUNTS

ACQUISITION = (
    "country",
    "acquisition_channel",
    "campaign",
    "device",
    "marketing_consent",
    "signup_age_days",
    "tenure_days",
)

FIRST_BASKET = (
    "first_order_net_eur",
    "first_order_value_band",
    "first_order_discount_share",
    "first_order_voucher",
    "first_order_weekday",
    "first_order_category",
    "first_order_lines",
    "first_order_units",
    "distinct_skus",
    "distinct_brand",
    "distinct_category",
    "payment_method_last",
    "device_last",
    "refund_share",
    "cancelled_share",
    "margin_share_365d",
)

ENGAGEMENT_DAYS = (30, 90)
"""Windows before t₀ that an early-stage customer may fill; none is older than 90 days."""

ENGAGEMENT = (
    *(
        f"first_{FIRST_DAYS}d_{name}"
        for name in (*FIRST_DAYS_WEB_COUNTS, "sessions", *EMAIL_COUNTS.values(), "complete")
    ),
    *(
        f"{name}_{days}d"
        for name in (*WEB_COUNTS.values(), "sessions", *EMAIL_COUNTS.values())
        for days in ENGAGEMENT_DAYS
    ),
    "installs",
    "days_since_web",
    "days_since_email_open",
    "days_since_email_click",
    "web_trend_90d",
    "web_mobile_share_365d",
)

EARLY_FEATURES = (*ACQUISITION, *FIRST_BASKET, *ENGAGEMENT)
