"""What a person should read of a run: one line for each flag."""

from collections.abc import Iterator

from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW
from monitoring.hindsight import warnings
from monitoring.metrics import Judged
from monitoring.seen import Seen
from monitoring.verdicts import Breach, breaches, news, sure


def notes(seen: Seen) -> list[str]:
    """Return a line for each sure flag, and one for those that may be luck: of models, of earlier scores.

    A pair of which a side is flagged has no line of its own.
    """
    found = []
    for model in seen.models:
        if model.unjudged:
            found.append(f"{model.segment}: the model in force could not be judged: {model.unjudged}")
        found += _of(model.segment, model)
    for one in seen.matured:
        found += _of(f"scores of {one.evaluation_as_of}", one)
    return [*found, *_early(seen)]


def _of(who: str, model: Judged) -> Iterator[str]:
    found = breaches(model.figures)
    for breach in news(found):
        yield f"{who}: {_said(breach)}"
    luck = len(found) - len(sure(found))
    if luck:
        yield f"{who}: {luck} more outside a limit, perhaps by luck; see the table segment_report"


def _early(seen: Seen) -> Iterator[str]:
    for row in warnings(seen.hindsight).itertuples():
        yield (
            f"scores of {row.scored_as_of}, {row.segment}: {row.ratio:.3f} of what should have come by day "
            f"{row.days} came ({row.ratio_low:.3f} to {row.ratio_high:.3f}); limit "
            f"[{CALIBRATION_LOW}, {CALIBRATION_HIGH}]"
        )


def _said(breach: Breach) -> str:
    found = "undefined, for nothing came" if breach.found is None else f"{breach.found:.3f}"
    return f"{breach.indicator} of {breach.segment} is {found}; limit {breach.limit}"
