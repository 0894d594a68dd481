"""What a person should read of a run: one line for each flag."""

from collections.abc import Iterator

from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW
from monitoring.hindsight import warnings
from monitoring.metrics import Judged
from monitoring.seen import Seen
from monitoring.verdicts import Breach, breaches


def notes(seen: Seen) -> list[str]:
    """Return a line for each flag: of the models in force, of closed horizons, of open ones."""
    found = [line for model in seen.models for line in _of_model(model)]
    for one in seen.matured:
        found += [f"scores of {one.evaluation_as_of}: {_said(breach)}" for breach in breaches(one.figures)]
    return [*found, *_early(seen)]


def _of_model(model: Judged) -> Iterator[str]:
    if model.unjudged:
        yield f"{model.segment}: the model in force could not be judged: {model.unjudged}"
    for breach in breaches(model.figures):
        yield f"{model.segment}: {_said(breach)}"


def _early(seen: Seen) -> Iterator[str]:
    for row in warnings(seen.hindsight).itertuples():
        yield (
            f"scores of {row.scored_as_of}, {row.segment}: {row.ratio:.3f} of what should have come by day "
            f"{row.days} came ({row.ratio_low:.3f} to {row.ratio_high:.3f}); limit "
            f"[{CALIBRATION_LOW}, {CALIBRATION_HIGH}]"
        )


def _said(breach: Breach) -> str:
    found = "undefined, for nothing came" if breach.found is None else f"{breach.found:.3f}"
    said = f"{breach.indicator} of {breach.segment} is {found}; limit {breach.limit}"
    return said if breach.sure else f"{said}; perhaps by luck: {_end(breach.low)} to {_end(breach.high)}"


def _end(bound: float | None) -> str:
    return "unbounded" if bound is None else f"{bound:.3f}"
