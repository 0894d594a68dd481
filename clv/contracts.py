"""The raw tables a lake may hold: the contract between who delivers data and everything else here.

Only `orders` and `order_lines` are mandatory. `docs/contracts.md` is rendered from this module.
"""

from clv.schema import Column, Reference, Table

WEB_EVENT_TYPES = ("view", "add_to_cart", "search", "login", "install")
EMAIL_EVENT_TYPES = ("open", "click")
EXPLOIT, EXPLORE, HOLDOUT = "exploit", "explore", "holdout"
TREATMENT_PURPOSES = (EXPLOIT, EXPLORE, HOLDOUT)

_RECORDED = Column(
    "recorded_ts", "timestamp", "when the source recorded this row; its event time where absent"
)
_VALID_FROM = Column("valid_from", "timestamp", "from when these attributes hold; always where absent")


def _id(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning, required=True, nullable=False)


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


def _ts(name: str, meaning: str) -> Column:
    return Column(name, "timestamp", meaning, unit="UTC", required=True, nullable=False)


def _amount(name: str, meaning: str, *, required: bool = True) -> Column:
    unit = "currency of the order"
    return Column(name, "money", meaning, unit, required=required, nullable=not required, at_least=0)


def _events(name: str, what: str, types: tuple[str, ...]) -> Table:
    columns = (
        _id("event_id", "identifies the event"),
        _id("customer_id", "who did it"),
        _ts("ts", "when it happened"),
        Column("type", "string", "what happened", required=True, nullable=False, values=types),
        _text("device", "device class, such as mobile or desktop"),
        _text("metadata_json", "anything else, as JSON; kept, not read"),
        _RECORDED,
    )
    references = (Reference("customer_id", "customers"),)
    return Table(name, f"one {what}", ("event_id",), columns, event_ts="ts", references=references)


ORDERS = Table(
    "orders",
    "one order, or one restatement of it",
    ("order_id",),
    (
        _id("order_id", "identifies the order"),
        Column("customer_id", "string", "who ordered; null for a guest", required=True),
        _ts("order_ts", "when it was placed"),
        Column(
            "currency", "string", "ISO 4217 code of all amounts of the order", required=True, nullable=False
        ),
        _text("country", "ISO 3166 code or name of the market"),
        _text("device", "device class, such as mobile or desktop"),
        _text("payment_method", "how it was paid"),
        _text("voucher_code", "voucher used, already spread over the lines"),
        Column("cancelled_ts", "timestamp", "when it was cancelled", unit="UTC"),
        _RECORDED,
    ),
    mandatory=True,
    event_ts="order_ts",
    references=(Reference("customer_id", "customers"),),
)

ORDER_LINES = Table(
    "order_lines",
    "one invoiced line of an order, or one restatement of it",
    ("order_id", "line_no"),
    (
        _id("order_id", "the order it belongs to"),
        Column("line_no", "int64", "position within the order", required=True, nullable=False),
        _text("sku", "product"),
        Column("quantity", "int64", "units sold", "pieces", required=True, nullable=False, at_least=0),
        _amount("gross_amount", "line total before discount, VAT included"),
        _amount("discount", "discount with its VAT, vouchers included"),
        _amount("tax", "VAT contained in gross_amount − discount"),
        _amount("unit_cost", "cost of one piece, without VAT", required=False),
        _RECORDED,
    ),
    mandatory=True,
    references=(Reference("order_id", "orders"),),
)

INVOICES = Table(
    "invoices",
    "the invoice of an order, which dates its lines",
    ("order_id",),
    (
        _text("invoice_id", "identifies the invoice"),
        _id("order_id", "the order it bills"),
        _ts("invoice_ts", "when it was issued: the date of the revenue"),
        _RECORDED,
    ),
    event_ts="invoice_ts",
    references=(Reference("order_id", "orders"),),
)

REFUNDS = Table(
    "refunds",
    "one refund, or one restatement of it",
    ("refund_id",),
    (
        _id("refund_id", "identifies the refund"),
        Column("customer_id", "string", "who was refunded; null for a guest", required=True),
        Column("order_id", "string", "the order refunded, where known"),
        Column("line_no", "int64", "the line refunded, where known"),
        _ts("refund_ts", "when it was paid back"),
        _amount("amount", "amount paid back, VAT included, positive"),
        _amount("tax", "VAT contained in amount"),
        Column("currency", "string", "ISO 4217 code of the amount", required=True, nullable=False),
        _RECORDED,
    ),
    event_ts="refund_ts",
    references=(Reference("order_id", "orders"), Reference("customer_id", "customers")),
)

CUSTOMERS = Table(
    "customers",
    "one customer, or its attributes from valid_from on",
    ("customer_id",),
    (
        _id("customer_id", "identifies the customer"),
        Column("signup_ts", "timestamp", "when the account was opened", unit="UTC"),
        _text("country", "market of the account"),
        _text("device", "device class at signup"),
        _text("acquisition_channel", "how the customer came"),
        _text("campaign", "campaign that brought the customer"),
        Column("marketing_consent", "boolean", "may be contacted"),
        _VALID_FROM,
    ),
    open_ended=True,
)

PRODUCTS = Table(
    "products",
    "one product, or its attributes from valid_from on",
    ("sku",),
    (
        _id("sku", "identifies the product"),
        _text("category", "product category"),
        _text("brand", "brand"),
        _VALID_FROM,
    ),
    open_ended=True,
)

FX_RATES = Table(
    "fx_rates",
    "one published rate",
    ("currency", "rate_date"),
    (
        _id("currency", "ISO 4217 code"),
        Column("rate_date", "date", "day of publication", required=True, nullable=False),
        Column("rate_per_eur", "float64", "units of the currency for one EUR", required=True, nullable=False),
    ),
)

WEB_EVENTS = _events("web_events", "action in the shop or the app", WEB_EVENT_TYPES)
EMAIL_EVENTS = _events("email_events", "reaction to an e-mail", EMAIL_EVENT_TYPES)

MARKETS = Table(
    "markets",
    "one market",
    ("country",),
    (
        _id("country", "market, as in orders.country"),
        Column("launch_date", "date", "first day of sales", required=True, nullable=False),
    ),
)

TREATMENTS = Table(
    "treatments",
    "one customer of one wave of a campaign, contacted or held out, or one restatement of it",
    ("treatment_id",),
    (
        _id("treatment_id", "identifies customer and wave"),
        _id("customer_id", "who was contacted, or held out"),
        _id("campaign", "the campaign, one name for all its waves"),
        _ts("treatment_ts", "when the wave went out"),
        _text("rule", "the rule that decided, such as top_clv or random"),
        Column(
            "purpose",
            "string",
            "exploit: contacted for the value; explore: contacted by lot; holdout: not contacted",
            required=True,
            nullable=False,
            values=TREATMENT_PURPOSES,
        ),
        Column(
            "propensity",
            "float64",
            "P(contacted) before the draw, whatever came of it: in (0, 1], below 1 for a holdout",
            required=True,
            nullable=False,
        ),
        Column(
            "cost",
            "money",
            "what contacting this customer cost, 0 for a holdout",
            "currency of the row",
            required=True,
            nullable=False,
            at_least=0,
        ),
        Column("currency", "string", "ISO 4217 code of the cost", required=True, nullable=False),
        _RECORDED,
    ),
    event_ts="treatment_ts",
    references=(Reference("customer_id", "customers"),),
)

RAW_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ORDERS,
        ORDER_LINES,
        INVOICES,
        REFUNDS,
        CUSTOMERS,
        PRODUCTS,
        FX_RATES,
        WEB_EVENTS,
        EMAIL_EVENTS,
        MARKETS,
        TREATMENTS,
    )
}
