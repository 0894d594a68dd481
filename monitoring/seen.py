"""What one run of monitoring has found out, for its tables, metrics, notes and page."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from monitoring.departures import Departures
from monitoring.metrics import Judged
from monitoring.spread import Spread


@dataclass(frozen=True)
class Seen:
    """Findings of a run.

    models : those in force, as their training judged them
    matured : published scores whose horizon has closed, oldest first, both segments together
    hindsight : the table of that name
    spreads : Lorenz curves of forecasts, oldest first, and of what came
    departed : drift and faults of the data
    overlap : of treatments, by decile; None without any
    """

    models: Sequence[Judged]
    matured: Sequence[Judged]
    hindsight: pd.DataFrame
    spreads: Sequence[Spread]
    departed: Departures
    overlap: pd.DataFrame | None
