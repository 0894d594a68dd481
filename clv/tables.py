"""The tables the project writes, beside the features (`clv.feature_catalogue`)."""

from clv import base_tables, decision_tables, experiment_tables
from clv.contracts import RAW_TABLES, TREATMENT_PURPOSES
from clv.explanation_tables import EXPLANATIONS
from clv.feature_catalogue import FEATURES
from clv.monitoring_tables import HINDSIGHT, SEGMENT_REPORT
from clv.schema import Column, Table

DRIFT_KINDS = ("number", "name", "score")
DRIFT_FLAGS = ("stable", "shifted", "drifted", "missing")
ENTRY_KINDS = ("sale", "refund", "cancellation", "restatement")

_CUSTOMER = Column("customer_id", "string", "the customer", required=True, nullable=False)
_AS_OF = Column("as_of", "date", "t₀ is this day at 00:00 UTC", required=True, nullable=False)
_HORIZON = Column("horizon_days", "int32", "length of the horizon", "days", required=True, nullable=False)
_NULL = "null where too little has closed to estimate it"
_INTERVAL = (
    Column("clv_median_eur", "float64", f"median of the same; {_NULL}", "EUR"),
    Column("clv_low_eur", "float64", f"lower end of the 80 % interval; {_NULL}", "EUR"),
    Column("clv_high_eur", "float64", f"upper end of the 80 % interval; {_NULL}", "EUR"),
)
_DRIVERS = (
    Column("driver_start_eur", "float64", "clv_eur of the typical customer, from which drivers count", "EUR"),
    *(
        column
        for place, rank in enumerate(("largest", "second largest", "third largest"), start=1)
        for column in (
            Column(f"driver_{place}", "string", f"{rank} driver of clv_eur, in words"),
            Column(f"driver_{place}_eur", "float64", "what it adds to clv_eur, or takes away", "EUR"),
        )
    ),
)

LEDGER = Table(
    "ledger",
    "one signed amount; the sum of the entries known at an instant is what was known then",
    ("entry_id",),
    (
        Column("entry_id", "string", "identifies the entry", required=True, nullable=False),
        Column("order_id", "string", "the order it belongs to, where known"),
        Column("customer_id", "string", "whose revenue it is; null for a guest"),
        Column("entry_ts", "timestamp", "the date of the revenue", "UTC", required=True, nullable=False),
        Column("known_ts", "timestamp", "from when on it is known", "UTC", required=True, nullable=False),
        Column("kind", "string", "what it is", required=True, nullable=False, values=ENTRY_KINDS),
        Column(
            "amount_eur_cents", "int64", "net revenue, signed", "EUR cents", required=True, nullable=False
        ),
        Column("country", "string", "market of the order"),
        Column("channel", "string", "how the customer came"),
    ),
)

LABELS = Table(
    "labels",
    "one non-lead customer of t₀, with what came in the horizon as known when it closed",
    ("customer_id", "as_of", "horizon_days"),
    (
        _CUSTOMER,
        _AS_OF,
        _HORIZON,
        Column("label_eur", "float64", "net revenue in [t₀, t₀ + H)", "EUR", required=True, nullable=False),
        Column(
            "label_orders", "int32", "counted orders in [t₀, t₀ + H)", "orders", required=True, nullable=False
        ),
    ),
)

WEIGHTS = Table(
    "weights",
    "one non-lead customer of t₀ whom a campaign's log names in the horizon; others count once",
    ("customer_id", "as_of", "horizon_days"),
    (
        _CUSTOMER,
        _AS_OF,
        _HORIZON,
        Column("weight", "float64", "how often the row counts in training", required=True, nullable=False),
    ),
)

PRIORS = Table(
    "priors",
    "one non-lead customer of t₀, with the label-free forecasts that need all of them at once",
    ("customer_id", "as_of", "horizon_days"),
    (
        _CUSTOMER,
        _AS_OF,
        _HORIZON,
        Column("btyd_clv_eur", "float64", "expected net revenue in the horizon", "EUR"),
        Column("btyd_p_active", "float64", "P(at least one order in the horizon)"),
        Column("btyd_expected_orders", "float64", "expected purchase days in the horizon", "orders"),
        Column("btyd_expected_spend_eur", "float64", "expected net revenue per purchase day", "EUR"),
        Column("trailing_clv_eur", "float64", "last year, rescaled to the total of btyd_clv_eur", "EUR"),
    ),
)

FORECASTS = Table(
    "forecasts",
    "one non-lead customer of t₀, with what the model of its segment says",
    ("customer_id", "as_of", "horizon_days"),
    (
        _CUSTOMER,
        _AS_OF,
        _HORIZON,
        Column("clv_eur", "float64", "expected net revenue in the horizon", "EUR"),
        *_INTERVAL,
        Column("p_active", "float64", "P(at least one order in the horizon)"),
        *_DRIVERS,
        Column("model_version", "string", "the model that said so"),
    ),
)

SCORES = Table(
    "scores",
    "one customer of t₀; money is null for leads",
    ("customer_id", "as_of"),
    (
        _CUSTOMER,
        _AS_OF,
        _HORIZON,
        Column("segment", "string", "lead, early or established", required=True, nullable=False),
        Column("clv_eur", "float64", "expected net revenue in the horizon", "EUR"),
        *_INTERVAL,
        Column("p_active", "float64", "P(at least one order in the horizon)"),
        Column(
            "baseline_last_year_eur", "float64", "net revenue of the last 365 days × min(1, H/365)", "EUR"
        ),
        Column("decile", "int32", "10 = highest clv_eur, over non-leads, ties by customer_id"),
        Column("country", "string", "market of the customer"),
        Column("acquisition_channel", "string", "how the customer came"),
        Column("device", "string", "device class"),
        Column("recency_days", "int32", "days since the last counted order", "days"),
        Column("frequency", "int64", "repeat purchase days", "days"),
        Column("monetary_365d_eur", "float64", "net revenue of the last 365 days", "EUR"),
        Column("tenure_days", "int32", "days since the first counted order", "days"),
        *_DRIVERS,
        Column("model_version", "string", "the model that said so; null for leads"),
    ),
)

PLANS = Table(
    "plans",
    "one customer whom a campaign's draw at t₀ could contact, or of the standing holdout, and why",
    ("customer_id", "campaign", "as_of"),
    (
        _CUSTOMER,
        _AS_OF,
        Column("campaign", "string", "the campaign", required=True, nullable=False),
        Column("segment", "string", "early or established", required=True, nullable=False),
        Column("decile", "int32", "of the scores of t₀, 10 = highest", required=True, nullable=False),
        Column("clv_eur", "float64", "expected net revenue in the horizon", "EUR", nullable=False),
        Column(
            "rule",
            "string",
            "top_clv above the cut, random below it, standing_holdout",
            required=True,
            nullable=False,
        ),
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
            "P(contacted) before the draw; 0 for the standing holdout alone",
            required=True,
            nullable=False,
        ),
        Column("cost_eur", "float64", "what contacting costs, 0 for a holdout", "EUR", nullable=False),
    ),
)

METRICS = Table(
    "metrics",
    "one monitored figure of a run, as `clv.indicators` declares it",
    ("as_of", "metric", "model", "segment"),
    (
        _AS_OF,
        _HORIZON,
        Column("metric", "string", "name of the indicator", required=True, nullable=False),
        Column(
            "model", "string", "such as early-365; empty where it has none", required=True, nullable=False
        ),
        Column(
            "segment", "string", "such as country=DE; empty where it has none", required=True, nullable=False
        ),
        Column("value", "float64", "the figure", required=True, nullable=False),
        Column("unit", "string", "unit as CloudWatch names it", required=True, nullable=False),
    ),
)

DRIFT = Table(
    "drift",
    "one variable of one segment's customers, against an earlier profile of them",
    ("as_of", "segment", "against", "variable"),
    (
        _AS_OF,
        _HORIZON,
        Column("segment", "string", "early or established", required=True, nullable=False),
        Column(
            "against",
            "string",
            "what the model in force was scored on first, or the last week watched",
            required=True,
            nullable=False,
            values=("model", "week_before"),
        ),
        Column("variable", "string", "column of features or scores", required=True, nullable=False),
        Column("kind", "string", "what it is", required=True, nullable=False, values=DRIFT_KINDS),
        Column("customers_before", "int64", "customers of the profile", required=True, nullable=False),
        Column("customers_now", "int64", "customers of this t₀", required=True, nullable=False),
        Column("missing_share_before", "float64", "empty cells then", "share"),
        Column("missing_share_now", "float64", "empty cells now", "share"),
        Column("missing_p_value", "float64", "of the difference of these shares, chi-square"),
        Column("missing_p_adjusted", "float64", "the same by Benjamini and Hochberg"),
        Column("psi", "float64", "population stability index; null without a known value"),
        Column("ks_distance", "float64", "Kolmogorov-Smirnov distance at the edges of the bins; numbers"),
        Column("chi_square", "float64", "Pearson's statistic of homogeneity of bins or levels"),
        Column(
            "p_value", "float64", "of the statistic; of a number twice the lesser of it and the distance's"
        ),
        Column("p_adjusted", "float64", "the same by Benjamini and Hochberg, among features or scores"),
        Column("flag", "string", "the verdict", required=True, nullable=False, values=DRIFT_FLAGS),
    ),
)

WRITTEN_TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        *(LEDGER, FEATURES, LABELS, WEIGHTS, PRIORS, FORECASTS, SCORES, EXPLANATIONS, PLANS, METRICS),
        *(SEGMENT_REPORT, HINDSIGHT, DRIFT),
    )
}
EXPERIMENT_TABLES: dict[str, Table] = {t.name: t for t in (experiment_tables.ARMS, experiment_tables.UPLIFTS)}
"""Written by `clv experiment`, on a laptop: the catalogue of the account does not list them."""
DECISION_TABLES: dict[str, Table] = {t.name: t for t in decision_tables.TABLES}
"""Written by `clv budget` and `clv simulate`, on a laptop; all but returns and frontier weekly too."""
BASE_TABLES: dict[str, Table] = {t.name: t for t in base_tables.TABLES}
"""Written by the weekly run for the dashboard, which alone reads them."""
ALL_TABLES: dict[str, Table] = {
    **RAW_TABLES,
    **WRITTEN_TABLES,
    decision_tables.AUDIENCE.name: decision_tables.AUDIENCE,
}
"""What the catalogue of the account lists."""
