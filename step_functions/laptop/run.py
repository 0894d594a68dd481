"""The weekly run on a laptop: the deployed state machine, executed in this process on a lake on disk."""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from clv.errors import UserError
from clv.lake import Lake
from clv.models.grown_once import grown_once
from clv.scratch import scratch
from clv.segments import SCORED
from clv.settings import Settings
from step_functions.laptop import cloud
from step_functions.laptop.jobs import Jobs
from step_functions.laptop.machine import Ended, execute
from step_functions.laptop.registry import Registry
from step_functions.laptop.runners import FUNCTIONS, GLUE, InProcess

DEFINITION = Path(__file__).parents[1] / "weekly.asl.json"
PREFIX = "clv"
HELD = "AnotherRunIsAtWork"
BLANK = {
    "ModelImage": "xgboost",
    "CodeFolder": "of this checkout",
    "KmsKey": "none",
    "TrainingInstance": "ml.m5.large",
    "TransformInstance": "ml.m5.large",
    "CatalogueDatabase": "",
    "MetricNamespace": "",
}
"""Placeholders that mean nothing on a laptop; an empty database or namespace switches its use off."""


def run_machine(
    lake: Lake,
    run_id: str,
    as_of: date,
    settings: Settings,
    asked: dict[str, Any],
    say: Callable[[str], None],
) -> Ended:
    """Execute the weekly state machine under the name `run_id` and return how it ended.

    `asked` is the rest of the execution's input: train, replace, until.

    Raises
    ------
    Exception
        What the failing job itself raised.
    UserError
        If another run is at work or the machine refuses to go on, such as without an approved model.
    """
    home = Lake.at(lake.path("").resolve())  # manifests name files by their whole path
    given = {
        "as_of": as_of.isoformat(),
        "scheduled_time": f"{as_of}T00:00:00Z",
        "settings": json.loads(settings.to_json()),
        **asked,
    }
    registry = Registry(home)
    groups = [f"{PREFIX}-{segment}-{settings.horizon_days}" for segment in SCORED]
    with grown_once(), scratch("jobs", home.path("")) as folder:
        jobs = Jobs(InProcess(folder, say, registry.save).runners())
        with cloud.cloud(jobs, {"CLV_PROCESS": str(os.getpid())}):
            registry.load(groups)
            role = cloud.role(PREFIX)
            text = DEFINITION.read_text(encoding="utf-8")
            definition = cloud.substituted(text, _values(home, role))
            told = _comments(json.loads(definition))
            ended = execute(definition, role, run_id, given, lambda state: say(f"{state}: {told[state]}"))
    return _checked(ended, jobs, home)


def _values(lake: Lake, role: str) -> dict[str, str]:
    """Create what the definition names and return its placeholders' values."""
    jobs = {
        f"{verb.capitalize()}Job": cloud.glue_job(verb, role, {"--verb": verb, "--engine": "duckdb"})
        for verb in GLUE
    }
    functions = {f"{name.capitalize()}Function": cloud.function(name, role) for name in FUNCTIONS}
    roles = {"TrainingRole": role, "TransformRole": role}
    return {"LakeRoot": lake.root, "RegistryPrefix": PREFIX, **BLANK, **roles, **jobs, **functions}


def _comments(machine: dict[str, Any]) -> dict[str, str]:
    """Return what each state says it does, those of branches too."""
    found: dict[str, str] = {}
    for name, state in machine["States"].items():
        found[name] = state.get("Comment", "")
        for branch in state.get("Branches", []):
            found |= _comments(branch)
    return found


def _checked(ended: Ended, jobs: Jobs, lake: Lake) -> Ended:
    """Return a success; raise what ended anything else."""
    if ended.status == "SUCCEEDED":
        if ended.states[-1] == HELD:
            raise UserError(f"{lake.root}: {ended.output['holder']} is at work; wait for it")
        return ended
    own = jobs.first_error()
    if own is not None:
        raise own
    raise UserError(f"{ended.error}: {ended.cause}")
