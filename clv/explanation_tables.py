"""The published table of all drivers of some customers' forecasts."""

from clv.schema import Column, Table

EXPLANATIONS = Table(
    "explanations",
    "one driver of the forecast of one sampled customer of t₀; with driver_start_eur of the customer's score "
    "the drivers add up to its clv_eur",
    ("customer_id", "as_of", "driver"),
    (
        Column("customer_id", "string", "the customer", required=True, nullable=False),
        Column("as_of", "date", "t₀ is this day at 00:00 UTC", required=True, nullable=False),
        Column("horizon_days", "int32", "length of the horizon", "days", required=True, nullable=False),
        Column("segment", "string", "early or established", required=True, nullable=False),
        Column("driver", "string", "in words, as in scores", required=True, nullable=False),
        Column("feature", "string", "features or priors column of the value; null without one"),
        Column("value", "float64", "that of the customer, where it is a number; its unit is the column's"),
        Column("value_text", "string", "that of the customer, where it is a name, yes or no"),
        Column(
            "eur",
            "float64",
            "what the driver adds to clv_eur, or takes away",
            "EUR",
            required=True,
            nullable=False,
        ),
        Column("model_version", "string", "the model that said so", required=True, nullable=False),
    ),
)
