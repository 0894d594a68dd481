"""The metrics of one run: rows for the lake and for CloudWatch, named by `clv.indicators`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv.indicators import ALL, BY_NAME, model_value
from monitoring.figures import Figures, bounded, together, whole
from monitoring.hindsight import warnings
from monitoring.verdicts import (
    breaches,
    calibration_breaches,
    judged,
    mape_breaches,
    sure,
    worst_calibration_gap,
    worst_mape_ratio,
)

ADDED = ("BreachedSegments", "HighRiskSegments", "FlaggedSegments", "MaterialSegments")
WORST = ("WorstCalibrationGap", "WorstMapeRatio", "ModelAgeDays", "EvaluationAgeDays")
"""How both models together are told: counts are added, of the others the greatest counts."""


@dataclass(frozen=True)
class Metric:
    """One figure; `model` and `segment` are the values of its dimensions, empty where it has none."""

    name: str
    value: float
    model: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Judged:
    """A model in force: the t₀ it was trained for, the t₀ it was judged at, and its figures there.

    Where nothing could be judged there are no figures, and `unjudged` says why.
    """

    segment: str
    trained_as_of: date
    evaluation_as_of: date | None
    figures: tuple[Figures, ...]
    unjudged: str = ""


def metrics_of(values: Mapping[str, float | None], model: str = "", segment: str = "") -> list[Metric]:
    """Return metrics by name; an undefined figure is none."""
    return [Metric(name, float(v), model, segment) for name, v in values.items() if v is not None]


def segment_metrics(model: Judged, horizon_days: int) -> list[Metric]:
    """Return the figures of the bounded list of a model's segments."""
    name = model_value(model.segment, horizon_days)
    return [
        metric for found in bounded(model.figures) for metric in metrics_of(_said(found), name, found.segment)
    ]


def model_metrics(model: Judged, as_of: date, horizon_days: int) -> list[Metric]:
    """Return the aggregates of one model at the t₀ of the scores; of a model not judged only its age."""
    values: dict[str, float | None] = {"ModelAgeDays": (as_of - model.trained_as_of).days}
    everyone = whole(model.figures)
    if model.evaluation_as_of is not None and everyone is not None:
        values |= {
            "EvaluationAgeDays": (as_of - model.evaluation_as_of).days,
            "BreachedSegments": len(sure(calibration_breaches(model.figures))),
            "HighRiskSegments": len(sure(mape_breaches(model.figures))),
            "FlaggedSegments": len({breach.segment for breach in breaches(model.figures)}),
            "MaterialSegments": len(judged(model.figures)),
            "WorstCalibrationGap": worst_calibration_gap(model.figures),
            "WorstMapeRatio": worst_mape_ratio(model.figures),
            "GlobalMape": everyone.mape,
            "GlobalCalibrationRatio": everyone.calibration_ratio,
        }
    return metrics_of(values, model_value(model.segment, horizon_days))


def metrics_of_all(models: Sequence[Judged], as_of: date, horizon_days: int) -> list[Metric]:
    """Return the aggregates of all models together; nothing where there is no model."""
    own = [metric for model in models for metric in model_metrics(model, as_of, horizon_days)]
    values: dict[str, float | None] = {}
    for metric in own:
        if metric.name in ADDED:
            values[metric.name] = (values.get(metric.name) or 0.0) + metric.value
        elif metric.name in WORST:
            values[metric.name] = max(values.get(metric.name) or 0.0, metric.value)
    wholes = [found for model in models if (found := whole(model.figures)) is not None]
    if wholes:
        everyone = together(wholes, ALL, ALL)
        values |= {"GlobalMape": everyone.mape, "GlobalCalibrationRatio": everyone.calibration_ratio}
    return metrics_of(values, model_value(ALL, horizon_days))


def hindsight_metrics(matured: Sequence[Judged], hindsight: pd.DataFrame) -> list[Metric]:
    """Return how many flags are sure: of the newest closed horizon, and of open ones (`hindsight`)."""
    closed = sure(breaches(matured[-1].figures)) if matured else []
    return metrics_of({"MaturedBreaches": len(closed), "EarlyWarnings": len(warnings(hindsight))})


def metric_frame(metrics: Iterable[Metric], as_of: date, horizon_days: int) -> pd.DataFrame:
    """Return the table `metrics`, a row per metric."""
    rows = [
        {
            "as_of": as_of,
            "horizon_days": horizon_days,
            "metric": metric.name,
            "model": metric.model,
            "segment": metric.segment,
            "value": metric.value,
            "unit": BY_NAME[metric.name].unit,
        }
        for metric in metrics
    ]
    return pd.DataFrame(rows)


def _said(found: Figures) -> dict[str, float | None]:
    return {
        "CalibrationRatio": found.calibration_ratio,
        "Mape": found.mape,
        "Rmse": found.rmse,
        "NormalisedGini": found.gini_normalised,
        "Customers": found.customers,
    }
