"""Verb: read how a plan of one t₀ may turn out: that of the week, or of the last `clv simulate`."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from clv.decision_tables import FRONTIER, PROFIT_DRAWS, SENSITIVITY, SPEND_CURVE
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import simulation_at
from decisions.decided import Decided
from decisions.outlook import TABLES
from decisions.plan_budget import SUMMARY


@dataclass(frozen=True)
class Simulation:
    """A plan as its summary tells it, with the tables of what it may bring.

    frontier : None in the weekly run, which does not wait for it
    """

    told: dict[str, Any]
    spend_curve: pd.DataFrame
    sensitivity: pd.DataFrame
    draws: pd.DataFrame
    frontier: pd.DataFrame | None = None


def simulated(lake: Lake, as_of: date) -> Simulation | None:
    """Return the last `clv simulate` of one t₀, None where nobody has run it."""
    place = simulation_at(as_of)
    text = lake.committed_text(place, SUMMARY)
    if text is None:
        return None
    tables = (SPEND_CURVE, SENSITIVITY, PROFIT_DRAWS, FRONTIER)
    rows = [read_frame(lake.files(place, f"{table.name}/")) for table in tables]
    return Simulation(json.loads(text), *rows)


def of_week(found: Decided | None) -> Simulation | None:
    """Return the plan of the week, None where there is none or it was made without these tables."""
    if found is None or found.told["plan"] is None or not found.has(PROFIT_DRAWS):
        return None
    return Simulation(found.told["plan"], *(found.table(table) for table in TABLES))
