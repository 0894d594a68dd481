"""The marketplace's frozen parameters, with their sources; "assumption" where there is none.

A change here changes every leaderboard on the marketplace: rerun them all, before and after.
"""

from dataclasses import dataclass
from datetime import date

START = date(2023, 7, 1)
END = date(2026, 7, 1)
"""Three years, END excluded; the raw tables are extracted at END, 00:00 UTC."""
HORIZON_DAYS = 365
BACKTEST_AS_OF = date(2025, 7, 1)
FINAL_AS_OF = END
TRUTH_AS_OF = (BACKTEST_AS_OF, FINAL_AS_OF)
CHUNK_CUSTOMERS = 10_000
"""Customers drawn and written at once: bounds the memory. Part of the result: each chunk has its own seed."""

# Markets
LATE_LAUNCH = date(2025, 2, 3)


@dataclass(frozen=True)
class Market:
    """A country; `activity`, `price_level` and `returns` multiply rate, basket and return probability."""

    country: str
    currency: str
    share: float
    vat: float
    vat_books: float
    activity: float
    price_level: float
    returns: float
    payment_methods: tuple[str, str, str]
    launch: date = START


# VAT: European Commission, Taxes in Europe Database (standard rate; rate on printed books); HM Revenue and
# Customs for GB; books are at zero in CZ since 2024. Returns: University of Bamberg, European Return-o-Meter
# 2022 (24 % of German parcels come back, the highest share in Europe). The rest is assumption.
MARKETS = (
    Market("DE", "EUR", 0.25, 0.19, 0.07, 1.05, 1.05, 1.5, ("invoice", "paypal", "card")),
    Market("FR", "EUR", 0.17, 0.20, 0.055, 1.00, 1.00, 0.9, ("card", "paypal", "bnpl")),
    Market("IT", "EUR", 0.12, 0.22, 0.04, 0.90, 0.95, 0.7, ("paypal", "card", "cash_on_delivery")),
    Market("NL", "EUR", 0.09, 0.21, 0.09, 1.05, 1.10, 1.2, ("ideal", "card", "bnpl")),
    Market("GB", "GBP", 0.16, 0.20, 0.00, 1.15, 1.05, 1.1, ("card", "paypal", "bnpl")),
    Market("SE", "SEK", 0.07, 0.25, 0.06, 1.00, 1.15, 1.0, ("bnpl", "card", "invoice")),
    Market("PL", "PLN", 0.09, 0.23, 0.05, 0.95, 0.70, 0.6, ("blik", "card", "cash_on_delivery")),
    Market(
        "CZ", "CZK", 0.05, 0.21, 0.00, 0.90, 0.75, 0.6, ("card", "cash_on_delivery", "paypal"), LATE_LAUNCH
    ),
)
PAYMENT_SHARES = (0.5, 0.3, 0.2)
SIGNUP_GROWTH_PER_YEAR = 0.10
PRICE_GROWTH_PER_YEAR = 0.024
"""Eurostat, HICP of the euro area: 2.4 % in 2024."""

# Seasons (assumptions on the shape; the dates are the calendar's)
SEASONS = ("general", "steady", "promo", "gift", "office")
WEEKDAYS = {
    "general": (1.08, 1.02, 1.00, 0.98, 0.92, 0.90, 1.10),
    "steady": (1.10, 1.03, 1.00, 1.00, 0.95, 0.87, 1.05),
    "promo": (1.05, 1.00, 1.00, 1.02, 1.05, 0.88, 1.00),
    "gift": (1.00, 0.98, 0.98, 0.98, 1.00, 0.98, 1.08),
    "office": (1.35, 1.40, 1.40, 1.30, 1.10, 0.20, 0.15),
}
PROMO_PERIODS = (((1, 2), 14), ((3, 18), 9), ((6, 20), 14), ((9, 16), 6), ((11, 10), 2))
"""((month, day), days) of the yearly promotions, besides Black Friday week."""
BLACK_FRIDAY_DAYS = 7

# Customers in kinds
CHANNELS = ("organic", "direct", "paid_search", "paid_social", "affiliate", "referral")
PAID_CHANNELS = ("paid_search", "paid_social", "affiliate")
UNTRACKED_SHARE = 0.02
CAMPAIGNS = ("brand", "prospecting", "welcome_voucher")
DEVICES = ("mobile", "desktop", "tablet", "app")
CATEGORIES = ("fashion", "home", "electronics", "beauty", "sports", "toys", "books", "pets")
BASE_CATEGORY_SHARES = (0.26, 0.17, 0.13, 0.12, 0.10, 0.08, 0.08, 0.06)
FAVOURITE_SHARE = 0.6
"""Share of the lines in the customer's favourite category; the others follow BASE_CATEGORY_SHARES."""


@dataclass(frozen=True)
class Kind:
    """One kind of customer: medians and shapes of what its customers draw for themselves.

    Orders arrive with a seasonal rate, lognormal over the kind. `stages` > 1 makes the gaps regular (Erlang);
    `half_life_days` lets the rate fade; `on_days`, `off_days` switch it; `follow_ups` is the mean number of
    orders each order sets off; `lifetime_days`, `lifetime_shape` are Weibull, from the first order on.
    """

    name: str
    share: float
    season: str
    orders_per_year: float
    orders_sigma: float
    basket_eur: float
    basket_sigma: float
    order_sigma: float
    orders_basket_correlation: float
    lines: float
    voucher_share: float
    consent: float
    visits_per_year: float
    channels: tuple[float, ...]
    campaigns: tuple[float, ...]
    devices: tuple[float, ...]
    categories: tuple[float, ...]
    quantity: float = 1.2
    stages: int = 1
    lifetime_days: float = float("inf")
    lifetime_shape: float = 1.0
    half_life_days: float = float("inf")
    on_days: float = float("inf")
    off_days: float = 1.0
    follow_ups: float = 0.0
    orders_at_signup: float = 0.85
    conversions_per_year: float = 5.0


# Assumptions, set so that the whole shows what is known of such shops: about half of the buyers buy once
# (CDNOW: 51 % of 23,570 buyers in 18 months) and the top tenth holds most of the revenue (Online Retail II:
# 69 % of a year's).
KINDS = (
    Kind(
        "one_off", 0.36, "general", 0.07, 0.8, 46, 0.75, 0.45, 0.0, 1.9, 0.30, 0.50, 11,
        (0.20, 0.12, 0.20, 0.27, 0.16, 0.05), (0.25, 0.45, 0.30), (0.55, 0.30, 0.08, 0.07),
        (0.25, 0.19, 0.20, 0.09, 0.09, 0.10, 0.06, 0.02),
    ),
    Kind(
        "window_shopper", 0.12, "general", 1.0, 0.6, 38, 0.6, 0.45, 0.0, 1.8, 0.40, 0.58, 28,
        (0.18, 0.10, 0.12, 0.40, 0.15, 0.05), (0.20, 0.60, 0.20), (0.62, 0.18, 0.08, 0.12),
        (0.36, 0.15, 0.14, 0.14, 0.08, 0.08, 0.03, 0.02),
        lifetime_days=700, lifetime_shape=0.8, orders_at_signup=0.0, conversions_per_year=0.08,
    ),
    Kind(
        "replenisher", 0.12, "steady", 9.5, 0.5, 34, 0.5, 0.30, -0.25, 2.4, 0.18, 0.66, 28,
        (0.28, 0.24, 0.20, 0.10, 0.06, 0.12), (0.40, 0.35, 0.25), (0.40, 0.28, 0.06, 0.26),
        (0.05, 0.14, 0.03, 0.30, 0.08, 0.02, 0.03, 0.35),
        stages=3, lifetime_days=850, lifetime_shape=0.85,
    ),
    Kind(
        "gift_buyer", 0.11, "gift", 2.3, 0.5, 58, 0.6, 0.50, 0.15, 2.2, 0.22, 0.55, 16,
        (0.26, 0.18, 0.22, 0.16, 0.10, 0.08), (0.40, 0.35, 0.25), (0.42, 0.40, 0.12, 0.06),
        (0.16, 0.14, 0.10, 0.15, 0.05, 0.24, 0.15, 0.01),
        lifetime_days=1600, lifetime_shape=1.3,
    ),
    Kind(
        "bargain_hunter", 0.13, "promo", 5.5, 0.6, 27, 0.5, 0.50, -0.15, 2.5, 0.65, 0.74, 28,
        (0.12, 0.08, 0.16, 0.24, 0.35, 0.05), (0.10, 0.25, 0.65), (0.56, 0.20, 0.06, 0.18),
        (0.36, 0.14, 0.14, 0.12, 0.08, 0.08, 0.04, 0.04),
        lifetime_days=420, lifetime_shape=0.7,
    ),
    Kind(
        "fading_loyalist", 0.08, "general", 18.0, 0.55, 46, 0.6, 0.50, 0.10, 2.3, 0.22, 0.72, 52,
        (0.28, 0.22, 0.10, 0.12, 0.06, 0.22), (0.45, 0.30, 0.25), (0.36, 0.18, 0.05, 0.41),
        (0.30, 0.17, 0.08, 0.16, 0.14, 0.05, 0.05, 0.05),
        half_life_days=260,
    ),
    Kind(
        "returning", 0.05, "general", 20.0, 0.5, 48, 0.6, 0.45, 0.0, 2.3, 0.25, 0.60, 38,
        (0.27, 0.20, 0.17, 0.16, 0.08, 0.12), (0.35, 0.40, 0.25), (0.48, 0.25, 0.07, 0.20),
        (0.18, 0.24, 0.10, 0.08, 0.18, 0.14, 0.06, 0.02),
        on_days=60, off_days=200, lifetime_days=2000, lifetime_shape=1.1,
    ),
    Kind(
        "business", 0.03, "office", 4.5, 0.6, 100, 0.8, 0.60, 0.20, 3.2, 0.10, 0.45, 20,
        (0.30, 0.22, 0.32, 0.04, 0.04, 0.08), (0.55, 0.30, 0.15), (0.12, 0.82, 0.03, 0.03),
        (0.03, 0.36, 0.34, 0.03, 0.06, 0.03, 0.13, 0.02),
        quantity=5.0, lifetime_days=1500, lifetime_shape=1.2, follow_ups=1.2,
    ),
)  # fmt: skip

MAX_ORDERS_PER_YEAR = 80.0
FOLLOW_UP_DAYS = 14.0
"""Mean delay of a follow-up order, exponential."""
LIFETIME_SIGMA = 0.4
HALF_LIFE_SIGMA = 0.6
SWITCH_SIGMA = 0.3
DRIFT_SIGMA = 0.12
"""Standard deviation of a customer's own growth of the basket, in logs per year."""
BIG_SPENDER_SHARE = 0.02
BIG_SPENDER_PARETO = 1.7
BIG_SPENDER_CAP = 15.0
"""A few customers' baskets are multiplied by a Pareto draw, cut off so that variances exist."""
GUEST_ORDERS_PER_CUSTOMER = 0.15

# Money
VOUCHERS = (("SAVE5", 0.05), ("SAVE10", 0.10), ("SAVE15", 0.15), ("SAVE20", 0.20), ("FLASH30", 0.30))
VOUCHER_SHARES = (0.15, 0.35, 0.25, 0.17, 0.08)
WELCOME_VOUCHER = ("WELCOME10", 0.10)
PROMO_LINE_SHARE = 0.5
PROMO_DEPTHS = (0.10, 0.20, 0.30, 0.40)
"""In a promotion, the share of lines marked down, and by how much (each equally likely)."""
CANCELLED_SHARE = 0.02
RETURN_SHARES = (0.28, 0.06, 0.06, 0.03, 0.09, 0.04, 0.02, 0.02)
"""By category, before the market's factor. University of Bamberg, returns research: fashion far ahead (46 %
in Germany), electronics, media and books in low single digits."""
MAX_RETURN_SHARE = 0.6
PARTIAL_REFUND_SHARE = 0.2
"""These pay back half of the line, the others all of it."""
LATE_REFUND_SHARE = 0.12
LATE_REFUND_AFTER_DAYS = 30.0
LATE_REFUND_MEAN_DAYS = 25.0
REFUND_SHAPE = 3.0
REFUND_MEAN_DAYS = 14.0
"""A refund comes a gamma time after the order (the EU's right of withdrawal: 14 days from delivery, 14 to pay
back), a late one an exponential time after the thirtieth day."""
LATE_RECORD_SHARE = 0.10
LATE_RECORD_DAYS = (7.0, 60.0)
"""Refunds that the source records only this long after paying them back."""
MARGINS = (0.48, 0.42, 0.18, 0.50, 0.38, 0.35, 0.28, 0.33)
PRODUCTS_PER_CATEGORY = 250
BRANDS_PER_CATEGORY = 12

# Engagement
VISIT_NOISE_SIGMA = 0.6
EVENTS_PER_VISIT = 3.0
EVENTS_PER_ORDER = 4.5
DORMANT_INTEREST = 0.12
NOVELTY_DAYS = 90.0
NOVELTY_FLOOR = 0.3
"""Interest fades from 1 at signup to this floor, whether or not the customer stays."""
VISIT_TYPES = (0.74, 0.06, 0.12, 0.08)
ORDER_VISIT_TYPES = (0.52, 0.26, 0.08, 0.14)
"""Shares of view, add_to_cart, search, login; Baymard Institute: 70 % of the carts are left behind."""
MAILS_PER_YEAR = 52.0
OPEN_SHARE = 0.45
OPENS_AT_VISITS_PER_YEAR = 25.0
"""The share of mails opened grows with the root of a kind's visits."""
CLICKS_PER_OPEN = 0.11
"""Mailchimp, e-mail marketing benchmarks by industry: opens 15–25 %, clicks 2–3 % of the mails sent."""
OPEN_NOISE_SIGMA = 0.6
DORMANT_OPENS = 0.35
OPT_OUT_SHARE = 0.08

# Faults, as shares of the rows (assumptions)
RESTATED_LINES = 0.004
REATTRIBUTED_ORDERS = 0.002
RESTATED_AFTER_DAYS = (1.0, 45.0)
DUPLICATED_ROWS = 0.0005
BAD_ROWS = 0.0004
"""Of each of the faults in app/world/faults.py."""
BAD_EVENTS = 0.0003
LATE_EVENTS = 0.01
