"""The figures a training prints for SageMaker, one per line, and the patterns that find them in its log."""

from collections.abc import Mapping

TRAINING_METRICS: Mapping[str, str] = {
    "validation-gini": "gini_normalised",
    "validation-calibration": "calibration_ratio",
    "validation-rmse": "rmse",
    "validation-mae": "mae",
}
"""Name in SageMaker → name in `clv.metrics`; out of time, on the segment's customers."""

METRIC_DEFINITIONS: tuple[Mapping[str, str], ...] = tuple(
    {"Name": name, "Regex": f"{name}:(-?[0-9.]+)"} for name in TRAINING_METRICS
)
"""As CreateTrainingJob takes them."""


def metric_lines(figures: Mapping[str, float | None]) -> list[str]:
    """Return the lines to print; a figure that is missing or undefined has none."""
    known = {name: figures.get(metric) for name, metric in TRAINING_METRICS.items()}
    return [f"{name}:{value:.6f}" for name, value in known.items() if value is not None and value == value]  # noqa: PLR0124
