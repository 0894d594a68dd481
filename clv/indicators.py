"""Every monitored figure once: name, unit, dimensions, meaning, and the limit at which it wakes somebody.

CloudWatch metrics, alarms, dashboard and runbook are made from these declarations; limits live only here.
A weekly metric costs little: CloudWatch bills a custom metric for the hours in which it is put.
"""

from collections.abc import Mapping
from types import MappingProxyType

from clv.alarm_rules import MODEL, SEGMENT, Alarm, Indicator, Rule
from clv.drift_indicators import DRIFT_FIGURES, FAULT_FIGURES
from clv.segments import SCORED

CALIBRATION_LOW, CALIBRATION_HIGH = 0.8, 1.2
"""A material segment's calibration ratio lies within, edges included."""

MAPE_LIMIT = 1.5
"""A material segment's MAPE is at most this many times that of all customers of its model."""

TOP_VALUES = 8
"""Values of a monitored dimension with own metrics, by revenue; the others are one value, `other`."""

ALL, OTHER = "all", "other"
MONITORED = ("stage", "country", "channel", "device", "clv_band")
"""What customers are split by; beside them stands the one segment `all`."""

STATE_MACHINE, QUEUE = "StateMachineArn", "QueueName"

_PER_SEGMENT = (MODEL, SEGMENT)

SEGMENT_FIGURES = (
    Indicator("CalibrationRatio", "None", _PER_SEGMENT, "Sum of forecasts over sum of what came"),
    Indicator("Mape", "None", _PER_SEGMENT, "Mean relative error over customers with at least EUR 1"),
    Indicator("Rmse", "None", _PER_SEGMENT, "Root mean squared error, EUR"),
    Indicator("NormalisedGini", "None", _PER_SEGMENT, "Ranking: Gini over that of the perfect ranking"),
    Indicator("Customers", "Count", _PER_SEGMENT, "Customers judged"),
)
"""By model and segment, of the newest out-of-time snapshot that the model in force was judged on."""

MODEL_FIGURES = (
    Indicator(
        "BreachedSegments",
        "Count",
        (MODEL,),
        f"Material segments with a calibration ratio surely outside [{CALIBRATION_LOW}, {CALIBRATION_HIGH}]",
        Rule("calibration", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "HighRiskSegments",
        "Count",
        (MODEL,),
        f"Material segments with a MAPE surely above {MAPE_LIMIT} times that of all customers",
        Rule("segment-error", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "FlaggedSegments", "Count", (MODEL,), "Material segments outside either limit, by luck or surely"
    ),
    Indicator(
        "ModelAgeDays",
        "Count",
        (MODEL,),
        "Days from the t₀ of the model in force to that of the scores",
        Rule("stale-model", "GreaterThanThreshold", 42),  # due at 28: two weekly trainings were refused
    ),
    Indicator(
        "WorstCalibrationGap", "None", (MODEL,), "Greatest |calibration ratio - 1| of a material segment"
    ),
    Indicator("WorstMapeRatio", "None", (MODEL,), "Greatest MAPE of a material segment over the global one"),
    Indicator(
        "MaterialSegments", "Count", (MODEL,), "Segments with 200 customers and 2 % of them or of revenue"
    ),
    Indicator("GlobalMape", "None", (MODEL,), "MAPE of all customers judged"),
    Indicator("GlobalCalibrationRatio", "None", (MODEL,), "Calibration ratio of all customers judged"),
    Indicator("EvaluationAgeDays", "Count", (MODEL,), "Days from the t₀ judged to that of the scores"),
)
"""By model; the model `all-H` stands for both together: counts added, worst of both."""

HINDSIGHT_FIGURES = (
    Indicator(
        "MaturedBreaches",
        "Count",
        (),
        "Material segments of the newest scores with a closed horizon that are surely outside either limit",
        Rule("matured", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "EarlyWarnings",
        "Count",
        (),
        "Segments of open horizons where what came is surely not what should have come by now",
        Rule("hindsight", "GreaterThanThreshold", 0),
    ),
)
"""Of scores published before, by what has come since."""

DATA_FIGURES = (
    Indicator(
        "QuarantinedRowShare",
        "None",
        (),
        "Greatest share of rows of a raw table in quarantine; a run stops at 5 %",
        Rule("quarantine", "GreaterThanThreshold", 0.02),
    ),
    Indicator(
        "QuarantinedMoneyShare",
        "None",
        (),
        "Greatest share of money of a raw table in quarantine; a run stops at 5 %",
        Rule("quarantine", "GreaterThanThreshold", 0.02),
    ),
    Indicator(
        "ReconciliationGap",
        "Count",
        (),
        "Customers missing from the scores, not expected there, there twice, or without a forecast",
        Rule("reconciliation", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "VolumeChange",
        "None",
        (),
        "Customers scored against the scores before, less 1",
        Rule("volume", "LessThanThreshold", -0.2, "Minimum"),  # customers do not leave: data is missing
    ),
    Indicator(
        "DecileMigrationShare",
        "None",
        (),
        "Share of customers moved by more than two deciles since the scores before; publishing stops at 5 %",
    ),
    Indicator("MissingShareWorst", "None", (), "Greatest share of empty cells of a column of the scores"),
    Indicator("RowsScored", "Count", (), "Customers with a forecast"),
)

RUN_FIGURES = (
    Indicator(
        "DaysSinceLastPublish",
        "Count",
        (),
        "Days since scores were published, put twice a day whether a run took place or not",
        Rule(
            "missed-run",
            "GreaterThanThreshold",
            7,
            missing="breaching",
            evaluation_periods=2,  # two days, so that neither a late run nor a late figure wakes anybody
            datapoints_to_alarm=2,
        ),
    ),
    Indicator("RunSeconds", "Seconds", (), "Seconds at work of the run's jobs, added up"),
    Indicator("CostEstimateEur", "None", (), "Estimated cost of the run, EUR"),
)

OVERLAP_FIGURES = (
    Indicator(
        "DecilesWithoutOverlap",
        "Count",
        (),
        "CLV deciles of which the treatments of 8 weeks leave contacted or held-out customers unseen",
        Rule("overlap", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "LeastEffectiveCustomers",
        "Count",
        (),
        "Least effective sample size (Kish) of the contacted or the held out of a CLV decile",
    ),
)
"""Only where treatments are delivered."""

_FAILED = Rule("failed-run", "GreaterThanThreshold", 0, "Sum", "notBreaching", period_seconds=3_600)

AWS_FIGURES = (
    Indicator(
        "ExecutionsFailed",
        "Count",
        (STATE_MACHINE,),
        "Runs that failed",
        _FAILED,
        "AWS/States",
    ),
    Indicator(
        "ExecutionsTimedOut",
        "Count",
        (STATE_MACHINE,),
        "Runs that took longer than they may",
        _FAILED,
        "AWS/States",
    ),
    Indicator(
        "ApproximateNumberOfMessagesVisible",
        "Count",
        (QUEUE,),
        "Starts that the schedule could not make",
        Rule("schedule", "GreaterThanThreshold", 0, "Maximum", "notBreaching", period_seconds=3_600),
        "AWS/SQS",
    ),
)
"""Put by AWS; the stack knows the values of their dimensions."""

INDICATORS = (
    SEGMENT_FIGURES
    + MODEL_FIGURES
    + HINDSIGHT_FIGURES
    + DRIFT_FIGURES
    + DATA_FIGURES
    + FAULT_FIGURES
    + OVERLAP_FIGURES
    + RUN_FIGURES
    + AWS_FIGURES
)
BY_NAME: Mapping[str, Indicator] = MappingProxyType({indicator.name: indicator for indicator in INDICATORS})


def model_value(segment: str, horizon_days: int) -> str:
    """Return the value of the dimension Model, such as `early-365`; `all` stands for both models."""
    return f"{segment}-{horizon_days}"


def segment_value(dimension: str, value: str) -> str:
    """Return the value of the dimension Segment, `all` or such as `country=DE`; CloudWatch takes ASCII."""
    text = ALL if dimension == ALL else f"{dimension}={value}"
    return text.encode("ascii", "backslashreplace").decode("ascii")


def alarms(horizon_days: int, of_stack: Mapping[str, str]) -> tuple[Alarm, ...]:
    """Return the alarms to deploy: by model where the indicator is, once otherwise.

    of_stack : values of the dimensions that AWS's own metrics have, `StateMachineArn` and `QueueName`.

    KeyError where one of them is missing.
    """
    found = []
    for of in INDICATORS:
        if of.rule is None:
            continue
        for segment in SCORED if MODEL in of.dimensions else ("",):
            values = {MODEL: model_value(segment, horizon_days), **of_stack}
            dimensions = tuple((name, values[name]) for name in of.dimensions)
            name = f"{of.name}-{segment}" if segment else of.name
            found.append(Alarm(name, of, of.rule, dimensions))
    return tuple(found)
