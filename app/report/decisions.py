"""What the report reads of decisions: the plan of the week, how it may turn out, and read-outs."""

import json
from dataclasses import dataclass, field
from datetime import date

from clv.lake import Lake
from clv.partitions import experiment_at, readouts_of
from decisions.decided import decided
from decisions.simulated import Simulation, of_week, simulated

DESIGN, READOUT = "design.json", "readout.json"


@dataclass(frozen=True)
class ReadOut:
    """The newest read-out of an experiment; day and verdict are None where nobody has read it."""

    experiment: str
    day: str | None
    verdict: str | None


@dataclass(frozen=True)
class Decisions:
    """Plan and experiments of a lake.

    plan : that of the week, else of the last `clv simulate`; None without either
    simulated : the last `clv simulate`, which alone has a frontier
    notes : why the weekly run made no plan
    """

    plan: Simulation | None = None
    simulated: Simulation | None = None
    notes: list[str] = field(default_factory=list)
    readouts: list[ReadOut] = field(default_factory=list)


def read_decisions(lake: Lake, as_of: date) -> Decisions:
    """Return what was decided on the scores of one t₀, with the experiments of the lake."""
    week, own = decided(lake, as_of), simulated(lake, as_of)
    notes = [] if week is None else list(week.told["notes"])
    return Decisions(of_week(week) or own, own, notes, _readouts(lake))


def _readouts(lake: Lake) -> list[ReadOut]:
    names = sorted(path.parent.name for path in lake.path("experiments").glob(f"*/{DESIGN}"))
    return [_readout(lake, name) for name in names]


def _readout(lake: Lake, name: str) -> ReadOut:
    days = lake.partitions(readouts_of(name), "as_of")
    if not days:
        return ReadOut(name, None, None)
    text = lake.committed_text(f"{experiment_at(name)}/readouts/as_of={days[-1]}", READOUT)
    return ReadOut(name, days[-1], json.loads(text or "{}").get("verdict"))
