"""The segment report: every monitored group of the models in force and of the scores whose horizon closed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd

from clv.monitoring_tables import SEGMENT_REPORT
from monitoring.figures import Figures, whole
from monitoring.metrics import Judged
from monitoring.verdicts import at_risk, judged, outside, surely_at_risk, surely_outside

EVALUATION, MATURED = "evaluation", "matured"


def report_frame(
    models: Sequence[Judged], matured: Sequence[Judged], as_of: date, horizon_days: int
) -> pd.DataFrame:
    """Return the table `segment_report` of a run.

    models : as trainings judged them, out of time
    matured : published scores whose horizon has closed, judged by what came
    """
    sources = [(EVALUATION, one) for one in models] + [(MATURED, one) for one in matured]
    rows = [
        {"as_of": as_of, "horizon_days": horizon_days, "source": source, **row}
        for source, one in sources
        for row in _rows(one)
    ]
    return pd.DataFrame(rows, columns=list(SEGMENT_REPORT.names))


def _rows(one: Judged) -> list[dict[str, Any]]:
    everyone = whole(one.figures)
    if everyone is None:
        return []
    counted = {(found.dimension, found.value) for found in judged(one.figures)}
    return [
        {
            "model": one.segment,
            "judged_as_of": one.evaluation_as_of,
            **asdict(found),
            **_flags(found, everyone.mape, judged=(found.dimension, found.value) in counted),
        }
        for found in one.figures
    ]


def _flags(found: Figures, mape_of_all: float | None, *, judged: bool) -> dict[str, bool]:
    risky = mape_of_all is not None and at_risk(found, mape_of_all)
    return {
        "out_of_calibration": judged and outside(found),
        "surely_out_of_calibration": judged and surely_outside(found),
        "high_risk": judged and risky,
        "surely_high_risk": judged and risky and surely_at_risk(found),
    }
