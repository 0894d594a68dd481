"""What a monitored figure is and when it wakes somebody: the words of `clv.indicators`."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["None", "Count", "Seconds"]
"""CloudWatch's units that we use; shares, ratios and money have the unit None."""

Comparison = Literal["GreaterThanThreshold", "LessThanThreshold", "GreaterThanOrEqualToThreshold"]
Statistic = Literal["Maximum", "Minimum", "Sum"]
Missing = Literal["ignore", "notBreaching", "breaching"]

MODEL, SEGMENT = "Model", "Segment"
"""Dimensions of our own metrics."""

DAY_SECONDS = 86_400
_RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True)
class Rule:
    """When an indicator raises its alarm: one day's statistic against the limit.

    `missing` says what a day without data counts as. Weekly figures ignore it: the alarm keeps its state
    until the next run. `anchor` is the section of the runbook.
    """

    anchor: str
    comparison: Comparison
    limit: float
    statistic: Statistic = "Maximum"
    missing: Missing = "ignore"
    period_seconds: int = DAY_SECONDS
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1

    @property
    def runbook(self) -> str:
        """Return where the runbook says what to do."""
        return f"{_RUNBOOK}#{self.anchor}"


@dataclass(frozen=True)
class Indicator:
    """One monitored figure. An empty `namespace` is ours; otherwise AWS puts the metric."""

    name: str
    unit: Unit
    dimensions: tuple[str, ...]
    meaning: str
    rule: Rule | None = None
    namespace: str = ""


@dataclass(frozen=True)
class Alarm:
    """One alarm to deploy: an indicator with its rule and the values of its dimensions."""

    name: str
    indicator: Indicator
    rule: Rule
    dimensions: tuple[tuple[str, str], ...]

    @property
    def description(self) -> str:
        """Return what it means and where to read on, for the message that goes out."""
        return f"{self.indicator.meaning}. What to do: {self.rule.runbook}"
