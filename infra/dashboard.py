"""The dashboard, read from top to bottom as a page of six questions."""

from collections.abc import Sequence
from typing import TypeAlias

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clv import indicators
from clv.alarm_rules import MODEL, SEGMENT
from clv.segments import SCORED
from infra import names

WIDTH = 24
HEIGHT = 6
QUARTER = "-P3M"
DAY, WEEK = Duration.days(1), Duration.days(7)

Line: TypeAlias = cloudwatch.HorizontalAnnotation


def dashboard(scope: Construct, horizon_days: int, watched: Sequence[cloudwatch.IAlarm]) -> None:
    """Deploy the dashboard of the models of one horizon."""
    page = cloudwatch.Dashboard(
        scope,
        "Dashboard",
        dashboard_name=names.DASHBOARD,
        start=QUARTER,
        period_override=cloudwatch.PeriodOverride.INHERIT,
    )
    for row in (
        _did_it_run(Stack.of(scope), watched),
        _is_the_data_sound(),
        _are_the_scores_good(horizon_days),
        _where_not(horizon_days),
        _has_the_world_changed(horizon_days),
        _what_did_it_cost(Stack.of(scope)),
    ):
        page.add_widgets(*row)


def _did_it_run(stack: Stack, watched: Sequence[cloudwatch.IAlarm]) -> list[cloudwatch.IWidget]:
    machine = {indicators.STATE_MACHINE: names.state_machine_arn(stack)}
    kinds = {
        "succeeded": "ExecutionsSucceeded",
        "failed": "ExecutionsFailed",
        "timed out": "ExecutionsTimedOut",
    }
    runs = [_of_aws("AWS/States", name, machine, label) for label, name in kinds.items()]
    return [
        _heading("Did it run?", "Scores come every week; a red alarm says what to do in docs/runbook.md."),
        cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(watched), width=8, height=HEIGHT),
        _graph("Runs a day", runs, 8),
        _graph(
            "Days since scores were published",
            [_ours("DaysSinceLastPublish", DAY)],
            8,
            _limit("DaysSinceLastPublish"),
        ),
    ]


def _is_the_data_sound() -> list[cloudwatch.IWidget]:
    shares = [_ours("QuarantinedRowShare", WEEK), _ours("QuarantinedMoneyShare", WEEK)]
    volume = [_ours("RowsScored", WEEK)]
    return [
        _heading(
            "Is the data sound?", "Quarantined input, cells without a value, customers lost on the way."
        ),
        _graph("Quarantined share of a raw table", shares, 6, _limit("QuarantinedRowShare")),
        _graph("Greatest share of empty cells", [_ours("MissingShareWorst", WEEK)], 6),
        _graph(
            "Customers lost or doubled", [_ours("ReconciliationGap", WEEK)], 6, _limit("ReconciliationGap")
        ),
        _graph("Customers scored", volume, 6),
    ]


def _are_the_scores_good(horizon_days: int) -> list[cloudwatch.IWidget]:
    age = _by_model("ModelAgeDays", horizon_days)
    return [
        _heading(
            "Are the scores good?",
            "Judged on the newest snapshot that had matured and that the model in force was not fitted on.",
        ),
        _graph(
            "Forecast over what came", _by_model("GlobalCalibrationRatio", horizon_days), 6, _calibration()
        ),
        _graph("Mean relative error", _by_model("GlobalMape", horizon_days), 6),
        _graph("Ranking (normalised Gini)", _overall("NormalisedGini", horizon_days), 6),
        _graph("Age of the model in force, days", age, 6, _limit("ModelAgeDays")),
    ]


def _where_not(horizon_days: int) -> list[cloudwatch.IWidget]:
    breached = _by_model("BreachedSegments", horizon_days)
    risky = _by_model("HighRiskSegments", horizon_days)
    earlier = {
        "Earlier scores: what came is not what should have by now": "EarlyWarnings",
        "Earlier scores: segments wrong by what came in the horizon": "MaturedBreaches",
    }
    return [
        _heading(
            "Where not?", "Stage, country, channel, device and value band; the greatest values have a line."
        ),
        *(_segments("CalibrationRatio", segment, horizon_days) for segment in SCORED),
        _graph("Material segments out of calibration", breached, 6, _limit("BreachedSegments")),
        _graph("Material segments with a great error", risky, 6, _limit("HighRiskSegments")),
        *(_graph(title, [_ours(name, WEEK)], 12, _limit(name)) for title, name in earlier.items()),
    ]


def _has_the_world_changed(horizon_days: int) -> list[cloudwatch.IWidget]:
    drifted, features, scores = (
        _by_model(name, horizon_days) for name in ("DriftedVariables", "WorstFeaturePsi", "ScorePsi")
    )
    return [
        _heading(
            "Has the world changed?",
            "Since the first scores of the model in force; docs/monitoring.md has the limits.",
        ),
        _graph("Drifted features and scores", drifted, 6, _limit("DriftedVariables")),
        _graph("Greatest PSI of a feature", features, 6),
        _graph("Greater PSI of the scores", scores, 6),
        _graph("Faults of the data", [_ours("DataFaults", WEEK)], 6, _limit("DataFaults")),
    ]


def _what_did_it_cost(stack: Stack) -> list[cloudwatch.IWidget]:
    machine = {indicators.STATE_MACHINE: names.state_machine_arn(stack)}
    took = [_of_aws("AWS/States", "ExecutionTime", machine, "wall clock, ms", "Maximum")]
    return [
        _heading(
            "What did it cost?",
            "An estimate from the run's own sizes and times; docs/costs.md has the formula.",
        ),
        _graph("Estimated cost of a run, EUR", [_ours("CostEstimateEur", WEEK)], 8),
        _graph("Seconds at work of all jobs", [_ours("RunSeconds", WEEK)], 8),
        _graph("Duration of a run", took, 8),
    ]


def _heading(title: str, text: str) -> cloudwatch.TextWidget:
    return cloudwatch.TextWidget(markdown=f"## {title}\n{text}", width=WIDTH, height=2)


def _graph(
    title: str, lines: Sequence[cloudwatch.IMetric], width: int, limits: Sequence[Line] = ()
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(lines),
        width=width,
        height=HEIGHT,
        left_annotations=list(limits),
        legend_position=cloudwatch.LegendPosition.BOTTOM,
    )


def _ours(
    name: str, period: Duration, dimensions: dict[str, str] | None = None, label: str = ""
) -> cloudwatch.Metric:
    of = indicators.BY_NAME[name]
    statistic = of.rule.statistic if of.rule else "Maximum"
    return cloudwatch.Metric(
        namespace=names.METRIC_NAMESPACE,
        metric_name=of.name,
        dimensions_map=dimensions or {},
        statistic=statistic,
        period=period,
        label=label or None,
    )


def _of_aws(
    namespace: str, name: str, dimensions: dict[str, str], label: str, statistic: str = "Sum"
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=DAY,
        label=label,
    )


def _by_model(name: str, horizon_days: int) -> list[cloudwatch.IMetric]:
    return [
        _ours(name, WEEK, {MODEL: indicators.model_value(segment, horizon_days)}, segment)
        for segment in SCORED
    ]


def _overall(name: str, horizon_days: int) -> list[cloudwatch.IMetric]:
    everyone = {SEGMENT: indicators.ALL}
    return [
        _ours(name, WEEK, {MODEL: indicators.model_value(segment, horizon_days), **everyone}, segment)
        for segment in SCORED
    ]


def _segments(name: str, segment: str, horizon_days: int) -> cloudwatch.GraphWidget:
    """Return a line for each customer segment, whichever the watch job has put."""
    model = indicators.model_value(segment, horizon_days)
    schema = f"{{{names.METRIC_NAMESPACE},{MODEL},{SEGMENT}}}"
    expression = (
        f"SEARCH('{schema} MetricName=\"{name}\" {MODEL}=\"{model}\"', 'Maximum', {int(WEEK.to_seconds())})"
    )
    found = cloudwatch.MathExpression(expression=expression, label="", period=WEEK, using_metrics={})
    return _graph(f"Forecast over what came: {segment} customers by segment", [found], 6, _calibration())


def _calibration() -> list[Line]:
    return [
        Line(value=indicators.CALIBRATION_LOW, label="lowest"),
        Line(value=indicators.CALIBRATION_HIGH, label="highest"),
    ]


def _limit(name: str) -> list[Line]:
    rule = indicators.BY_NAME[name].rule
    return [Line(value=rule.limit, label="alarm", color=cloudwatch.Color.RED)] if rule else []
