"""A published week once more, with other runners: some jobs do their work, all else is committed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from step_functions.laptop.jobs import Runners
from step_functions.rehearsal.rehearse import Deployed, Rehearsal, run_week


def working(real: Runners, verbs: Collection[str]) -> Runners:
    """Return runners whose Glue jobs do the work of some verbs only."""

    def glue(name: str, arguments: Mapping[str, str]) -> None:
        if name.removeprefix("clv-") in verbs:
            real.glue(name, arguments)

    return replace(real, glue=glue)


def run_with(
    stacks: Deployed, runners: Runners, as_of: date, name: str, more: Mapping[str, Any]
) -> Rehearsal:
    """Run a week with other runners than the deployed ones; see `run_week`."""
    before, stacks.jobs.runners = stacks.jobs.runners, runners
    try:
        return run_week(stacks, as_of, name, more)
    finally:
        stacks.jobs.runners = before
