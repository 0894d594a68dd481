"""The tables that sum up the customer base of one t₀, small enough to be read at every look."""

from clv.schema import Column, Table


def _eur(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "EUR")


def _share(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "share")


_AS_OF = Column("as_of", "date", "t₀ of the scores", required=True, nullable=False)
_CUSTOMERS = Column("customers", "int64", "with a forecast", required=True, nullable=False)
_SEGMENT = Column("segment", "string", "early, established or lead", required=True, nullable=False)
_CLV = _eur("clv_eur", "expected net revenue in the horizon, all together")
_MEAN = _eur("mean_eur", "the same of each")
_LAST_YEAR = _eur("last_year_eur", "baseline_last_year_eur, all together")
_ACTIVE = _share("p_active", "mean probability of an order in the horizon")

BASE_TOTALS = Table(
    "base_totals",
    "everybody",
    ("as_of",),
    (
        _AS_OF,
        Column("horizon_days", "int32", "length of the horizon", "days", required=True, nullable=False),
        _CUSTOMERS,
        Column("leads", "int64", "without an order", required=True, nullable=False),
        _CLV,
        _MEAN,
        _eur("median_eur", "the same of the customer in the middle"),
        _LAST_YEAR,
        _eur("year_eur", "net revenue of the 365 days before, all together"),
        _ACTIVE,
    ),
)

BASE_DECILES = Table(
    "base_deciles",
    "one decile of the forecast",
    ("as_of", "decile"),
    (
        _AS_OF,
        Column("decile", "int32", "10 = highest", required=True, nullable=False),
        _CUSTOMERS,
        _CLV,
        _MEAN,
        _eur("last_year_mean_eur", "baseline_last_year_eur of each"),
        _ACTIVE,
        _share("share", "of the expected net revenue of all"),
    ),
)

BASE_CONCENTRATION = Table(
    "base_concentration",
    "one point of the curve of concentration, from the highest forecast down",
    ("as_of", "customers"),
    (
        _AS_OF,
        Column(
            "customers", "float64", "share of customers, 0 to 1 by hundredths", required=True, nullable=False
        ),
        _share("revenue", "of the expected net revenue of all that they hold"),
    ),
)

BASE_STAGES = Table(
    "base_stages",
    "one segment",
    ("as_of", "segment"),
    (
        _AS_OF,
        _SEGMENT,
        Column("customers", "int64", "in it", required=True, nullable=False),
        _CLV,
        _MEAN,
        _LAST_YEAR,
        _ACTIVE,
        Column("model_version", "string", "the model that scored most of them; null for leads"),
    ),
)

BASE_GROUPS = Table(
    "base_groups",
    "one country × acquisition channel of one segment",
    ("as_of", "segment", "country", "channel"),
    (
        _AS_OF,
        _SEGMENT,
        Column("country", "string", "market of the customers", required=True, nullable=False),
        Column("channel", "string", "how they came", required=True, nullable=False),
        _CUSTOMERS,
        _CLV,
    ),
)

TABLES = (BASE_TOTALS, BASE_DECILES, BASE_CONCENTRATION, BASE_STAGES, BASE_GROUPS)
