"""The tables of an experiment (`decisions.experiment`): who is in which arm, and what it taught."""

from clv.schema import Column, Table

_EXPERIMENT = Column("experiment", "string", "its name, also of its campaign", required=True, nullable=False)
_STRATUM = (
    Column("country", "string", "market of the customer", required=True, nullable=False),
    Column(
        "value_band", "string", "low, medium or high, by decile of clv_eur", required=True, nullable=False
    ),
    Column("acquisition_channel", "string", "how the customer came", required=True, nullable=False),
)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "boolean", meaning, required=True, nullable=False)


def _eur(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "EUR")


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int64", meaning, "customers", required=True, nullable=False)


ARMS = Table(
    "experiment_arms",
    "one member of an experiment: all who had an order and marketing consent at t₀, contacted or not",
    ("experiment", "customer_id"),
    (
        _EXPERIMENT,
        Column(
            "design", "string", "digest of the design that it was drawn by", required=True, nullable=False
        ),
        Column("customer_id", "string", "the customer", required=True, nullable=False),
        Column(
            "arm",
            "string",
            "which rule decides",
            required=True,
            nullable=False,
            values=("control", "treatment"),
        ),
        *_STRATUM,
        Column("device", "string", "device class"),
        Column("segment", "string", "early or established", required=True, nullable=False),
        Column(
            "rfm_tier", "string", "gold, silver or bronze by the RFM rule; empty for none", nullable=False
        ),
        _flag("named_by_control", "the RFM rule would contact this customer"),
        _flag("named_by_treatment", "the CLV ranking would contact this customer"),
        _flag("contacted", "to be contacted: named by the rule of the own arm"),
        Column("propensity", "float64", "P(contacted) before arms were drawn", required=True, nullable=False),
        _eur("clv_eur", "score of t₀, the covariate of the read-out"),
        _eur("baseline_last_year_eur", "net revenue of the last 365 days × min(1, H/365)"),
        Column("recency_days", "int32", "days since the last counted order", "days"),
        Column("frequency", "int64", "repeat purchase days", "days"),
        Column("tenure_days", "int32", "days since the first counted order", "days"),
        Column("model_version", "string", "the model that scored the customer"),
    ),
)

UPLIFTS = Table(
    "experiment_uplifts",
    "one stratum of a read-out; revenue is winsorised, null where one side is empty",
    ("experiment", "country", "value_band", "acquisition_channel"),
    (
        _EXPERIMENT,
        Column("as_of", "date", "the day of the read-out", required=True, nullable=False),
        Column("finished", "boolean", "whether the window had ended", required=True, nullable=False),
        *_STRATUM,
        _count("n_control", "in the control"),
        _count("n_treatment", "in the treatment"),
        _eur("lift_eur", "revenue per customer, treatment less control"),
        _eur("lift_standard_error_eur", "of lift_eur"),
        _eur("lift_shrunk_eur", "lift_eur drawn to the mean of all strata"),
        _count("n_contacted", "named by one rule alone, and contacted"),
        _count("n_not_contacted", "named by one rule alone, and not contacted"),
        _eur("contact_uplift_eur", "revenue per customer of those, contacted less not contacted"),
        _eur("contact_uplift_standard_error_eur", "of contact_uplift_eur"),
        _eur("contact_uplift_shrunk_eur", "contact_uplift_eur drawn to the mean of all strata"),
    ),
)
