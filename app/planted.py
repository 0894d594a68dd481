"""What planted faults did to the alarms of a rehearsal, as a table and in words."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import grid
from clv.errors import UserError

if TYPE_CHECKING:
    from step_functions.rehearsal.plants import Plant, Shown

EVERY = "all"


def chosen(names: Sequence[str]) -> tuple["Plant", ...]:
    """Return plants by name in the order in which they run; UserError for a name that is none."""
    # The interpreter takes seconds to load, and only the group `aws` has it all.
    from step_functions.rehearsal.plants import NAMES, PLANTS  # noqa: PLC0415

    unknown = sorted(set(names) - {EVERY, *NAMES})
    if unknown:
        raise UserError(f"--plant {unknown[0]}: no such fault; there are {', '.join(NAMES)}, {EVERY}")
    return tuple(plant for plant in PLANTS if EVERY in names or plant.name in names)


def plants_table(shown: Sequence["Shown"]) -> Table:
    """Return, for each plant, the alarm it must raise, the figure of that before and after, and the rest."""
    rows = [
        [
            one.plant.name,
            one.plant.alarm,
            f"{_figure(one.before)} → {_figure(one.after)}",
            "ALARM" if one.fired else "not raised",
            ", ".join(one.besides) or "none",
            ", ".join(one.unexpected) or "none",
        ]
        for one in shown
    ]
    return grid("Planted faults", ["fault", "alarm", "figure", "state", "besides", "unexpected"], rows)


def told(shown: Sequence["Shown"]) -> list[dict[str, Any]]:
    """Return what the table says for JSON."""
    return [
        {
            "fault": one.plant.name,
            "what": one.plant.what,
            "alarm": one.plant.alarm,
            **{name: value for name, value in asdict(one).items() if name != "plant"},
        }
        for one in shown
    ]


def verdict(shown: Sequence["Shown"]) -> str:
    """Return in one line whether every fault raised its alarm and no other."""
    wrong = [one.plant.name for one in shown if not one.as_wanted]
    if wrong:
        return f"planted faults: not as they should be: {', '.join(wrong)}"
    return f"planted faults: {len(shown)} of {len(shown)} raised their alarm, and no other was raised"


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
