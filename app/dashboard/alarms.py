"""Which limits the figures of a run pass, as `clv.indicators` declares them."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from clv.alarm_rules import Comparison, Indicator, Rule
from clv.indicators import BY_NAME

_PASSES: Mapping[Comparison, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}


@dataclass(frozen=True)
class Raised:
    """A figure beyond its limit; `model` is empty where the figure has none."""

    indicator: Indicator
    rule: Rule
    model: str
    value: float


def raised(metrics: pd.DataFrame) -> list[Raised]:
    """Return the figures of one run that are beyond their limits; of both models' together none.

    metrics : rows of the table `metrics`
    """
    found = []
    of_all = metrics[metrics.segment == ""]
    for metric, model, value in zip(of_all.metric, of_all.model, of_all.value, strict=True):
        indicator = BY_NAME.get(metric)
        rule = indicator.rule if indicator else None
        if indicator is None or rule is None or model.startswith("all-"):
            continue
        if _PASSES[rule.comparison](value, rule.limit):
            found.append(Raised(indicator, rule, model, value))
    return found
