"""Every feature column once: its type, meaning and unit, and which of them a model reads."""

from clv.schema import Column, Table, Type
from clv.segments import SEGMENTS

ORDER_WINDOWS_DAYS = (30, 90, 180, 365)
ENGAGEMENT_WINDOWS_DAYS = (30, 90, 365)
TREND_DAYS = 180
FIRST_DAYS = 30
"""The first days after the first order, [first order day, first order day + 30)."""

VALUE_BAND_EDGES_EUR = (20, 50, 100, 200, 500)
"""Fixed, so that a band means the same at every t₀; half-open, the last one without end."""

VALUE_BANDS = ("0-20", "20-50", "50-100", "100-200", "200-500", "500+")

MOBILE_DEVICES = ("mobile", "app")

WEB_COUNTS = {"view": "web_views", "search": "searches", "add_to_cart": "add_to_carts", "login": "logins"}
EMAIL_COUNTS = {"open": "email_opens", "click": "email_clicks"}
FIRST_DAYS_WEB_COUNTS = ("web_views", "searches", "add_to_carts")


def _days(name: str, meaning: str) -> Column:
    return Column(name, "int32", meaning, "days")


def _count(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "int64", meaning, unit)


def _eur(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "EUR")


def _ratio(name: str, meaning: str, unit: str = "share") -> Column:
    return Column(name, "float64", meaning, unit)


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


_KEY = (
    Column("customer_id", "string", "identifies the customer", nullable=False),
    Column("as_of", "date", "t₀, the first day of the future", nullable=False),
    Column("segment", "string", "lead, early or established", nullable=False, values=SEGMENTS),
)

_ACCOUNT = (
    _text("country", "market of the account, else of the first order"),
    _text("acquisition_channel", "how the customer came"),
    _text("campaign", "campaign that brought the customer"),
    _text("device", "device class at signup, else of the first order"),
    Column("marketing_consent", "boolean", "may be contacted"),
    _days("signup_age_days", "from signup to t₀"),
    _days("market_age_days", "from the launch of the customer's market to t₀; negative before it"),
)

_RHYTHM = (
    _days("recency_days", "from the day of the last order to t₀"),
    _days("tenure_days", "from the day of the first order, without one from signup, to t₀"),
    _days("t_x_days", "from the day of the first order to the day of the last"),
    _count("orders_all", "counted orders", "orders"),
    _count("frequency", "distinct days with an order, less the first", "days"),
    *(_count(f"orders_{d}d", f"orders in [t₀ − {d} d, t₀)", "orders") for d in ORDER_WINDOWS_DAYS),
    _count(f"orders_trend_{TREND_DAYS}d", "orders_180d less orders in [t₀ − 360 d, t₀ − 180 d)", "orders"),
    _ratio("gap_mean_days", "mean gap between successive order days", "days"),
    _ratio("gap_spread_days", "population standard deviation of the gaps, from two gaps on", "days"),
    _days("gap_max_days", "longest gap between successive order days"),
    _days("gap_first_days", "from the first order day to the second"),
    _ratio("recency_to_gap", "recency_days / gap_mean_days", "ratio"),
)

_MONEY = (
    *(_eur(f"monetary_{d}d_eur", f"net ledger entries of [t₀ − {d} d, t₀)") for d in ORDER_WINDOWS_DAYS),
    _eur("monetary_all_eur", "net ledger entries, refunds and cancellations included"),
    _eur("monetary_previous_365d_eur", "net ledger entries of [t₀ − 730 d, t₀ − 365 d)"),
    _ratio(
        f"monetary_trend_{TREND_DAYS}d",
        "(a − b) / (|a| + |b|): a = monetary_180d_eur, b = the same of [t₀ − 360 d, t₀ − 180 d)",
        "−1 to 1",
    ),
    _ratio("refund_share", "refunded over sold, by ledger entries of these two kinds"),
    _ratio("cancelled_share", "cancelled over sold, by ledger entries of these two kinds"),
    _eur("spend_mean_eur", "mean net value of an order"),
    _eur("spend_repeat_mean_eur", "mean net value of the orders after the first"),
    _eur("spend_max_eur", "largest net value of an order"),
    _ratio("spend_spread", "population standard deviation over mean, from two orders on", "ratio"),
    _eur("margin_365d_eur", "net less cost of orders in [t₀ − 365 d, t₀), where all of them have a cost"),
    _ratio("margin_share_365d", "margin_365d_eur over the net value of these orders"),
)

_BASKET = (
    _ratio("units_mean", "units per order", "pieces"),
    _ratio("lines_mean", "lines per order", "lines"),
    _count("distinct_skus", "different products ordered", "products"),
    *(
        column
        for name in ("category", "brand")
        for column in (
            _text(f"top_{name}", f"{name} with the highest net value, ties to the first by name"),
            _ratio(f"top_{name}_share", f"its share of the net value of lines whose {name} is known"),
            _count(f"distinct_{name}", f"different values of {name} ordered"),
            _ratio(f"{name}_concentration", f"Herfindahl index of net value by {name}", "0 to 1"),
        )
    ),
    _ratio("discount_share_all", "discount over gross value"),
    _ratio("discount_order_share", "orders with a discount"),
    _ratio("voucher_order_share", "orders with a voucher"),
    _text("payment_method_last", "payment method of the last order"),
    _text("device_last", "device class of the last order"),
    _ratio("mobile_order_share", "orders from mobile or app, of those whose device is known"),
)

_FIRST_ORDER = (
    _eur("first_order_net_eur", "net value of the first order"),
    Column("first_order_value_band", "string", "band of first_order_net_eur", "EUR", values=VALUE_BANDS),
    _ratio("first_order_discount_share", "discount over gross value of the first order"),
    Column("first_order_voucher", "boolean", "first order with a voucher"),
    Column("first_order_weekday", "int32", "day of the week, Monday 0"),
    Column("first_order_month", "int32", "month, January 1"),
    _text("first_order_category", "category with the highest net value in the first order"),
    _count("first_order_lines", "lines of the first order", "lines"),
    _count("first_order_units", "units of the first order", "pieces"),
    _count("first_order_day_orders", "orders on the day of the first order", "orders"),
)

_WEB_NAMES = (*WEB_COUNTS.values(), "sessions")
_ENGAGEMENT = (
    *(
        _count(f"{name}_{d}d", f"{name} in [t₀ − {d} d, t₀)".replace("_", " "))
        for name in (*_WEB_NAMES, *EMAIL_COUNTS.values())
        for d in ENGAGEMENT_WINDOWS_DAYS
    ),
    _count("installs", "installations of the app"),
    _days("days_since_web", "from the last day with a web event to t₀"),
    _days("days_since_email_open", "from the last opened e-mail to t₀"),
    _days("days_since_email_click", "from the last click in an e-mail to t₀"),
    _ratio(
        "web_trend_90d",
        "(a − b) / (a + b): a = web events a day in the last 30 days, b = in the 60 days before",
        "−1 to 1",
    ),
    _ratio("web_mobile_share_365d", "web events from mobile or app in [t₀ − 365 d, t₀)"),
)

_FIRST_DAYS = (
    *(
        _count(
            f"first_{FIRST_DAYS}d_{name}", f"{name} in [first order day, + {FIRST_DAYS} d)".replace("_", " ")
        )
        for name in ("orders", *FIRST_DAYS_WEB_COUNTS, "sessions", *EMAIL_COUNTS.values())
    ),
    Column(f"first_{FIRST_DAYS}d_complete", "boolean", "these 30 days lie before t₀ as a whole"),
)

_SEASON = (
    _ratio("t0_month_sin", "sine of the month of t₀ on a circle of twelve", "−1 to 1"),
    _ratio("t0_month_cos", "cosine of the month of t₀ on a circle of twelve", "−1 to 1"),
    _days("t0_days_to_black_friday", "from t₀ to the next Black Friday, 0 on it"),
)

FEATURES = Table(
    "features",
    "one customer at as_of; a session is a day with at least one web event of the customer",
    ("customer_id", "as_of"),
    (
        *_KEY,
        *_ACCOUNT,
        *_RHYTHM,
        *_MONEY,
        *_BASKET,
        *_FIRST_ORDER,
        *_ENGAGEMENT,
        *_FIRST_DAYS,
        *_SEASON,
    ),
)

_NUMERIC_TYPES: tuple[Type, ...] = ("int32", "int64", "float64", "boolean")

NUMERIC = tuple(c.name for c in FEATURES.columns if c.type in _NUMERIC_TYPES)
"""Model inputs that are numbers; booleans count as 0 and 1."""

CATEGORICAL = tuple(c.name for c in FEATURES.columns[len(_KEY) :] if c.type == "string")
"""Model inputs that are names; top_brand and campaign may have many values."""

CALENDAR = (*(c.name for c in _SEASON), "market_age_days", "first_order_month", "campaign")
"""Model inputs that follow the calendar, whatever customers do: campaigns too end, and others begin."""
