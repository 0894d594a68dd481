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
    for one in metrics[metrics.segment == ""].itertuples():
        indicator = BY_NAME.get(str(one.metric))
        rule = indicator.rule if indicator else None
        if indicator is None or rule is None or str(one.model).startswith("all-"):
            continue
        if _PASSES[rule.comparison](float(one.value), rule.limit):
            found.append(Raised(indicator, rule, str(one.model), float(one.value)))
    return found
