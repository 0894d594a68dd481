"""The tables of monitoring: segments of customers, and what earlier scores said against what came."""

from clv.schema import Column, Table

_AS_OF = Column("as_of", "date", "t₀ of the run", required=True, nullable=False)
_HORIZON = Column("horizon_days", "int32", "length of the horizon", "days", required=True, nullable=False)

SEGMENT_REPORT = Table(
    "segment_report",
    "one monitored group of customers: what was forecast of it and what came",
    ("as_of", "source", "model", "judged_as_of", "dimension", "value"),
    (
        _AS_OF,
        _HORIZON,
        Column(
            "source",
            "string",
            "evaluation: out of time, by a training; matured: published scores whose horizon has closed",
            required=True,
            nullable=False,
            values=("evaluation", "matured"),
        ),
        Column("model", "string", "early or established; all for both", required=True, nullable=False),
        Column("judged_as_of", "date", "t₀ of the forecasts", required=True, nullable=False),
        Column("dimension", "string", "such as country, or country × channel", required=True, nullable=False),
        Column("value", "string", "such as DE, or DE × search", required=True, nullable=False),
        Column("customers", "int64", "customers with a forecast", required=True, nullable=False),
        Column("share_of_customers", "float64", "of all judged with it"),
        Column("share_of_revenue", "float64", "of all judged with it"),
        Column("predicted_eur", "float64", "sum of the forecasts", "EUR"),
        Column("actual_eur", "float64", "sum of what came", "EUR"),
        Column("mean_predicted_eur", "float64", "forecast per customer", "EUR"),
        Column("mean_actual_eur", "float64", "what came per customer", "EUR"),
        Column("calibration_ratio", "float64", "predicted over actual; null where nothing came"),
        Column("calibration_low", "float64", "lower end of its 95 % interval; null if unbounded"),
        Column("calibration_high", "float64", "upper end of its 95 % interval; null if unbounded"),
        Column("rmse", "float64", "root mean squared error", "EUR"),
        Column("mae", "float64", "mean absolute error", "EUR"),
        Column("mape", "float64", "mean relative error over customers with at least EUR 1"),
        Column("mape_share", "float64", "share of customers with at least EUR 1"),
        Column("mape_ratio", "float64", "mape over that of everybody"),
        Column("mape_ratio_low", "float64", "lower end of its 95 % interval"),
        Column("mape_ratio_high", "float64", "upper end of its 95 % interval"),
        Column("wape", "float64", "sum of absolute errors over the sum of what came"),
        Column("gini_normalised", "float64", "ranking; null below 50 customers"),
        Column("capture_top10", "float64", "revenue share of the highest tenth; null below 50 customers"),
        Column("material", "boolean", "large enough to be judged", required=True, nullable=False),
        Column("out_of_calibration", "boolean", "ratio outside the limits", required=True, nullable=False),
        Column("surely_out_of_calibration", "boolean", "its interval too", required=True, nullable=False),
        Column("high_risk", "boolean", "mape ratio above the limit", required=True, nullable=False),
        Column("surely_high_risk", "boolean", "its interval too", required=True, nullable=False),
    ),
)

HINDSIGHT = Table(
    "hindsight",
    "one segment of earlier scores after so many days: what was expected by then and what came",
    ("as_of", "scored_as_of", "segment", "days"),
    (
        _AS_OF,
        _HORIZON,
        Column("scored_as_of", "date", "t₀ of the scores", required=True, nullable=False),
        Column("segment", "string", "early, established, or all", required=True, nullable=False),
        Column("days", "int32", "days since that t₀", "days", required=True, nullable=False),
        Column("customers", "int64", "customers with a forecast", required=True, nullable=False),
        Column("said_eur", "float64", "their forecasts for the whole horizon", "EUR"),
        Column("came_eur", "float64", "their net revenue by then, as known then", "EUR"),
        Column("expected_eur", "float64", "what of the forecasts usually comes by then", "EUR"),
        Column("expected_share", "float64", "expected_eur over said_eur"),
        Column("years", "int32", "years of that season the share is from; 0: of any season"),
        Column("ratio", "float64", "came_eur over expected_eur"),
        Column("ratio_low", "float64", "lower end of its 95 % interval"),
        Column("ratio_high", "float64", "upper end of its 95 % interval"),
        Column("flag", "boolean", "ratio outside the limits", required=True, nullable=False),
        Column("sure", "boolean", "its interval too", required=True, nullable=False),
    ),
)
